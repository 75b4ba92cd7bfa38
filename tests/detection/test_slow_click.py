"""`slow_click`, case by case."""

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, click


def slow(*events: Event) -> list[tuple[int, str]]:
    """(n, how long it took) of each slow click found."""
    return [(signal.n, signal.detail) for signal in by_reference("slow_click", events)]


def test_a_button_that_answers_after_more_than_a_second_is_slow() -> None:
    assert slow(click(1, 0, answers={"mut": 1001})) == [(1, "1001 ms")]
    assert slow(click(1, 0, answers={"mut": 1000})) == []


def test_an_answer_after_the_dead_limit_is_a_dead_clicks() -> None:
    for answers, dead in (({"mut": 2500}, 0), ({"mut": 2501}, 1)):
        clicks = [click(1, 0, answers=answers, observed_ms=4000)]
        assert len(by_reference("dead_click", clicks)) == dead
        assert len(by_reference("slow_click", clicks)) == 1 - dead


def test_the_first_answer_counts() -> None:
    assert slow(click(1, 0, answers={"req": 20, "mut": 1800})) == []
    assert slow(click(1, 0, answers={"req": 1500, "mut": 1800})) == [(1, "1500 ms")]


def test_a_spinner_at_once_is_an_answer() -> None:
    assert slow(click(1, 0, answers={"mut": 8, "nav": 2400})) == []


@pytest.mark.parametrize("kind", ["vis", "sel", "input", "focus"])
def test_what_the_person_did_next_does_not_tell_when_the_page_answered(kind: str) -> None:
    assert slow(click(1, 0, answers={kind: 1500})) == []
    assert slow(click(1, 0, answers={kind: 1500, "mut": 1800})) == [(1, "1800 ms")]
    assert slow(click(1, 0, answers={kind: 900, "mut": 1800})) == []


@pytest.mark.parametrize("kind", ["bg", "err"])
def test_what_goes_on_anyway_and_what_breaks_is_no_answer(kind: str) -> None:
    assert slow(click(1, 0, answers={kind: 1500})) == []
    assert slow(click(1, 0, answers={kind: 100, "mut": 1500})) == [(1, "1500 ms")]


def test_a_click_that_nothing_answers_is_not_slow() -> None:
    assert slow(click(1, 0)) == []


def test_a_late_mutation_after_a_click_on_what_does_not_look_clickable_is_not_its_answer() -> None:
    assert slow(click(1, 0, answers={"mut": 1500}, clickable=False)) == []


@pytest.mark.parametrize("kind", ["text", "select", "label", "media", "canvas", "newtab", "download", "external"])
def test_elements_that_the_browser_answers_out_of_sight_are_not_slow(kind: str) -> None:
    assert slow(click(1, 0, answers={"mut": 1500}, element_kind=kind)) == []


def test_a_project_may_call_less_slow() -> None:
    assert len(by_reference("slow_click", [click(1, 0, answers={"mut": 600})], slow_ms=500)) == 1


def test_the_second_of_a_double_click_does_not_wait_for_what_comes_later() -> None:
    """Such as a message that the first has shown, and that goes after a while."""
    late = click(2, 300, answers={"mut": 1700})
    assert slow(click(1, 0, answers={"mut": 5}), late) == []
    assert slow(click(1, 0, answers={"mut": 1001}), late) == [(1, "1001 ms"), (2, "1700 ms")]
