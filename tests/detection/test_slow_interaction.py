"""`slow_interaction`, case by case."""

from typing import Any

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, click, event


def interaction(n: int, t: int, took: int, **fields: Any) -> Event:
    """A key pressed in a field, until the next paint."""
    told = {"subtype": "key", "element": "input#name", "element_label": "Name", **fields}
    return event(n, t, "interaction", duration_ms=took, **told)


def slow(*events: Event) -> list[tuple[int, str]]:
    """(n, how long it took) of each slow interaction found."""
    return [(signal.n, signal.detail) for signal in by_reference("slow_interaction", events)]


def test_more_than_half_a_second_until_the_next_paint_is_slow() -> None:
    assert slow(interaction(1, 0, 501)) == [(1, "501 ms")]
    assert slow(interaction(1, 0, 500)) == []


def test_each_is_a_signal_of_its_own_and_names_what_was_used() -> None:
    events = [interaction(1, 0, 800), interaction(2, 900, 504, subtype="pointer", element="button", element_label="Go")]
    assert [(one.n, one.element, one.element_label, one.count) for one in by_reference("slow_interaction", events)] == [
        (1, "input#name", "Name", 1),
        (2, "button", "Go", 1),
    ]


def test_how_long_other_things_took_is_not_looked_at() -> None:
    request = event(1, 0, "request", subtype="GET", status=200, duration_ms=9000)
    assert slow(request, click(2, 10, duration_ms=9000), event(3, 20, "leave", duration_ms=9000)) == []


def test_a_project_may_ask_for_less() -> None:
    assert len(by_reference("slow_interaction", [interaction(1, 0, 208)], slow_ms=200)) == 1
