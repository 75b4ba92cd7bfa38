"""`dead_click`, case by case."""

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, click


def dead(*events: Event) -> list[int]:
    """n of each dead click found."""
    return [signal.n for signal in by_reference("dead_click", events)]


def test_a_button_that_answers_nothing_is_dead() -> None:
    assert dead(click(1, 0)) == [1]


def test_each_dead_click_is_a_signal_of_its_own() -> None:
    assert dead(click(1, 0), click(2, 100), click(3, 9000)) == [1, 2, 3]


@pytest.mark.parametrize(
    "kind", ["mut", "req", "nav", "scroll", "sel", "input", "focus", "dlg", "dl", "win", "media", "vis"]
)
def test_every_kind_of_answer_counts(kind: str) -> None:
    assert dead(click(1, 0, answers={kind: 2500})) == []


def test_an_answer_after_the_limit_comes_too_late() -> None:
    assert dead(click(1, 0, answers={"mut": 2501}, observed_ms=9000)) == [1]


@pytest.mark.parametrize("kind", ["bg", "err"])
def test_what_goes_on_anyway_and_what_breaks_is_no_answer(kind: str) -> None:
    assert dead(click(1, 0, answers={kind: 1})) == [1]


def test_a_click_on_what_does_not_look_clickable_is_not_dead() -> None:
    assert dead(click(1, 0, clickable=False)) == []


def test_a_click_just_before_the_page_was_left_proves_nothing() -> None:
    assert dead(click(1, 0, observed_ms=2499)) == []


@pytest.mark.parametrize("kind", ["text", "select", "label", "media", "canvas", "newtab", "download", "external"])
def test_elements_that_the_browser_answers_out_of_sight_are_not_dead(kind: str) -> None:
    assert dead(click(1, 0, element_kind=kind)) == []


def test_a_dead_link_is_dead() -> None:
    assert dead(click(1, 0, element_kind="link")) == [1]


def test_a_project_may_give_its_pages_more_time() -> None:
    late = click(1, 0, answers={"mut": 2700}, observed_ms=4000)
    assert len(by_reference("dead_click", [late])) == 1
    assert by_reference("dead_click", [late], answer_ms=3000) == []


def test_the_second_of_a_double_click_is_answered_by_what_the_first_did() -> None:
    first = click(1, 0, answers={"mut": 5})
    assert dead(first, click(2, 500, x=130)) == []
    assert dead(first, click(2, 501)) == [2]
    assert dead(first, click(2, 500, x=131)) == [2]
    # Before it, something has been clicked that answered nothing.
    assert dead(first, click(2, 200), click(3, 400)) == [3]
    assert dead(first, click(2, 200, page="page-2")) == [2]
