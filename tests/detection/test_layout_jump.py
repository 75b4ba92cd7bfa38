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


def test_what_moves_to_where_its_like_was_clicked_before_is_meant() -> None:
    first = click(1, 0, x=50, y=80, element_role="button")
    moved = {"x": 50, "shift_px": 48, "shift_ago_ms": 100, "element_role": "button"}
    assert jumps(first, click(2, 900, y=80, element="li:nth-child(3) > button", **moved)) == []
    assert jumps(first, click(2, 900, y=110, **moved)) == []
    assert jumps(first, click(2, 900, y=111, **moved)) == [(2, "48 px")]


def test_something_else_that_moves_there_is_not_meant() -> None:
    first = click(1, 0, x=50, y=80, element_role="button")
    moved = {"x": 50, "y": 80, "shift_px": 48, "shift_ago_ms": 100}
    assert jumps(first, click(2, 900, element_role="button", element_label="Empty the cart", **moved)) == [(2, "48 px")]
    assert jumps(first, click(2, 900, element_role="link", **moved)) == [(2, "48 px")]
    assert jumps(first, click(2, 900, element_role="button", page="page-2", **moved)) == [(2, "48 px")]
    # Of what has no role nobody knows what it is like.
    assert jumps(click(1, 0, x=50, y=80), click(2, 900, **moved)) == [(2, "48 px")]


def test_a_project_may_allow_larger_shifts() -> None:
    assert by_reference("layout_jump", [click(1, 0, shift_px=80, shift_ago_ms=120)], moved_px=100) == []
