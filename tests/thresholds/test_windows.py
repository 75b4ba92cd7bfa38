"""Sliding windows against the plainest thing that could be right: counting every window anew."""

from hypothesis import given
from hypothesis import strategies as st

from apps.thresholds.windows import (
    GRID_MS,
    Ends,
    Measure,
    Point,
    cell_after,
    cell_of,
    ends_holding,
    held,
    merged,
    slide,
)

MINUTE = 60_000


def point(cell: int, session: str = "s1", user: str = "", clicks: int = 1, signals: int = 1) -> Point:
    return Point(
        cell_ms=cell * GRID_MS, kind="rage_click", session_id=session, user_id=user, signals=signals, clicks=clicks
    )


points_lists = st.lists(
    st.builds(
        point,
        st.integers(-5, 40),
        st.sampled_from(["s1", "s2", "s3"]),
        st.sampled_from(["", "u1", "u2"]),
        st.integers(1, 9),
        st.integers(1, 3),
    ),
    max_size=25,
)
ends_lists = st.lists(
    st.tuples(st.integers(-10, 50), st.integers(0, 20)).map(
        lambda pair: Ends(pair[0] * GRID_MS, (pair[0] + pair[1]) * GRID_MS)
    ),
    max_size=4,
)
windows = st.sampled_from([MINUTE, 2 * MINUTE, 5 * MINUTE])


def counted(points: list[Point], end: int, window: int) -> Measure:
    inside = [p for p in points if end - window <= p.cell_ms < end]
    return Measure(
        signals=sum(p.signals for p in inside),
        sessions=len({p.session_id for p in inside}),
        users=len({p.user_id for p in inside if p.user_id}),
        people=len({(bool(p.user_id), p.user_id or p.session_id) for p in inside}),
        clicks=sum(p.clicks for p in inside),
    )


@given(points=points_lists, ends=ends_lists, window=windows)
def test_sliding_gives_what_counting_every_window_anew_gives(
    points: list[Point], ends: list[Ends], window: int
) -> None:
    wanted = {end for stretch in ends for end in range(stretch.first, stretch.last + 1, GRID_MS)}
    slid = {
        end: span.measure
        for span in slide(points, window_ms=window, ends=ends)
        for end in range(span.first_end_ms, span.last_end_ms + 1, GRID_MS)
    }
    assert slid == {end: counted(points, end, window) for end in wanted}


@given(points=points_lists, window=windows, data=st.data())
def test_the_order_in_which_points_come_does_not_matter(points: list[Point], window: int, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(points))
    ends = [Ends(0, 60 * GRID_MS)]
    assert slide(shuffled, window_ms=window, ends=ends) == slide(points, window_ms=window, ends=ends)


@given(points=points_lists, window=windows, late=st.builds(point, st.integers(0, 40), st.just("late")))
def test_a_late_signal_changes_no_window_but_those_that_hold_it(points: list[Point], window: int, late: Point) -> None:
    everywhere = [Ends(-20 * GRID_MS, 100 * GRID_MS)]

    def by_end(known: list[Point]) -> dict[int, Measure]:
        return {
            end: span.measure
            for span in slide(known, window_ms=window, ends=everywhere)
            for end in range(span.first_end_ms, span.last_end_ms + 1, GRID_MS)
        }

    before, after = by_end(points), by_end([*points, late])
    changed = {end for end in before if before[end] != after[end]}
    affected = ends_holding(late.cell_ms, window)
    assert changed == set(range(affected.first, affected.last + 1, GRID_MS))


@given(points=points_lists, window=windows, end=st.integers(-5, 50).map(lambda cell: cell * GRID_MS))
def test_the_points_of_one_window_are_those_that_its_measure_counts(points: list[Point], window: int, end: int) -> None:
    inside = held(points, end_ms=end, window_ms=window)
    assert counted(inside, end, window) == counted(points, end, window)
    assert sum(p.signals for p in inside) == counted(points, end, window).signals


def test_a_signal_on_the_edge_is_in_the_window_that_begins_there_and_not_in_the_one_that_ends_there() -> None:
    spans = slide([point(6)], window_ms=MINUTE, ends=[Ends(6 * GRID_MS, 13 * GRID_MS)])
    assert [(span.first_end_ms // GRID_MS, span.last_end_ms // GRID_MS, span.measure.signals) for span in spans] == [
        (6, 6, 0),
        (7, 12, 1),
        (13, 13, 0),
    ]


def test_no_ends_give_no_spans() -> None:
    assert slide([point(1)], window_ms=MINUTE, ends=[]) == []


def test_stretches_that_touch_or_overlap_become_one() -> None:
    assert merged([Ends(50_000, 60_000), Ends(10_000, 20_000), Ends(30_000, 40_000), Ends(80_000, 90_000)]) == [
        Ends(10_000, 60_000),
        Ends(80_000, 90_000),
    ]


def test_cells_are_cut_on_the_grid() -> None:
    assert [cell_of(ts) for ts in (0, 9_999, 10_000, 10_001)] == [0, 0, 10_000, 10_000]
    assert [cell_after(ts) for ts in (0, 1, 10_000, 10_001)] == [0, 10_000, 10_000, 20_000]


def test_an_identified_user_in_two_sessions_is_one_person() -> None:
    spans = slide(
        [point(1, "s1", "u1"), point(1, "s2", "u1"), point(1, "s3")], window_ms=MINUTE, ends=[Ends(20_000, 20_000)]
    )
    assert (spans[0].measure.sessions, spans[0].measure.users, spans[0].measure.people) == (3, 1, 2)
