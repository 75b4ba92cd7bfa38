"""`scroll_thrash`, case by case."""

from typing import Any

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, event


def stroke(n: int, t: int, px: int = 300, **fields: Any) -> Event:
    """A stroke of `px` that a reversal ended at `t`: down first, then up, and so on."""
    return event(n, t, "scroll", distance_px=px if n % 2 else -px, **fields)


def thrashes(*events: Event) -> list[tuple[int, int]]:
    """(n of the first stroke, reversals) of each scroll thrash found."""
    return [(signal.n, signal.count) for signal in by_reference("scroll_thrash", events)]


def test_six_reversals_within_ten_seconds_are_one() -> None:
    assert thrashes(*(stroke(n, n * 2000) for n in range(6))) == [(0, 6)]


def test_five_are_not() -> None:
    assert thrashes(*(stroke(n, n * 2000) for n in range(5))) == []


def test_six_in_more_than_ten_seconds_are_not() -> None:
    assert thrashes(*(stroke(n, n * 2000) for n in range(5)), stroke(5, 10_001)) == []


def test_short_strokes_are_passed_over() -> None:
    long = [stroke(n, n * 1000) for n in range(6)]
    assert thrashes(*long[:5], stroke(5, 5000, px=299)) == []
    assert thrashes(*long, stroke(9, 4500, px=299)) == [(0, 6)]


def test_sideways_and_upward_strokes_count_by_their_length() -> None:
    assert thrashes(*(stroke(n, n * 1000, px=-300) for n in range(6))) == [(0, 6)]


def test_each_scroller_counts_for_itself() -> None:
    lists = [stroke(n, n * 100, element="div#list" if n < 3 else "div#other") for n in range(6)]
    assert thrashes(*lists) == []
    (signal,) = by_reference("scroll_thrash", [stroke(n, n * 100, element="div#list") for n in range(6)])
    assert signal.element == "div#list"


def test_each_page_view_counts_for_itself() -> None:
    assert thrashes(*(stroke(n, n * 100, page="page-1" if n < 3 else "page-2") for n in range(6))) == []


def test_scrolling_that_goes_on_is_one_signal() -> None:
    assert thrashes(*(stroke(n, n * 1900) for n in range(20))) == [(0, 20)]


def test_a_project_may_ask_for_longer_strokes() -> None:
    assert by_reference("scroll_thrash", [stroke(n, n * 100) for n in range(6)], distance_px=301) == []
