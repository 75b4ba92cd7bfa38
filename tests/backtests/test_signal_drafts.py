"""Signals found anew with other parameters: as each tick would have known them, and the incidents that follow."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from apps.backtests import redetecting, signal_backtest
from apps.backtests.history import Known
from apps.backtests.reading import TooManySignalsError, known
from apps.backtests.redetecting import Asked, Which
from apps.backtests.replay import Span
from apps.backtests.replayed import Replayed
from apps.backtests.signal_backtest import SignalReport, ThresholdReport
from apps.clickhouse import client
from apps.core.clock import from_ms
from apps.detection.definition import Value
from apps.detection.settings import end_suppression
from apps.projects.models import Project
from apps.thresholds.models import GroupBy, Metric, Threshold, ThresholdVersion
from tests.backtests.test_parity import as_lived, as_replayed
from tests.conftest import DAY, MINUTE, NOW_MS, SECOND
from tests.factories import (
    Cast,
    EventRow,
    SignalRow,
    dead_clicks,
    make_threshold,
    store_events,
    store_signals,
)
from tests.factories.suppressions import make_suppression
from tests.ticks import tick_at

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]

Own = Mapping[str, Mapping[str, Value]]
SPAN = Span(first_ms=NOW_MS, last_ms=NOW_MS + 20 * MINUTE)
# Numbers by which nothing is a signal, so that a draft of the defaults differs from them.
NO_RAGE: Own = {"rage_click": {"min_clicks": 1000}}
NEITHER: Own = {**NO_RAGE, "dead_click": {"answer_ms": DAY}}


def burst(project: Project, at_ms: int, *, stored_ms: int | None = None, clicks: int = 5, who: str) -> list[EventRow]:
    """Clicks on a dead button that arrive 2.5 s after the last of them, or when the test says."""
    arrived_ms = at_ms + 200 * clicks + 2_500 if stored_ms is None else stored_ms
    return dead_clicks(project.pk, at_ms=at_ms, stored_ms=arrived_ms, clicks=clicks, session_id=who)


def backtested(project: Project, *, now: Own, then: Own, span: Span = SPAN) -> SignalReport:
    versions = list(ThresholdVersion.objects.filter(threshold__project=project).order_by("pk"))
    return signal_backtest.run(project_id=project.pk, now=now, then=then, versions=versions, span=span)


def then_of(found: ThresholdReport) -> list[Replayed]:
    """The incidents by the draft, in the order in which `as_lived` has the lived ones."""
    difference = found.report.difference
    incidents = [*difference.opens, *(kept.then for kept in difference.stays)]
    return sorted(incidents, key=lambda incident: (incident.opened_ms, str(incident.id)))


def whatever_may_happen(project: Project) -> list[EventRow]:
    """Sessions whose events arrive before the span, over its edge, in pieces, twice, late, early, and out of order."""
    pieces = burst(project, NOW_MS + 2 * MINUTE, clicks=7, who="pieces")
    over_the_edge = burst(project, NOW_MS - 4_000, clicks=4, who="edge")
    contradicted = burst(project, NOW_MS + 5 * MINUTE, clicks=4, who="contradicted")
    elsewhere = replace(
        contradicted[0], n=9, t=contradicted[1].t + 100, ts_ms=contradicted[1].ts_ms + 100, x=5, y=5, element="a#home"
    )
    return [
        *burst(project, NOW_MS - 5 * MINUTE, who="before"),
        *(replace(each, stored_ms=NOW_MS - 3_500 + 1_000 * step) for step, each in enumerate(over_the_edge)),
        *(replace(each, stored_ms=each.ts_ms + 2_500 + 11_000 * (step // 3)) for step, each in enumerate(pieces)),
        *burst(project, NOW_MS + 3 * MINUTE, who="twice"),
        *burst(project, NOW_MS + 3 * MINUTE, stored_ms=NOW_MS + 4 * MINUTE, who="twice"),
        *burst(project, NOW_MS + MINUTE, stored_ms=NOW_MS + 9 * MINUTE, who="late"),
        *burst(project, NOW_MS - 20 * MINUTE, stored_ms=NOW_MS + 10 * MINUTE, who="very late"),
        *burst(project, NOW_MS + 7 * MINUTE, stored_ms=NOW_MS + 7 * MINUTE - 25 * SECOND, who="early"),
        *contradicted,
        replace(elsewhere, stored_ms=NOW_MS + 11 * MINUTE),
        *(replace(each, route="/b") for each in burst(project, NOW_MS + 12 * MINUTE, who="not hidden yet")),
        *(replace(each, route="/b") for each in burst(project, NOW_MS + 14 * MINUTE, who="hidden")),
        *(replace(each, route="/b") for each in burst(project, NOW_MS + 17 * MINUTE, who="hidden no more")),
    ]


def test_with_a_draft_equal_to_what_was_in_force_it_gives_the_signals_and_incidents_that_were_lived(
    cast: Cast, project: Project
) -> None:
    both = ("rage_click", "dead_click")
    # In force from the span's first tick on, as a backtest takes them.
    since = from_ms(SPAN.first_ms)
    thresholds: list[Threshold] = [
        make_threshold(project, name="a", signals=both, window_seconds=60, quiet_seconds=60, created_at=since),
        make_threshold(project, name="b", signals=both, group_by=GroupBy.ROUTE, at_least=2, created_at=since),
        make_threshold(
            project, name="c", group_by=GroupBy.NOTHING, metric=Metric.SIGNALS, at_least=3, created_at=since
        ),
    ]
    store_events(whatever_may_happen(project))
    tick_at(SPAN.first_ms)
    made_at = from_ms(NOW_MS + 13 * MINUTE)
    suppression = make_suppression(project, created_at=made_at, route_pattern="/b")
    tick_at(NOW_MS + 15 * MINUTE)
    end_suppression(suppression, actor=cast.alice, at=from_ms(NOW_MS + 16 * MINUTE))
    tick_at(SPAN.last_ms)
    rows_then = known(project_id=project.pk, kinds=both, reach_ms=15 * MINUTE, span=SPAN)
    client.command("OPTIMIZE TABLE signals FINAL")

    asked = Asked(project_id=project.pk, kinds=both, sides=[{}], span=SPAN)
    found = [row for _, row in redetecting.written(asked, Which(moving=True))]
    assert {row for row in found if row.tick_ms > NOW_MS} == {row for row in rows_then if row.tick_ms > NOW_MS}
    assert {True, False} == {row.retracted for row in found}
    assert any(row.suppressed_by for row in found)
    for now in (NEITHER, NO_RAGE):
        reports = backtested(project, now=now, then={}).thresholds
        for threshold, report in zip(thresholds, reports, strict=True):
            lived = list(as_lived(threshold))
            assert lived
            assert list(as_replayed(then_of(report))) == lived


def test_a_stricter_draft_opens_no_incident_any_more_where_people_clicked_too_few_times(project: Project) -> None:
    make_threshold(project)
    few = burst(project, NOW_MS + MINUTE, clicks=4, who="few")
    many = [replace(each, route="/cart") for each in burst(project, NOW_MS + MINUTE, clicks=6, who="many")]
    store_events([*few, *many])

    report = backtested(project, now={}, then={"rage_click": {"min_clicks": 5}})

    [kind], [threshold] = report.kinds, report.thresholds
    assert (kind.kind, kind.now.signals, kind.then.signals, kind.now.points, kind.then.points) == (
        "rage_click", 2, 1, 8, 4,
    )  # fmt: skip
    assert (sum(kind.now.values), kind.now.values[0], kind.then.values) == (2, 2, (1,))
    difference = threshold.report.difference
    assert [dict(each.group)["route"] for each in difference.closes] == ["/checkout"]
    assert [dict(kept.then.group)["route"] for kept in difference.stays] == ["/cart"]
    assert difference.opens == ()
    assert difference.closes[0].opening.trace[0].holds
    assert threshold.report.now is not None
    assert (max(threshold.report.now.values), max(threshold.report.then.values)) == (1, 1)


def test_a_looser_draft_opens_an_incident_at_the_tick_that_could_know_late_or_not(project: Project) -> None:
    make_threshold(project)
    late = [
        replace(each, route="/cart")
        for each in burst(project, NOW_MS, stored_ms=NOW_MS + 9 * MINUTE, clicks=2, who="late")
    ]
    store_events([*burst(project, NOW_MS + MINUTE, clicks=2, who="on time"), *late])

    [threshold] = backtested(project, now={}, then={"rage_click": {"min_clicks": 2}}).thresholds

    opened = {dict(each.group)["route"]: (each.opened_ms, each.late) for each in threshold.report.difference.opens}
    assert opened == {
        "/checkout": (NOW_MS + MINUTE + 10 * SECOND, False),
        "/cart": (NOW_MS + 9 * MINUTE + 10 * SECOND, True),
    }


def test_only_thresholds_that_count_the_signal_and_are_switched_on_are_replayed(project: Project) -> None:
    make_threshold(project, name="Dead clicks", signals=("dead_click",))
    off = make_threshold(project, name="Off")
    ThresholdVersion.objects.filter(threshold=off).update(enabled=False)
    store_events(burst(project, NOW_MS + MINUTE, who="somebody"))

    report = backtested(project, now={}, then={"rage_click": {"min_clicks": 6}})

    assert report.thresholds == ()
    assert [(kind.now.signals, kind.then.signals) for kind in report.kinds] == [(1, 0)]


def test_a_draft_that_changes_nothing_finds_nothing_anew(project: Project) -> None:
    make_threshold(project)
    report = backtested(project, now={}, then={"rage_click": {"min_clicks": 3}})
    assert (report.kinds, report.thresholds) == ((), ())


def test_signals_of_other_projects_are_not_counted(cast: Cast, project: Project) -> None:
    store_events(burst(cast.other_project, NOW_MS + MINUTE, who="of the bank"))
    report = backtested(project, now={}, then={"rage_click": {"min_clicks": 2}})
    assert [(kind.now.signals, kind.then.signals) for kind in report.kinds] == [(0, 0)]


def rows_of(project: Project, *, span: Span = SPAN) -> list[tuple[int, Known]]:
    sides: list[Own] = [{}, {"rage_click": {"min_clicks": 4}}]
    asked = Asked(project_id=project.pk, kinds=["rage_click"], sides=sides, span=span)
    found = [
        *redetecting.written(asked, Which(moving=True)),
        *redetecting.written(asked, Which(moving=False, from_ms=span.first_ms - 86_400_000)),
    ]
    return sorted(found, key=lambda each: (each[0], each[1].signal_id, each[1].tick_ms))


@pytest.mark.parametrize("rows", [2, 10])
def test_in_portions_and_steps_of_any_size_the_same_is_found(
    project: Project, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    telling = {"before", "edge", "pieces", "contradicted"}
    store_events([each for each in whatever_may_happen(project) if each.session_id in telling])
    whole = rows_of(project)
    monkeypatch.setattr(redetecting, "_PORTION_ROWS", rows)

    told: list[float] = []
    asked = Asked(project_id=project.pk, kinds=["rage_click"], sides=[{}], span=SPAN)
    assert list(redetecting.written(asked, Which(moving=True), progress=told.append))
    assert len(told) > 3
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)
    assert rows_of(project) == whole


def test_it_ends_as_soon_as_nobody_waits_for_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    store_events(whatever_may_happen(project))
    monkeypatch.setattr(redetecting, "_PORTION_ROWS", 10)
    told: list[int] = []

    def stop(percent: int) -> None:
        told.append(percent)
        if percent >= 20:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        signal_backtest.run(
            project_id=project.pk, now={}, then={"rage_click": {"min_clicks": 4}}, versions=[], span=SPAN, progress=stop
        )
    assert 20 <= told[-1] < 60


def test_what_was_past_its_retention_when_a_tick_learned_of_it_is_not_counted(project: Project) -> None:
    old = burst(project, NOW_MS - 2 * DAY, stored_ms=NOW_MS - MINUTE, who="old")
    store_events([replace(each, retention_days=1) for each in old])
    store_events(burst(project, NOW_MS - 2 * DAY, stored_ms=NOW_MS - MINUTE, who="kept for longer"))

    span = Span(first_ms=NOW_MS - 3 * DAY, last_ms=NOW_MS)
    report = backtested(project, now={}, then=NO_RAGE, span=span)

    assert [(kind.now.signals, kind.then.signals) for kind in report.kinds] == [(1, 0)]


def test_windows_that_a_late_signal_changes_hold_what_was_known_of_sessions_that_were_over(project: Project) -> None:
    """A signal of five days ago arrives today: its window holds another of then, far from where the span begins."""
    make_threshold(project, at_least=2)
    then_ms = NOW_MS - 5 * DAY
    store_events(burst(project, then_ms - 5 * MINUTE, who="over for long"))
    store_events(burst(project, then_ms, stored_ms=NOW_MS + MINUTE, who="late"))

    [threshold] = backtested(project, now=NO_RAGE, then={}).thresholds

    [incident] = threshold.report.difference.opens
    assert (incident.opened_ms, incident.late) == (NOW_MS + MINUTE + 10 * SECOND, True)
    assert incident.began_ms <= then_ms + 10 * SECOND


@pytest.mark.parametrize("late_one", ["of the draft", "of the other kind"])
def test_windows_of_long_ago_hold_the_signals_of_the_draft_and_those_of_other_kinds(
    project: Project, late_one: str
) -> None:
    """Two sessions of five days ago, one with a rage click and one with a dead click; one of them arrives today."""
    make_threshold(project, signals=("rage_click", "dead_click"), group_by=GroupBy.ROUTE, at_least=2)
    then_ms, arrived_ms = NOW_MS - 5 * DAY, NOW_MS + MINUTE
    draft_is_late = late_one == "of the draft"
    rage = burst(project, then_ms, stored_ms=arrived_ms - 5_000 if draft_is_late else None, who="rage")
    dead = SignalRow(
        project.pk,
        then_ms - 5 * MINUTE,
        then_ms - 4 * MINUTE if draft_is_late else arrived_ms,
        kind="dead_click",
        session_id="dead",
    )
    store_events(rage)
    store_signals([dead])

    [threshold] = backtested(project, now=NO_RAGE, then={}).thresholds

    [incident] = threshold.report.difference.opens
    assert (incident.opened_ms, incident.late) == (arrived_ms, True)


def test_more_signals_than_a_backtest_takes_are_refused_with_what_to_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_events([*burst(project, NOW_MS + MINUTE, who="one"), *burst(project, NOW_MS + MINUTE, who="two")])
    monkeypatch.setattr(signal_backtest, "MOST_ROWS", 1)

    with pytest.raises(TooManySignalsError, match="Choose a shorter one"):
        backtested(project, now={}, then=NO_RAGE)
