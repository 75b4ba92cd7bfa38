"""`thrashed_cursor`, case by case."""

from typing import Any

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, event


def spell(n: int, t: int, **fields: Any) -> Event:
    """A pointer that goes to and fro over the page's loading sign."""
    told = {"turns": 10, "distance_px": 600, "duration_ms": 2400, "element": "div.loading", **fields}
    return event(n, t, "pointer", **told)


def thrashed(*events: Event) -> list[tuple[int, int]]:
    """(n, turns) of each thrashed cursor found."""
    return [(signal.n, signal.count) for signal in by_reference("thrashed_cursor", events)]


def test_ten_turns_over_600_px_are_a_thrashed_cursor() -> None:
    assert thrashed(spell(1, 0)) == [(1, 10)]


def test_nine_turns_are_not() -> None:
    assert thrashed(spell(1, 0, turns=9, distance_px=5000)) == []


def test_a_hand_that_trembles_is_not() -> None:
    assert thrashed(spell(1, 0, turns=40, distance_px=599)) == []


def test_each_spell_is_a_signal_with_what_it_was_over() -> None:
    events = [spell(1, 0), spell(2, 9000, turns=23, element="main", element_label="Results")]
    assert [(one.n, one.count, one.element) for one in by_reference("thrashed_cursor", events)] == [
        (1, 10, "div.loading"),
        (2, 23, "main"),
    ]


def test_scrolling_to_and_fro_is_not() -> None:
    assert thrashed(event(1, 0, "scroll", distance_px=9000, turns=0)) == []


def test_a_project_may_ask_for_more_turns() -> None:
    assert by_reference("thrashed_cursor", [spell(1, 0)], min_turns=11) == []
