"""What is counted at all window ends at once is what the sliding window holds at each of them."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.backtests import tallies
from apps.thresholds.evaluation import metric_value
from apps.thresholds.exposure import NOBODY, Exposure, Levels, Seen, steps_of
from apps.thresholds.windows import GRID_MS, Ends, Point, slide
from tests.backtests.test_board import point, rule

ENDS = Ends(10 * GRID_MS, 40 * GRID_MS)
SESSIONS = st.sampled_from(["s1", "s2", "s3"])
CELLS = st.integers(-10, 45)
POINTS = st.lists(st.builds(point, CELLS, SESSIONS, st.sampled_from(["", "ann", "ben"])), max_size=15)
SEEN = st.lists(st.builds(lambda name, cell: Seen(name, cell * GRID_MS, 0), SESSIONS, CELLS), max_size=15)


@settings(max_examples=200)
@given(POINTS, SEEN, SEEN, st.sampled_from(["signals", "sessions", "users", "share"]), st.sampled_from([1, 6, 50]))
@example([point(12), point(18), point(19, "s2", "ann")], [], [], "sessions", 6)
def test_the_numbers_at_all_ends_are_those_of_the_sliding_window(
    points: list[Point], prompt: list[Seen], late: list[Seen], metric: str, cells: int
) -> None:
    asked = rule(metric=metric, window_ms=cells * GRID_MS)
    of = [replace(seen, session_id=f"prompt {seen.session_id}") for seen in prompt]
    exposure = Exposure(Levels(steps_of(of, window_ms=asked.window_ms)), late) if metric == "share" else NOBODY
    steps = steps_of([*of, *late], window_ms=asked.window_ms) if metric == "share" else []

    spans = slide(points, window_ms=asked.window_ms, ends=[ENDS], steps=steps)

    assert tallies.values(asked, points, exposure, ENDS).tolist() == [
        metric_value(span.measure, asked.metric)
        for span in spans
        for _ in range(span.first_end_ms, span.last_end_ms + GRID_MS, GRID_MS)
    ]
