"""`reload_burst`, case by case."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import ORIGIN_MS, by_reference, click, event, page, standing_signals, store, submit, tick


def reload(number: int, at: int, *, route: str = "/checkout") -> Event:
    """The page's reload that began a page view `at` ms after the first."""
    return page(0, 40, "reload", page=f"page-{number}", origin_ms=ORIGIN_MS + at, route=route)


def bursts(*events: Event) -> list[tuple[str, int]]:
    """(page view of the first reload, reloads) of each reload burst found."""
    return [(signal.page_id, signal.count) for signal in by_reference("reload_burst", events)]


def test_two_reloads_within_twenty_seconds_are_a_burst() -> None:
    assert bursts(page(0, 0, "load"), reload(2, 3000), reload(3, 23_000)) == [("page-2", 2)]


def test_one_reload_is_not() -> None:
    assert bursts(page(0, 0, "load"), reload(2, 3000)) == []


def test_two_in_more_than_twenty_seconds_are_not() -> None:
    assert bursts(reload(2, 3000), reload(3, 23_001)) == []


def test_another_page_counts_for_itself() -> None:
    assert bursts(reload(2, 0), reload(3, 1000, route="/cart")) == []
    assert bursts(reload(2, 0), reload(3, 1000, route="/cart"), reload(4, 2000)) == [("page-2", 2)]


@pytest.mark.parametrize("nav", ["load", "push", "replace", "back", "bfcache"])
def test_other_ways_to_see_a_page_anew_are_no_reloads(nav: str) -> None:
    assert bursts(reload(2, 0), page(0, 0, nav, page="page-3", origin_ms=ORIGIN_MS + 1000)) == []


def test_a_dead_click_between_two_reloads_changes_nothing() -> None:
    assert bursts(reload(2, 0), click(1, 2000, page="page-2"), reload(3, 4000)) == [("page-2", 2)]


@pytest.mark.parametrize("switch", [click, submit])
def test_a_reload_by_the_page_itself_is_not_counted(switch: Callable[..., Event]) -> None:
    once, again = (switch(1, at, page=f"page-{at}", answers={"nav": 3}) for at in (2000, 3900))
    assert bursts(reload(2, 0), once, reload(3, 2100), again, reload(4, 4000)) == []


def test_a_click_that_led_elsewhere_excuses_that_page_alone() -> None:
    led = click(1, 100, page="page-1", answers={"nav": 3})
    elsewhere = page(2, 200, "push", came_from="/cart", page="page-1")
    assert bursts(led, elsewhere, reload(2, 3000), reload(3, 6000)) == [("page-2", 2)]


def test_a_burst_names_the_page_and_no_element() -> None:
    (signal,) = by_reference("reload_burst", [reload(2, 0), reload(3, 4000), reload(4, 8000)])
    assert (signal.route, signal.element, signal.element_label, signal.count) == ("/checkout", "", "", 3)
    assert signal.events == (("page-2", 0), ("page-3", 0), ("page-4", 0))
    assert signal.ended_ms - signal.ts_ms == 8000


@pytest.mark.usefixtures("clickhouse")
def test_a_click_that_arrives_late_and_set_a_reload_off_takes_the_signal_back() -> None:
    store([reload(2, 0), reload(3, 4000)])
    tick()
    assert [(signal.page_id, signal.count) for signal in standing_signals("reload_burst")] == [("page-2", 2)]
    switch = click(5, 3900, page="page-2", answers={"nav": 2}, stored_at_ms=ORIGIN_MS + 60_000)
    store([switch])
    tick()
    assert standing_signals() == set()


def test_a_project_may_ask_for_more_reloads() -> None:
    assert by_reference("reload_burst", [reload(2, 0), reload(3, 4000)], min_reloads=3) == []


def test_a_page_that_loads_itself_anew_is_no_burst() -> None:
    leave = event(3, 2900, "leave", page="page-2", subtype="reload")
    assert bursts(reload(2, 0), leave, reload(3, 3000)) == []
    assert bursts(reload(2, 0), replace(leave, subtype=""), reload(3, 3000)) == [("page-2", 2)]
    # Somebody reloads it besides.
    assert bursts(reload(2, 0), leave, reload(3, 3000), reload(4, 5000)) == [("page-2", 2)]
