"""Reading a tick's signals from the real store."""

from typing import Any

import pytest

from apps.core.clock import to_ms
from apps.thresholds import measuring
from apps.thresholds.evaluation import Rule
from apps.thresholds.measuring import Tick
from apps.thresholds.targets import distribute, plan
from apps.thresholds.windows import GRID_MS
from tests import conftest
from tests.factories import SignalRow, store_signals
from tests.factories.rules import make_rule as rule

NOW = to_ms(conftest.NOW)
MINUTE = 60_000
TICK = Tick(shard=0, shards=1, since_ms=NOW - GRID_MS, as_of_ms=NOW)

pytestmark = pytest.mark.usefixtures("clickhouse")


def row(ts_ms: int = NOW - 5_000, version: int = NOW, **fields: Any) -> SignalRow:
    return SignalRow(**{"project_id": 1, "ts_ms": ts_ms, "version": version, **fields})


def test_what_a_tick_wrote_is_a_change_and_what_it_found_is_not() -> None:
    store_signals([row(route="/new"), row(NOW - MINUTE, NOW - MINUTE, session_id="old", route="/old")])
    [change] = measuring.changes(TICK)
    assert (change.project_id, change.traits.route, change.cells, change.written) == (1, "/new", (NOW - GRID_MS,), 1)


def test_a_signal_from_a_clock_that_was_ahead_is_a_change_when_its_time_comes() -> None:
    store_signals(
        [row(NOW - 1, NOW - 2 * MINUTE), row(NOW, NOW - 2 * MINUTE, session_id="still ahead", route="/later")]
    )
    [change] = measuring.changes(TICK)
    assert (change.traits.route, change.written) == ("/checkout", 0)


def test_a_retraction_is_a_change_that_says_so() -> None:
    store_signals([row(NOW - MINUTE, NOW - MINUTE), row(NOW - MINUTE, NOW, retracted=True)])
    [change] = measuring.changes(TICK)
    assert (change.retracted, change.written) == (True, 0)


def test_another_shards_projects_are_left_alone() -> None:
    store_signals([row(project_id=7)])
    assert measuring.changes(Tick(shard=0, shards=2, since_ms=NOW - GRID_MS, as_of_ms=NOW)) == []
    assert len(measuring.changes(Tick(shard=1, shards=2, since_ms=NOW - GRID_MS, as_of_ms=NOW))) == 1


def read(*rules: Rule, fresh: frozenset[int] = frozenset()) -> dict[int, list[tuple[str, str, int]]]:
    """(session, kind, clicks) of the points by the threshold that counts them."""
    by_project = {1: list(rules)}
    targets = plan(measuring.changes(TICK), by_project, as_of_ms=NOW)
    points = measuring.points(TICK, list(targets.values()), by_project, fresh=fresh)
    distribute(points, by_project, targets, fresh=fresh, as_of_ms=NOW)
    found: dict[int, list[tuple[str, str, int]]] = {}
    for (threshold_id, _), target in targets.items():
        found.setdefault(threshold_id, []).extend(
            (point.session_id, point.kind, point.clicks) for point in target.points
        )
    return {threshold_id: sorted(points) for threshold_id, points in found.items()}


def test_the_highest_version_of_a_signal_counts_and_a_retracted_one_does_not() -> None:
    store_signals(
        [
            row(NOW - MINUTE, NOW - MINUTE, count=3),
            row(NOW - MINUTE, NOW, count=5),
            row(NOW - MINUTE, NOW - MINUTE, session_id="taken back"),
            row(NOW - MINUTE, NOW, session_id="taken back", retracted=True),
            row(NOW - MINUTE, NOW + GRID_MS, session_id="from a later tick"),
        ]
    )
    assert read(rule()) == {1: [("session-1", "rage_click", 5)]}


def test_the_window_is_half_open() -> None:
    window = 15 * MINUTE
    changed_end = NOW
    store_signals(
        [
            row(),
            row(changed_end - window, NOW - window, session_id="first of the window"),
            row(changed_end - window - 1, NOW - window, session_id="just before it"),
            row(NOW, NOW - GRID_MS, session_id="of the next tick"),
        ]
    )
    sessions = [session for session, _, _ in read(rule())[1]]
    assert sessions == ["first of the window", "session-1"]


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("route_element", ["here"]),
        ("route", ["here", "other element"]),
        ("element", ["here", "other route"]),
        ("nothing", ["here", "other both", "other element", "other route"]),
    ],
)
def test_only_signals_of_the_groups_that_changed_are_read(group_by: str, expected: list[str]) -> None:
    before = NOW - MINUTE
    store_signals(
        [
            row(),
            row(before, before, session_id="here"),
            row(before, before, session_id="other element", element="a"),
            row(before, before, session_id="other route", route="/other"),
            row(before, before, session_id="other both", route="/other", element="a"),
            row(before, before, session_id="other project", project_id=2),
        ]
    )
    assert [session for session, _, _ in read(rule(group_by=group_by))[1]] == [*expected, "session-1"]


def test_a_threshold_changed_just_now_reads_every_group() -> None:
    before = NOW - MINUTE
    store_signals([row(before, before, session_id="untouched")])
    assert read(rule()) == {}
    assert read(rule(), fresh=frozenset({1})) == {1: [("untouched", "rage_click", 5)]}


def test_filters_leave_out_what_the_rule_does_not_count() -> None:
    store_signals(
        [
            row(),
            row(session_id="s2", environment="staging"),
            row(session_id="s3", kind="dead_click"),
            row(session_id="s4", device="mobile"),
        ]
    )
    assert read(rule(environment="staging"), rule(threshold_id=2, signals=("dead_click",))) == {
        1: [("s2", "rage_click", 5)],
        2: [("s3", "dead_click", 5)],
    }


def test_a_signal_that_is_days_late_reads_back_to_its_own_windows_only() -> None:
    days = 6 * 24 * 60 * MINUTE
    store_signals([row(NOW - days, NOW), row(NOW - days + MINUTE, NOW - days, session_id="beside it")])
    assert [session for session, _, _ in read(rule())[1]] == ["beside it", "session-1"]


def test_one_10_s_cell_of_a_session_is_one_point_whose_label_is_the_latest() -> None:
    cell = NOW - GRID_MS
    store_signals(
        [
            row(cell, count=3, n=1, element_label="Pay"),
            row(cell + 9_000, count=4, n=9, element_label="Pay now"),
            row(cell + 9_500, count=1, n=20, element_label=""),
        ]
    )
    by_project = {1: [rule()]}
    targets = plan(measuring.changes(TICK), by_project, as_of_ms=NOW)
    [(_, _, point)] = measuring.points(TICK, list(targets.values()), by_project, fresh=frozenset())
    assert (point.signals, point.clicks, point.label) == (3, 8, "Pay now")


def test_a_tick_in_which_nothing_changed_reads_nothing() -> None:
    assert plan([], {1: [rule()]}, as_of_ms=NOW) == {}
    assert list(measuring.points(TICK, [], {1: [rule()]}, fresh=frozenset())) == []
