"""Backtests of signal parameters as rows: asked for, carried out, called off; and that they touch nothing else."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.backtests import running
from apps.backtests.models import Backtest, State
from apps.clickhouse import client
from apps.core.clock import to_ms
from apps.detection.models import ParameterVersion
from apps.detection.settings import SenselessParametersError, save_parameters
from apps.incidents.models import EvaluatedShard, Incident, Transition
from apps.thresholds.models import Threshold, ThresholdVersion
from tests.conftest import HOUR, NOW, NOW_MS
from tests.factories import Cast, dead_clicks, make_threshold, store_events

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]

DRAFT = {"rage_click": {"min_clicks": 6}}


@pytest.fixture
def threshold(cast: Cast) -> Threshold:
    """One rage click is too many; there was one of five clicks, an hour ago. Ticks ran until NOW."""
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=NOW)
    store_events(dead_clicks(cast.project.pk, at_ms=NOW_MS - HOUR, stored_ms=NOW_MS - HOUR + 4_000))
    return make_threshold(cast.project)


def asked(cast: Cast) -> Backtest:
    return running.request_of_parameters(project=cast.project, draft=DRAFT, days=1, actor=cast.alice, at=NOW)


def everything_live() -> tuple[object, ...]:
    tables = "SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    models = (Incident, Transition, ThresholdVersion, Threshold, EvaluatedShard, ParameterVersion)
    return (
        client.query(tables),
        client.query("SELECT * FROM events ORDER BY ALL"),
        [list(model.objects.values()) for model in models],
    )


def test_it_says_what_would_not_open_any_more_and_writes_only_its_own_row(cast: Cast, threshold: Threshold) -> None:
    row = asked(cast)
    before = everything_live()

    running.carry_out(row.pk)

    row.refresh_from_db()
    assert (row.state, row.progress) == (State.DONE, 100)
    assert row.report is not None
    assert row.report["numbers"] == {"opens": 0, "closes": 1, "stays": 0}
    [kind] = row.report["kinds"]
    assert (kind["kind"], kind["now"]["signals"], kind["then"]["signals"]) == ("rage_click", 1, 0)
    [found] = row.report["thresholds"]
    assert found["threshold"] == threshold.pk
    assert found["closes"][0]["sentence"].startswith("“Pay now” on /checkout did not answer 5 clicks")
    assert found["closes"][0]["opening"]["trace"][0]["name"] == "sessions_at_least"
    assert everything_live() == before


def test_the_draft_is_compared_with_the_projects_own_numbers(cast: Cast, threshold: Threshold) -> None:
    save_parameters(project=cast.project, values=DRAFT, actor=cast.alice, at=NOW - timedelta(days=2))
    row = running.request_of_parameters(project=cast.project, draft={}, days=1, actor=cast.alice, at=NOW)

    running.carry_out(row.pk)

    row.refresh_from_db()
    assert row.report is not None
    assert row.report["numbers"] == {"opens": 1, "closes": 0, "stays": 0}


def test_one_that_was_called_off_is_not_carried_out(cast: Cast, threshold: Threshold) -> None:
    row = asked(cast)
    assert running.cancel(asked=row, actor=cast.alice)

    running.carry_out(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report) == (State.CANCELLED, None)


def test_asking_anew_calls_the_last_one_off_and_leaves_that_of_a_threshold_alone(
    cast: Cast, threshold: Threshold
) -> None:
    draft = {"signals": ["rage_click"], "at_least": 2}
    of_threshold = running.request(threshold=threshold, draft=draft, days=1, actor=cast.alice, at=NOW)
    first, second = asked(cast), asked(cast)

    for row in (first, of_threshold):
        row.refresh_from_db()
    assert (first.state, second.state, of_threshold.state) == (State.CANCELLED, State.WAITING, State.WAITING)


def test_only_engineers_ask_call_off_and_put_in_force(cast: Cast, threshold: Threshold) -> None:
    row = asked(cast)
    for person in (cast.bob, cast.charlie):
        with pytest.raises(running.NotAllowedError):
            running.request_of_parameters(project=cast.project, draft=DRAFT, days=1, actor=person, at=NOW)
        with pytest.raises(running.NotAllowedError):
            running.cancel(asked=row, actor=person)
        with pytest.raises(running.NotAllowedError):
            running.put_in_force(row, actor=person, at=NOW)
    assert Backtest.objects.get().state == State.WAITING
    assert not ParameterVersion.objects.exists()


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        ({"rage_click": {"min_clicks": 1}}, "whole number of clicks from 2"),
        ({"rage_click": {"clicks": 3}}, "no parameter “clicks”"),
        ({"rage_click": {"answer_kinds": 3}}, "list of names"),
    ],
)
def test_a_senseless_draft_is_refused_with_the_reason(
    cast: Cast, threshold: Threshold, draft: dict[str, dict[str, int]], says: str
) -> None:
    with pytest.raises(SenselessParametersError, match=says):
        running.request_of_parameters(project=cast.project, draft=draft, days=1, actor=cast.alice, at=NOW)


def test_a_span_leaves_time_before_it_of_which_events_are_kept(cast: Cast, threshold: Threshold) -> None:
    """Windows of 15 min, of signals in sessions of 24 h: two days are needed before the first tick."""
    cast.project.retention_days = 9
    cast.project.save()
    span = running.span_of_parameters(cast.project, running.in_force(cast.project), days=30, now=NOW)
    assert (span.first_ms, span.last_ms) == (to_ms(NOW - timedelta(days=7)), NOW_MS)
    cast.project.retention_days = 1
    assert running.span_of_parameters(cast.project, [], days=30, now=NOW).first_ms == to_ms(NOW - timedelta(days=1))


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("backtest", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_prints_the_difference_for_a_threshold_and_for_all_of_a_project(
    cast: Cast, threshold: Threshold
) -> None:
    change = ["--signal", "rage_click", "--set", "min_clicks=6", "--days", "1"]
    of_one = printed(str(threshold.pk), *change)
    assert "Rage click: 1 now, 0 by the draft; sessions: 1 now, 0 by the draft" in of_one
    assert "Would not open any more: 1\n  2026-11-23 11:00:10  “Pay now” on /checkout" in of_one
    assert printed("--project", str(cast.project.pk), *change) == of_one
    assert "nothing would change" in printed(str(threshold.pk), *change[:2])
    assert "no incident would be different" in printed(
        str(threshold.pk), "--signal", "dead_click", "--set", "answer_ms=9"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--signal", "rage"], "There is no signal “rage”. There are: copied_error, dead_click"),
        (["--signal", "rage_click", "--set", "min_clicks"], "Write NAME=VALUE"),
        (["--signal", "rage_click", "--set", "clicks=3"], "one of min_clicks, window_ms"),
        (["--signal", "rage_click", "--set", "min_clicks=x"], "whole number of clicks; got “x”"),
        (["--signal", "rage_click", "--set", "min_clicks=1"], "from 2 to"),
    ],
)
def test_the_command_says_what_is_wrong(threshold: Threshold, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("backtest", str(threshold.pk), *arguments, stderr=StringIO())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--signal", "rage_click"], "Name a threshold by its id, or a --project"),
        (["--project", "0", "--signal", "rage_click"], "There is no project 0"),
        (["1", "--project", "1", "--signal", "rage_click"], "not both"),
        (["--project", "1"], "--project goes with a --signal"),
    ],
)
def test_the_command_asks_for_a_threshold_or_a_project(db: None, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("backtest", *arguments, stderr=StringIO())
