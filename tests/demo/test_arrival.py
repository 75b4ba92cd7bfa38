"""Whatever the order, grouping and repetition in which the recorded events arrive, the same comes out of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.clickhouse import client
from apps.core import clock
from apps.demo import recording, seeding
from apps.demo.outcome import EXPECTED_KINDS
from apps.demo.recording import Batch
from apps.demo.replay import as_one_run
from apps.demo.sending import Endpoint
from apps.incidents import tick
from apps.incidents.models import Incident
from apps.projects.models import Project
from tests.demo.arrivals import regrouped, shuffled, three_times

pytestmark = pytest.mark.django_db(transaction=True)

# `version` is the tick that wrote the row; the id and the project differ between the projects that are compared.
_SIGNALS = """
SELECT kind, definition_version, session_id, page_id, n, toUnixTimestamp64Milli(ts), toUnixTimestamp64Milli(ended_at),
       user_id, route, element, element_label, environment, release, device, count, detail, event_pages, event_ns
FROM signals FINAL
WHERE project_id = %(project)s AND NOT retracted
ORDER BY kind, session_id, page_id, n
"""
# The stored events once more, as those of another project, which arrived over four ticks in an order of their own.
_ARRIVE_OVER_FOUR_TICKS = """
INSERT INTO events
SELECT * REPLACE (
    %(to)s AS project_id, stored_at - toIntervalSecond(10 * (1 + cityHash64(page_id, n) %% 4)) AS stored_at
)
FROM (SELECT * FROM events WHERE project_id = %(from)s)
"""

End = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


@pytest.fixture(autouse=True)
def _own_data_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRK_DATA_DIR", str(tmp_path_factory.mktemp("demo")))


def test_three_times_shuffled_and_regrouped_gives_the_same_signals_and_incidents_as_once(
    live_server: LiveServer, clickhouse: None
) -> None:
    batches = _batches_of_a_run()
    arrivals = {
        "once": batches,
        "three times": three_times(batches),
        "shuffled": shuffled(batches, seed=1),
        "regrouped": regrouped(batches, seed=2),
        "all of it": shuffled(three_times(regrouped(batches, seed=3)), seed=4),
    }

    projects = {name: _send(arrival, live_server.url) for name, arrival in arrivals.items()}
    _run_ticks()

    ends = {name: _end_of(project) for name, project in projects.items()}
    kinds = {signal[0] for signal in ends["once"][0]}
    # Who cannot pay leaves behind an address that nobody is sent, and who reads about returns goes back at once. Both
    # are so, and no threshold of a new project.
    assert kinds == {*EXPECTED_KINDS, "form_abandoned", "quick_back"}
    assert len(ends["once"][1]) >= len(EXPECTED_KINDS)
    for name, end in ends.items():
        assert end == ends["once"], name


def test_arriving_over_several_ticks_gives_the_same_signals_and_incidents_as_all_at_once(
    live_server: LiveServer, clickhouse: None
) -> None:
    at_once = _send(_batches_of_a_run(), live_server.url)
    in_pieces = seeding.seed_unvisited().project
    assert in_pieces != at_once
    client.command(_ARRIVE_OVER_FOUR_TICKS, {"from": at_once.pk, "to": in_pieces.pk})

    assert _run_ticks() >= 4

    assert _end_of(in_pieces) == _end_of(at_once)


def _batches_of_a_run() -> list[Batch]:
    # Now, so that no browser's clock is more than 30 s off while all is sent: `ts` is then what the browser said.
    visits = as_one_run(recording.load(), run_id="run", starts_ms=clock.to_ms(clock.now()))
    return [batch for visit in visits for batch in visit.batches]


def _send(arrival: Sequence[Batch], url: str) -> Project:
    """A new project to which `arrival` was sent over HTTP."""
    demo = seeding.seed_unvisited()
    for batch in arrival:
        Endpoint(url, demo.key).send(batch.body)
    return demo.project


def _run_ticks() -> int:
    # A tick sees what was stored 3 s before it. Told a later time, it need not be waited for.
    return tick.run_due_ticks(0, 1, now=clock.now() + timedelta(seconds=20))


def _end_of(project: Project) -> End:
    incidents = Incident.objects.filter(project=project).select_related("threshold")
    return client.query(_SIGNALS, {"project": project.pk}), sorted(
        (
            incident.threshold.name,
            sorted(incident.group.items()),
            incident.state,
            incident.severity,
            incident.sentence,
            incident.breach_began_at,
        )
        for incident in incidents
    )
