"""`zoom_struggle`, case by case."""

from typing import Any

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, event


def zoom(n: int, t: int, *, scale: int = 250, **fields: Any) -> Event:
    """A pinch that ended."""
    return event(n, t, "zoom", scale=scale, device="mobile", **fields)


def struggles(*events: Event) -> list[tuple[int, int]]:
    """(n of the first zoom, zooms) of each zoom struggle found."""
    return [(signal.n, signal.count) for signal in by_reference("zoom_struggle", events)]


def test_three_zooms_within_ten_seconds_are_a_zoom_struggle() -> None:
    assert struggles(zoom(1, 0), zoom(2, 4000), zoom(3, 10_000)) == [(1, 3)]


def test_in_and_out_once_is_reading() -> None:
    assert struggles(zoom(1, 0), zoom(2, 4000, scale=100)) == []


def test_three_in_more_than_ten_seconds_are_not() -> None:
    assert struggles(zoom(1, 0), zoom(2, 4000), zoom(3, 10_001)) == []


def test_out_counts_as_in_does_and_the_last_scale_is_told() -> None:
    (signal,) = by_reference("zoom_struggle", [zoom(1, 0), zoom(2, 1000, scale=100), zoom(3, 2000, scale=180)])
    assert (signal.count, signal.detail) == (3, "180 %")
    assert signal.events == (("page-1", 1), ("page-1", 2), ("page-1", 3))


def test_another_route_or_page_view_is_another_page() -> None:
    assert struggles(zoom(1, 0), zoom(2, 1000), zoom(3, 2000, route="/cart")) == []
    assert struggles(zoom(1, 0), zoom(2, 1000), zoom(3, 2000, page="page-2")) == []


def test_the_order_is_that_of_the_page_not_of_the_wall_clock() -> None:
    assert struggles(*(zoom(n, n * 100, ts_ms=1_000_000_000 + n * 60_000) for n in range(3))) == [(0, 3)]


def test_a_struggle_that_goes_on_is_one_signal() -> None:
    assert struggles(*(zoom(n, n * 5000) for n in range(8))) == [(0, 8)]


def test_a_project_may_ask_for_more_zooms() -> None:
    assert by_reference("zoom_struggle", [zoom(n, n * 1000) for n in range(3)], min_zooms=4) == []
