"""`quick_back`, case by case."""

from dataclasses import replace

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import ORIGIN_MS, by_reference, click, event, page, standing_signals, store, submit, tick

LIST = page(1, 0, "load", route="/list", page="page-1")
ITEM = page(2, 10_000, "push", route="/item", came_from="/list", page="page-1")
BACK = page(3, 15_000, "back", route="/list", came_from="/item", page="page-1")


def backs(*events: Event) -> list[tuple[str, str]]:
    """(route that was left, route that it was reached from) of each quick back found."""
    return [(signal.route, signal.detail) for signal in by_reference("quick_back", events)]


def test_a_page_left_within_five_seconds_by_going_back_is_a_quick_back() -> None:
    (signal,) = by_reference("quick_back", [LIST, ITEM, BACK])
    assert (signal.route, signal.detail, signal.element, signal.count) == ("/item", "/list", "", 1)
    assert signal.events == (("page-1", 2), ("page-1", 3))


def test_a_page_that_was_looked_at_for_longer_is_not() -> None:
    assert backs(LIST, ITEM, replace(BACK, t=15_001, ts_ms=BACK.ts_ms + 1)) == []


@pytest.mark.parametrize(
    "use",
    [
        click(9, 12_000, page="page-1"),
        submit(9, 12_000, page="page-1"),
        event(9, 12_000, "field", edits=1, page="page-1"),
    ],
)
def test_a_page_on_which_something_was_done_is_not(use: Event) -> None:
    assert backs(LIST, ITEM, use, BACK) == []


def test_looking_around_and_visiting_a_field_is_doing_nothing() -> None:
    looked = [event(8, 12_000, "scroll", distance_px=300, page="page-1"), event(9, 13_000, "field", page="page-1")]
    assert backs(LIST, ITEM, *looked, BACK) == [("/item", "/list")]


def test_the_click_that_led_there_is_not_on_the_page() -> None:
    assert backs(LIST, click(1, 9_990, page="page-1"), ITEM, BACK, click(9, 15_010, page="page-1")) == [
        ("/item", "/list")
    ]


def test_a_page_reached_from_nowhere_known_is_not() -> None:
    assert backs(page(2, 10_000, "load", page="page-1"), BACK) == []


@pytest.mark.parametrize("nav", ["back", "reload", "bfcache"])
def test_a_page_that_was_not_arrived_at_by_a_link_is_not(nav: str) -> None:
    assert backs(LIST, replace(ITEM, subtype=nav), BACK) == []


@pytest.mark.parametrize("nav", ["load", "push", "reload"])
def test_going_on_is_not_going_back(nav: str) -> None:
    assert backs(LIST, ITEM, replace(BACK, subtype=nav)) == []


def test_a_page_that_names_itself_anew_is_still_the_page_that_was_reached() -> None:
    renamed = page(5, 10_010, "replace", route="/item/photos", came_from="/item", page="page-1")
    assert backs(LIST, ITEM, renamed, BACK) == [("/item", "/list")]


def test_a_document_of_its_own_is_left_alike() -> None:
    item = page(1, 0, "load", route="/item", came_from="/list", page="page-2", origin_ms=ORIGIN_MS + 10_000)
    again = page(7, 15_000, "bfcache", route="/list", page="page-1")
    assert backs(LIST, item, again) == [("/item", "/list")]
    elsewhere = click(6, 12_000, page="page-1")
    assert backs(LIST, item, elsewhere, again) == [("/item", "/list")]


def test_the_time_that_the_page_before_took_to_load_again_is_not_counted() -> None:
    item = page(1, 0, "load", route="/item", came_from="/list", page="page-2", origin_ms=ORIGIN_MS + 10_000)
    again = page(1, 4000, "back", route="/list", page="page-3", origin_ms=ORIGIN_MS + 15_000)
    assert backs(LIST, item, again) == [("/item", "/list")]
    assert backs(LIST, item, replace(again, t=3999)) == []


@pytest.mark.usefixtures("clickhouse")
def test_a_late_click_on_the_page_takes_the_signal_back() -> None:
    store([LIST, ITEM, BACK])
    tick()
    assert len(standing_signals("quick_back")) == 1
    store([click(9, 12_000, page="page-1", clickable=False, stored_at_ms=BACK.stored_at_ms + 60_000)])
    tick()
    assert standing_signals("quick_back") == set()


def test_a_project_may_give_people_less_time() -> None:
    assert by_reference("quick_back", [LIST, ITEM, BACK], window_ms=4999) == []


def test_a_link_that_was_opened_in_another_tab_is_not_gone_back_from() -> None:
    item = page(1, 0, "load", route="/item", came_from="/list", page="page-2", origin_ms=ORIGIN_MS + 10_000)
    home = page(1, 0, "back", route="/home", page="page-3", origin_ms=ORIGIN_MS + 12_000)
    assert backs(LIST, item, home) == []
    assert backs(LIST, item, event(2, 2000, "leave", page="page-2", origin_ms=ORIGIN_MS + 10_000), home) == [
        ("/item", "/list")
    ]
    assert backs(LIST, item, replace(home, route="/list")) == [("/item", "/list")]
