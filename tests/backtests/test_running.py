"""Backtests as rows: asked for, carried out, called off; and that they touch nothing else."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from apps.backtests import backtest, running
from apps.backtests.backtest import Candidate
from apps.backtests.models import Backtest, State
from apps.backtests.replay import Span
from apps.clickhouse import client
from apps.core.clock import to_ms
from apps.incidents.judging import policy_of
from apps.incidents.models import EvaluatedShard, Incident
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold, ThresholdVersion
from apps.thresholds.versions import SenselessThresholdError
from tests.conftest import NOW, NOW_MS
from tests.factories import Cast, SignalRow, make_threshold, store_signals

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]

DRAFT = {"signals": ["rage_click"], "at_least": 1}


@pytest.fixture
def threshold(cast: Cast) -> Threshold:
    """Two sessions are too many; there was one, an hour ago. Ticks ran until NOW."""
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=NOW)
    store_signals([SignalRow(cast.project.pk, NOW_MS - 3_600_000, NOW_MS - 3_590_000)])
    return make_threshold(cast.project, at_least=2)


def asked(threshold: Threshold, cast: Cast) -> Backtest:
    return running.request(threshold=threshold, draft=DRAFT, days=7, actor=cast.alice, at=NOW)


def everything_live() -> tuple[object, ...]:
    return (
        client.query("SELECT * FROM events ORDER BY ALL"),
        client.query("SELECT * FROM signals ORDER BY ALL"),
        client.query("SELECT * FROM signal_history ORDER BY ALL"),
        list(Incident.objects.values()),
        list(ThresholdVersion.objects.values()),
        list(Threshold.objects.values()),
        list(EvaluatedShard.objects.values()),
    )


def test_a_backtest_says_what_would_open_and_writes_only_its_own_row(cast: Cast, threshold: Threshold) -> None:
    row = asked(threshold, cast)
    before = everything_live()

    running.carry_out(row.pk)

    row.refresh_from_db()
    assert (row.state, row.progress) == (State.DONE, 100)
    assert row.report is not None
    assert row.report["numbers"] == {"opens": 1, "closes": 0, "stays": 0}
    [incident] = row.report["opens"]
    assert incident["sentence"].startswith("“Pay now” on /checkout did not answer 5 clicks")
    assert incident["opening"]["trace"][0] == {
        "name": "sessions_at_least", "value": 1, "bound": 1, "margin": 0, "holds": True,
    }  # fmt: skip
    assert everything_live() == before


def test_one_that_was_called_off_is_not_carried_out(cast: Cast, threshold: Threshold) -> None:
    row = asked(threshold, cast)
    assert running.cancel(asked=row, actor=cast.alice)

    running.carry_out(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report) == (State.CANCELLED, None)


def test_one_that_is_called_off_while_it_runs_stops(cast: Cast, threshold: Threshold) -> None:
    row = asked(threshold, cast)
    Backtest.objects.update(state=State.RUNNING)
    running.cancel(asked=row, actor=cast.alice)

    with pytest.raises(running.CancelledError):
        running._Noting(row)(50)


def test_progress_is_written_when_it_moves_and_a_call_off_is_seen_within_a_second_though_it_does_not(
    cast: Cast, threshold: Threshold, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = asked(threshold, cast)
    now_s = 100.0
    note = running._Noting(row, seconds=lambda: now_s)
    with django_assert_num_queries(2):
        for percent in (0, 0, 0, 1, 1):
            note(percent)
    row.refresh_from_db()
    assert row.progress == 1
    running.cancel(asked=row, actor=cast.alice)
    with django_assert_num_queries(0):
        note(1)
    now_s += 1
    with pytest.raises(running.CancelledError):
        note(1)


def test_it_can_be_stopped_between_two_ticks_of_one_group(cast: Cast, threshold: Threshold) -> None:
    store_signals(
        [
            SignalRow(cast.project.pk, NOW_MS - n * 60_000, NOW_MS - n * 60_000 + 10_000, session_id=f"s{n}")
            for n in range(1, 5)
        ]
    )
    told: list[int] = []

    def stop(percent: int) -> None:
        told.append(percent)
        if percent >= 40:
            raise running.CancelledError

    assert threshold.current_version is not None
    candidate = Candidate(rule_of(threshold.current_version), policy_of(threshold.current_version))
    with pytest.raises(running.CancelledError):
        backtest.run(
            project_id=cast.project.pk,
            now=None,
            then=candidate,
            span=Span(first_ms=NOW_MS - 86_400_000, last_ms=NOW_MS),
            progress=stop,
        )
    assert told == [0, 20, 40]


def test_asking_anew_calls_the_last_one_off(cast: Cast, threshold: Threshold) -> None:
    first, second = asked(threshold, cast), asked(threshold, cast)

    first.refresh_from_db()
    assert (first.state, second.state) == (State.CANCELLED, State.WAITING)


def test_only_engineers_ask_and_call_off(cast: Cast, threshold: Threshold) -> None:
    row = asked(threshold, cast)
    for person in (cast.bob, cast.charlie):
        with pytest.raises(running.NotAllowedError):
            running.request(threshold=threshold, draft=DRAFT, days=7, actor=person, at=NOW)
        with pytest.raises(running.NotAllowedError):
            running.cancel(asked=row, actor=person)
    row.refresh_from_db()
    assert row.state == State.WAITING


def test_a_senseless_draft_is_refused_with_the_reason(cast: Cast, threshold: Threshold) -> None:
    with pytest.raises(SenselessThresholdError, match="at least 1"):
        running.request(threshold=threshold, draft={**DRAFT, "at_least": 0}, days=7, actor=cast.alice, at=NOW)


def test_a_span_goes_no_further_back_than_events_are_kept(cast: Cast, threshold: Threshold) -> None:
    cast.project.retention_days = 9
    span = running.span_of(cast.project, days=30, now=NOW)
    assert (span.first_ms, span.last_ms) == (to_ms(NOW - timedelta(days=9)), NOW_MS)


def test_of_a_threshold_that_is_switched_off_everything_opens_that_switching_it_on_would_open(
    cast: Cast, threshold: Threshold
) -> None:
    threshold.versions.update(enabled=False)
    threshold.refresh_from_db()
    draft = {**DRAFT, "enabled": True}
    row = running.request(threshold=threshold, draft=draft, days=7, actor=cast.alice, at=NOW)

    running.carry_out(row.pk)

    row.refresh_from_db()
    assert row.report is not None
    assert row.report["numbers"] == {"opens": 1, "closes": 0, "stays": 0}
    assert row.report["now"] is None


def test_a_draft_that_is_switched_off_is_refused_with_the_reason(cast: Cast, threshold: Threshold) -> None:
    with pytest.raises(SenselessThresholdError, match="Switched off, it would open nothing"):
        running.request(threshold=threshold, draft={**DRAFT, "enabled": False}, days=7, actor=cast.alice, at=NOW)
    with pytest.raises(CommandError, match="Switched off, it would open nothing"):
        call_command("backtest", str(threshold.pk), "--set", "enabled=no", stderr=StringIO())


def test_the_command_prints_the_difference(threshold: Threshold) -> None:
    out = StringIO()
    call_command("backtest", str(threshold.pk), "--set", "at_least=1", stdout=out, stderr=StringIO())
    # Thirty days are kept, and a week is looked at where nothing else is asked for.
    assert "From 2026-11-16 12:00:00 to 2026-11-23 12:00:00 UTC, as far as events are kept.\n" in out.getvalue()
    assert "Would open: 1\n  2026-11-23 11:00:10  “Pay now” on /checkout" in out.getvalue()
    assert "[sessions_at_least +0, minimum_sessions +0]" in out.getvalue()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("at_least", "Write FIELD=VALUE"),
        ("number=3", "one of enabled, signals"),
        ("at_least=x", "whole number"),
        ("enabled=1", "yes or no"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_change(threshold: Threshold, change: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("backtest", str(threshold.pk), "--set", change, stderr=StringIO())


def test_a_comparison_with_what_is_not_kept_any_more_is_refused(cast: Cast, threshold: Threshold) -> None:
    cast.project.retention_days = 7
    cast.project.save()
    threshold.refresh_from_db()
    draft = {**DRAFT, "factor_percent": 200, "earlier_seconds": 604_800}
    with pytest.raises(SenselessThresholdError, match="keeps events for 7 days only"):
        running.request(threshold=threshold, draft=draft, days=7, actor=cast.alice, at=NOW)
    with pytest.raises(CommandError, match="keeps events for 7 days only"):
        call_command(
            "backtest", str(threshold.pk), "--set", "factor_percent=200", "--set", "earlier_seconds=604800",
            stderr=StringIO(),
        )  # fmt: skip


def test_the_command_takes_no_project_without_a_signal(threshold: Threshold) -> None:
    with pytest.raises(CommandError, match="--project goes with a --signal"):
        call_command("backtest", str(threshold.pk), project=threshold.project_id, stderr=StringIO())
