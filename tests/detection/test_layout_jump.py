"""`layout_jump`, case by case."""

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, click


def jumps(*events: Event) -> list[tuple[int, str]]:
    """(n, how far the target had moved) of each layout jump found."""
    return [(signal.n, signal.detail) for signal in by_reference("layout_jump", events)]


def test_a_click_on_what_had_just_moved_is_a_layout_jump() -> None:
    assert jumps(click(1, 0, shift_px=20, shift_ago_ms=500)) == [(1, "20 px")]


def test_a_small_shift_is_not() -> None:
    assert jumps(click(1, 0, shift_px=19, shift_ago_ms=0)) == []


def test_a_shift_of_long_ago_is_not() -> None:
    assert jumps(click(1, 0, shift_px=300, shift_ago_ms=501)) == []


def test_a_click_on_what_stood_still_is_not() -> None:
    assert jumps(click(1, 0)) == []


def test_a_page_that_answered_the_click_has_moved_under_it_all_the_same() -> None:
    (signal,) = by_reference("layout_jump", [click(1, 0, shift_px=80, shift_ago_ms=120, answers={"nav": 5})])
    assert (signal.element, signal.element_label, signal.count) == ("button[data-testid=pay]", "Pay", 1)


def test_a_click_beside_a_button_counts_too() -> None:
    assert jumps(click(1, 0, shift_px=80, shift_ago_ms=120, clickable=False, element="p.hint")) == [(1, "80 px")]


def test_a_project_may_allow_larger_shifts() -> None:
    assert by_reference("layout_jump", [click(1, 0, shift_px=80, shift_ago_ms=120)], moved_px=100) == []
