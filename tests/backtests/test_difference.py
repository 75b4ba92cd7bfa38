"""What of two replays is the same incident, and the line that is drawn."""

from dataclasses import replace

from apps.backtests.difference import compare, series
from apps.backtests.history import Known, by_group
from apps.backtests.replay import Span, replay_group
from apps.backtests.replayed import Replayed
from apps.incidents.lifecycle import Policy
from apps.thresholds.evaluation import Rule
from apps.thresholds.matching import Traits
from apps.thresholds.windows import GRID_MS, Point, cell_of

RULE = Rule(
    threshold_id=1, version_id=1, version=1, signals=("rage_click",), group_by="route", metric="sessions",
    window_ms=6 * GRID_MS, at_least=2,
)  # fmt: skip
DAY = 86_400_000
POLICY = Policy(quiet_ms=6 * GRID_MS, regression_ms=0)
SPAN = Span(first_ms=0, last_ms=200 * GRID_MS)


def known(cell: int, session: str, *, route: str = "/a", tick: int | None = None, retracted: bool = False) -> Known:
    ts_ms = cell * GRID_MS + 1
    point = Point(cell_of(ts_ms), "rage_click", session, "", 1, 3, route, "button", "Pay", "")
    traits = Traits("rage_click", route, "button", "production", "1", "desktop")
    tick_ms = (tick or cell + 1) * GRID_MS
    return Known(f"{session}-{cell}", tick_ms, retracted, ts_ms, traits, point)


def incidents(rows: list[Known], rule: Rule = RULE) -> list[Replayed]:
    return [
        incident
        for group, of_group in by_group(rows, rule).items()
        for incident in replay_group(
            of_group, rule=rule, policy=POLICY, project_id=1, retention_ms=90 * DAY, group=group, span=SPAN
        )
    ]


ONE_THEN_THREE = [known(10, "a"), known(100, "b"), known(101, "c"), known(102, "d")]


def test_a_lower_bound_opens_more_and_keeps_what_opened() -> None:
    difference = compare(incidents(ONE_THEN_THREE), incidents(ONE_THEN_THREE, replace(RULE, at_least=1)))
    assert [incident.opened_ms for incident in difference.opens] == [11 * GRID_MS]
    assert [(kept.now.opened_ms, kept.then.opened_ms) for kept in difference.stays] == [(102 * GRID_MS, 101 * GRID_MS)]
    assert difference.closes == ()


def test_a_higher_bound_closes_what_does_not_reach_it() -> None:
    difference = compare(incidents(ONE_THEN_THREE), incidents(ONE_THEN_THREE, replace(RULE, at_least=4)))
    assert [incident.opened_ms for incident in difference.closes] == [102 * GRID_MS]
    assert (difference.opens, difference.stays) == ((), ())


def test_another_grouping_makes_other_incidents_of_the_same_signals() -> None:
    difference = compare(incidents(ONE_THEN_THREE), incidents(ONE_THEN_THREE, replace(RULE, group_by="nothing")))
    assert (len(difference.opens), len(difference.closes), len(difference.stays)) == (1, 1, 0)


def test_the_line_shows_the_strongest_group_and_no_signal_that_was_taken_back() -> None:
    rows = [
        *ONE_THEN_THREE,
        known(100, "x", route="/b"),
        known(50, "gone"),
        known(50, "gone", tick=60, retracted=True),
    ]
    drawn = series(by_group(rows, RULE), rule=RULE, span=SPAN, exposures={}, points=21)
    assert len(drawn.ends_ms) == len(drawn.values) <= 21
    # Steps of 100 s, each with its highest window.
    assert [value for value in drawn.values if value] == [1, 3]
    assert drawn.bound == 2


def test_a_tick_does_not_know_what_a_later_one_learned() -> None:
    late = [known(10, "a"), known(10, "b", tick=90)]
    [incident] = incidents(late)
    assert (incident.opened_ms, incident.began_ms, incident.late) == (90 * GRID_MS, 11 * GRID_MS, True)
