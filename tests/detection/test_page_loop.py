"""`page_loop`, case by case."""

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import (
    ORIGIN_MS,
    by_reference,
    click,
    event,
    page,
    standing_signals,
    store,
    submit,
    tick,
)


def load(number: int, at: int, route: str, came_from: str) -> Event:
    """A document of its own, `at` ms after the first."""
    return page(0, 0, "load", page=f"page-{number}", origin_ms=ORIGIN_MS + at, route=route, came_from=came_from)


def push(n: int, t: int, route: str, came_from: str, nav: str = "push") -> Event:
    """A route shown within one document."""
    return page(n, t, nav, route=route, came_from=came_from)


def loops(*events: Event) -> list[tuple[str, int]]:
    """(route, loads) of each page loop found."""
    return sorted((signal.route, signal.count) for signal in by_reference("page_loop", events))


def test_documents_that_send_each_other_round_are_a_page_loop() -> None:
    pages = [
        load(1, 0, "/account", ""),
        load(2, 500, "/login", "/account"),
        load(3, 1000, "/account", "/login"),
        load(4, 1500, "/login", "/account"),
    ]
    assert loops(*pages) == []
    assert loops(*pages, load(5, 15_000, "/account", "/login")) == [("/account", 3)]
    assert loops(*pages, load(5, 15_001, "/account", "/login")) == []


def test_a_document_that_loads_itself_is() -> None:
    (signal,) = by_reference("page_loop", [load(n, n * 1000, "/login", "/login" if n else "") for n in range(4)])
    assert (signal.page_id, signal.count, signal.detail, signal.element) == ("page-0", 4, "/login", "")
    assert signal.events == (("page-0", 0), ("page-1", 0), ("page-2", 0), ("page-3", 0))


@pytest.mark.parametrize("nav", ["push", "replace"])
def test_routes_that_send_each_other_round_are(nav: str) -> None:
    routes = [("/a", "/b"), ("/b", "/a")] * 3
    pages = [push(n, n * 100, route, came_from, nav) for n, (route, came_from) in enumerate(routes)]
    assert loops(*pages) == [("/a", 3), ("/b", 3)]


@pytest.mark.parametrize("asked", [click(9, 150), submit(9, 150)])
def test_a_click_or_submit_in_between_begins_the_counting_anew(asked: Event) -> None:
    routes = [("/a", "/b"), ("/b", "/a")] * 3
    pages = [push(n, n * 100, route, came_from) for n, (route, came_from) in enumerate(routes)]
    assert loops(*pages, asked) == []


def test_the_click_that_began_it_does_not_excuse_it() -> None:
    pages = [push(n, n * 100, route, came) for n, (route, came) in enumerate([("/a", "/b"), ("/b", "/a")] * 3, start=1)]
    assert loops(click(0, 50), *pages) == [("/a", 3), ("/b", 3)]


def test_links_that_are_followed_one_after_the_other_are_no_loop() -> None:
    # Each opens an item, which names itself anew; the person then clicks on the next one.
    browsing = [
        event
        for n in range(0, 20, 3)
        for event in (
            click(n, n * 500),
            push(n + 1, n * 500 + 10, "/items/:id", "/items"),
            push(n + 2, n * 500 + 20, "/items/:id/photos", "/items/:id", "replace"),
        )
    ]
    assert loops(*browsing) == []


def test_a_gallery_that_goes_on_by_keys_or_by_itself_is_no_loop() -> None:
    assert loops(*(push(n, n * 1000, "/photos/:id", "/photos/:id") for n in range(9))) == []


def test_links_opened_in_several_tabs_are_no_loop() -> None:
    opened = [click(n, n * 200, element_kind="link") for n in range(3)]
    tabs = [load(n + 2, 1000 + n, "/items/:id", "/items") for n in range(3)]
    assert loops(page(9, 0, "load", route="/items", page="page-0"), *opened, *tabs) == []


@pytest.mark.parametrize("nav", ["back", "bfcache", "reload"])
@pytest.mark.parametrize("came_from", ["/b", ""])
def test_going_back_and_reloading_are_the_persons_own_doing(nav: str, came_from: str) -> None:
    assert loops(*(push(n, n * 1000, "/a", came_from, nav) for n in range(5))) == []


def test_a_page_opened_by_its_address_each_time_is_a_loop() -> None:
    assert loops(*(load(n, n * 1000, "/a", "") for n in range(3))) == [("/a", 3)]


@pytest.mark.usefixtures("clickhouse")
def test_a_loop_over_midnight_is_found_and_a_late_click_in_between_takes_it_back() -> None:
    midnight_ms = NOW_MS - 12 * 3_600_000
    pages = [
        page(0, 0, "load", page=f"page-{n}", origin_ms=midnight_ms + at, route="/a", stored_at_ms=NOW_MS - 20_000)
        for n, at in enumerate((-7000, -1, 8000))
    ]
    store(pages)
    tick(until_ms=NOW_MS - 10_000)
    assert [(signal.route, signal.count) for signal in standing_signals()] == [("/a", 3)]

    late = click(5, 2000, page="page-1", origin_ms=midnight_ms, answers={"mut": 1}, stored_at_ms=NOW_MS - 5000)
    store([late])
    tick(since_ms=NOW_MS - 10_000)
    assert standing_signals() == set()


def test_a_project_may_ask_for_more_loads() -> None:
    assert by_reference("page_loop", [load(n, n * 1000, "/a", "") for n in range(3)], min_loads=4) == []


def left(number: int, at: int) -> Event:
    """The document is left, or merely hidden, `at` ms after the first was opened."""
    return event(9, 0, "leave", page=f"page-{number}", origin_ms=ORIGIN_MS + at)


def test_documents_that_are_opened_in_tabs_one_after_another_are_none() -> None:
    """From a mail program, say: who goes back to it hides the page before he opens the next."""
    opened = [load(n, n * 4000, "/orders/:id", "") for n in range(3)]
    assert loops(*opened, left(0, 3999), left(1, 7999)) == []
    # What takes the place of a page begins before that is left.
    assert loops(*opened, left(0, 4000), left(1, 8000)) == [("/orders/:id", 3)]
