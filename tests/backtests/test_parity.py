"""A span ticked live, then backtested with the same threshold, gives the same incidents: ids, times, words, traces."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from apps.backtests.backtest import Candidate, run
from apps.backtests.replay import Replayed, Span
from apps.clickhouse import client
from apps.core.clock import from_ms, to_ms
from apps.incidents.judging import policy_of
from apps.incidents.models import Incident, Transition
from apps.incidents.tick import run_due_ticks
from apps.projects.models import Project
from apps.thresholds.evaluation import from_json
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import GroupBy, Metric, Threshold
from tests.conftest import NOW
from tests.factories import EventRow, SignalRow, dead_clicks, make_cast, make_threshold, store_events, store_signals

NOW_MS = to_ms(NOW)
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
SPAN = Span(first_ms=NOW_MS, last_ms=NOW_MS + 2 * HOUR)

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


@pytest.fixture
def project(db: None) -> Project:
    return make_cast().project


def candidate_of(threshold: Threshold) -> Candidate:
    version = threshold.current_version
    assert version is not None
    return Candidate(rule_of(version), policy_of(version))


def backtested(threshold: Threshold, span: Span = SPAN) -> list[Replayed]:
    report = run(project_id=threshold.project_id, now=None, then=candidate_of(threshold), span=span)
    return list(report.difference.opens)


def as_lived(threshold: Threshold) -> Iterator[tuple[object, ...]]:
    for incident in Incident.objects.filter(threshold=threshold).order_by("opened_at", "id"):
        yield (
            str(incident.id),
            incident.state,
            incident.sentence,
            incident.group,
            from_json(incident.opening),
            from_json(incident.peak),
            to_ms(incident.opened_at),
            to_ms(incident.breach_began_at),
            to_ms(incident.breached_until),
            to_ms(incident.resolved_at) if incident.resolved_at else None,
            incident.opened_late,
            incident.regressions,
            [(to_ms(step.at), step.to_state, step.reason) for step in incident.transitions.all()],
        )


def as_replayed(incidents: list[Replayed]) -> Iterator[tuple[object, ...]]:
    for incident in incidents:
        yield (
            str(incident.id),
            incident.state,
            incident.sentence,
            dict(incident.group),
            incident.opening,
            incident.peak,
            incident.opened_ms,
            incident.began_ms,
            incident.until_ms,
            incident.resolved_ms,
            incident.late,
            incident.regressions,
            [(step.at_ms, step.state, step.reason) for step in incident.steps],
        )


def two_hours_of_traffic(project_id: int, random: Random) -> list[EventRow]:
    """Bursts on two pages: some on time, some hours late, some from clocks that run ahead, some over a tick's edge."""
    rows: list[EventRow] = []
    for visitor in range(16):
        at_ms = SPAN.first_ms + random.randrange(5_000, 2 * HOUR - 45 * MINUTE)
        late_ms = random.choice([1_500, 1_500, 4_000, 20_000, 40 * MINUTE])
        ahead_ms = random.choice([0, 0, 0, 25_000])
        page, person = random.choice(["/a", "/b"]), random.choice(["", "ann", "ben"])
        for step, click in enumerate(
            dead_clicks(project_id, at_ms=at_ms, stored_ms=0, clicks=random.randrange(2, 9), session_id=f"v{visitor}")
        ):
            # The batch is cut somewhere: what follows arrives 11 s later, and the burst grows in a later tick.
            cut_ms = 11_000 if step >= 4 else 0
            stored_ms = max(click.ts_ms + late_ms, SPAN.first_ms) + cut_ms - ahead_ms
            rows.append(replace(click, route=page, user_id=person, stored_ms=stored_ms))
    return rows


@pytest.mark.parametrize(
    "asks",
    [
        {"group_by": GroupBy.ROUTE_AND_ELEMENT, "at_least": 1, "window_seconds": 60, "quiet_seconds": 60},
        {"group_by": GroupBy.ROUTE, "at_least": 2, "window_seconds": 900, "quiet_seconds": 300},
        {"group_by": GroupBy.NOTHING, "metric": Metric.SIGNALS, "at_least": 4, "window_seconds": 600},
        {"group_by": GroupBy.ELEMENT, "metric": Metric.USERS, "at_least": 2, "window_seconds": 1800},
    ],
)
def test_the_incidents_of_a_backtest_are_those_that_were_lived(project: Project, asks: dict[str, Any]) -> None:
    threshold = make_threshold(project, signals=("rage_click", "dead_click"), **asks)
    run_due_ticks(0, 1, now=from_ms(SPAN.first_ms))
    store_events(two_hours_of_traffic(project.pk, Random(asks["window_seconds"])))
    # Catching up runs the very ticks that a live shard runs, and passes over those at which nothing happens.
    run_due_ticks(0, 1, now=from_ms(SPAN.last_ms))
    # Merges drop the versions that later ticks replaced.
    client.command("OPTIMIZE TABLE signals FINAL")

    lived = list(as_lived(threshold))

    assert lived
    assert list(as_replayed(backtested(threshold))) == lived


def test_a_signal_that_was_taken_back_opens_and_retracts_in_a_backtest_as_it_did(project: Project) -> None:
    threshold = make_threshold(project)
    run_due_ticks(0, 1, now=from_ms(SPAN.first_ms))
    signal = SignalRow(project.pk, NOW_MS + MINUTE, NOW_MS + MINUTE + 10 * SECOND)
    for tick in (signal, replace(signal, version=NOW_MS + 5 * MINUTE, retracted=True)):
        store_signals([tick])
        run_due_ticks(0, 1, now=from_ms(tick.version - 10 * SECOND))
        run_due_ticks(0, 1, now=from_ms(tick.version))
    client.command("OPTIMIZE TABLE signals FINAL")

    lived = list(as_lived(threshold))

    assert list(Transition.objects.values_list("to_state", flat=True)) == ["open", "resolved"]
    assert list(as_replayed(backtested(threshold, Span(first_ms=NOW_MS, last_ms=NOW_MS + 5 * MINUTE)))) == lived


def test_a_backtest_that_begins_later_knows_what_the_first_windows_hold(project: Project) -> None:
    threshold = make_threshold(project, window_seconds=900)
    store_signals([SignalRow(project.pk, NOW_MS - 10 * MINUTE, NOW_MS - 9 * MINUTE)])

    [incident] = backtested(threshold)

    assert (incident.opened_ms, incident.began_ms) == (NOW_MS, NOW_MS)
    assert incident.until_ms == NOW_MS + 5 * MINUTE
