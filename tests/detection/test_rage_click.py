"""`rage_click`, case by case."""

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, click


def rage(*events: Event) -> list[tuple[int, int]]:
    """(n of the first click, clicks) of each rage click found."""
    return [(signal.n, signal.count) for signal in by_reference("rage_click", events)]


def test_three_unanswered_clicks_within_a_second_are_a_rage_click() -> None:
    assert rage(click(1, 0), click(2, 400), click(3, 1000)) == [(1, 3)]


def test_two_clicks_are_not() -> None:
    assert rage(click(1, 0), click(2, 100)) == []


def test_three_clicks_that_take_longer_than_a_second_are_not() -> None:
    assert rage(click(1, 0), click(2, 400), click(3, 1001)) == []


def test_a_stepper_that_answers_each_click_is_not() -> None:
    assert rage(*(click(n, n * 100, answers={"mut": 12}) for n in range(20))) == []


def test_an_answer_after_half_a_second_comes_too_late() -> None:
    assert rage(*(click(n, n * 100, answers={"mut": 500}) for n in range(3))) == []
    assert rage(*(click(n, n * 100, answers={"mut": 501}) for n in range(3))) == [(0, 3)]


def test_a_clock_that_ticks_anyway_does_not_answer() -> None:
    assert rage(*(click(n, n * 100, answers={"bg": 10}) for n in range(3))) == [(0, 3)]


def test_an_error_does_not_answer() -> None:
    assert rage(*(click(n, n * 100, answers={"err": 10}) for n in range(3))) == [(0, 3)]


def test_a_triple_click_that_selects_a_paragraph_is_not() -> None:
    assert rage(click(1, 0), click(2, 150, answers={"sel": 5}), click(3, 300, answers={"sel": 5})) == []


def test_a_double_click_that_opens_an_item_is_not() -> None:
    assert rage(click(1, 0, answers={"nav": 240}), click(2, 200, answers={"nav": 40})) == []


@pytest.mark.parametrize("kind", ["text", "select", "label", "media", "canvas", "newtab", "download", "external"])
def test_elements_that_the_browser_answers_out_of_sight_are_not(kind: str) -> None:
    assert rage(*(click(n, n * 100, element_kind=kind) for n in range(5))) == []


def test_a_link_that_answers_nothing_is() -> None:
    assert rage(*(click(n, n * 100, element_kind="link") for n in range(3))) == [(0, 3)]


def test_clicks_that_were_not_watched_for_long_enough_prove_nothing() -> None:
    assert rage(*(click(n, n * 100, observed_ms=499) for n in range(3))) == []
    assert rage(*(click(n, n * 100, observed_ms=500) for n in range(3))) == [(0, 3)]


def test_an_answered_click_in_between_is_not_counted_and_does_not_end_the_burst() -> None:
    clicks = [click(1, 0), click(2, 200, answers={"mut": 1}), click(3, 400), click(4, 600)]
    assert rage(*clicks) == [(1, 3)]


def test_clicks_on_different_things_are_not() -> None:
    assert rage(*(click(n, n * 100, element=f"li:nth-child({n})", x=n * 31) for n in range(4))) == []


def test_clicks_30_px_apart_are_on_the_same_thing_and_31_are_not() -> None:
    assert rage(*(click(n, n * 100, element=f"li:nth-child({n})", x=n * 18, y=n * 24) for n in range(3))) == [(0, 3)]
    assert rage(*(click(n, n * 100, element=f"li:nth-child({n})", x=n * 18, y=n * 25) for n in range(3))) == []


def test_an_element_that_moves_under_the_pointer_stays_the_same_thing() -> None:
    assert rage(*(click(n, n * 100, x=n * 500) for n in range(3))) == [(0, 3)]


def test_clicks_on_no_element_are_told_apart_by_distance() -> None:
    assert rage(*(click(n, n * 100, element="", x=n * 500) for n in range(3))) == []


def test_a_click_elsewhere_in_between_ends_the_chain() -> None:
    elsewhere = click(3, 300, element="a.help", x=900)
    assert rage(click(1, 0), click(2, 200), elsewhere, click(4, 400)) == []


def test_a_burst_that_goes_on_is_one_signal() -> None:
    assert rage(*(click(n, n * 400) for n in range(10))) == [(0, 10)]


def test_windows_that_share_no_click_are_two_signals() -> None:
    assert rage(*(click(n, t) for n, t in enumerate([0, 100, 200, 1250, 1260, 1270]))) == [(0, 3), (3, 3)]


def test_clicks_on_two_page_views_are_not_one_burst() -> None:
    assert rage(click(1, 0), click(2, 100), click(1, 200, page="page-2")) == []


def test_the_order_is_that_of_the_page_not_of_the_wall_clock() -> None:
    clicks = [click(n, n * 100, ts_ms=1_000_000 - n) for n in range(3)]
    assert rage(*clicks) == [(0, 3)]


def test_the_signal_tells_its_clicks_and_the_latest_label() -> None:
    (signal,) = by_reference(
        "rage_click",
        [click(1, 0, element_label="Pay"), click(2, 100, element_label="Paying…"), click(3, 200, element_label="")],
    )
    assert signal.events == (("page-1", 1), ("page-1", 2), ("page-1", 3))
    assert signal.element_label == "Paying…"
    assert signal.ended_ms - signal.ts_ms == 200


def test_a_project_may_ask_for_more_clicks() -> None:
    clicks = [click(n, n * 100) for n in range(4)]
    assert by_reference("rage_click", clicks, min_clicks=5) == []
    assert len(by_reference("rage_click", clicks, min_clicks=4)) == 1
