"""`error_burst`, case by case."""

from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, click, error, event, failed_request, field


def opened(n: int = 0, t: int = 0, **fields: Any) -> Event:
    """The page is shown."""
    return event(n, t, "page", subtype="load", **fields)


def bursts(*events: Event) -> list[tuple[int, int]]:
    """(n of the first error, errors) of each error burst found."""
    return [(signal.n, signal.count) for signal in by_reference("error_burst", events)]


def errors(*times_ms: int, **fields: Any) -> list[Event]:
    """Errors of one group, numbered from 10."""
    return [error(10 + number, t, **fields) for number, t in enumerate(times_ms)]


def test_three_errors_of_one_group_within_ten_seconds_are_one() -> None:
    (signal,) = by_reference("error_burst", [opened(), *errors(0, 5000, 10_000)])
    assert (signal.n, signal.count, signal.detail, signal.element) == (10, 3, "x is undefined", "")


def test_two_are_not() -> None:
    assert bursts(opened(), *errors(0, 1)) == []


def test_three_in_more_than_ten_seconds_are_not() -> None:
    assert bursts(opened(), click(1, 9000), *errors(0, 5000, 10_001)) == []


def test_three_of_different_groups_are_not() -> None:
    assert bursts(opened(), *errors(0, 1), error(20, 2, error_group="g2")) == []


def test_a_failed_request_is_no_error() -> None:
    assert bursts(opened(), *errors(0, 1), failed_request(20, 2, began=1)) == []


def test_what_a_tab_throws_that_nobody_uses_does_not_count() -> None:
    assert bursts(opened(), *errors(10_001, 10_002, 10_003)) == []
    assert bursts(*errors(0, 1, 2)) == []


def test_the_tenth_second_after_the_last_use_still_counts() -> None:
    assert bursts(opened(), *errors(9_998, 9_999, 10_000)) == [(10, 3)]


def test_a_field_is_used_as_long_as_it_is_visited() -> None:
    typing = field(1, 1000, duration_ms=60_000)
    # Something else in the middle does not end the visit.
    assert bursts(typing, click(2, 2000), *errors(70_998, 70_999, 71_000)) == [(10, 3)]
    assert bursts(typing, click(2, 2000), *errors(70_999, 71_000, 71_001)) == []


@pytest.mark.parametrize("type_", ["scroll", "pointer", "copy", "zoom", "interaction", "submit", "return"])
def test_whatever_a_person_does_is_use(type_: str) -> None:
    assert bursts(event(1, 60_000, type_), *errors(61_000, 62_000, 63_000)) == [(10, 3)]


@pytest.mark.parametrize("type_", ["request", "track"])
def test_what_happens_by_itself_is_not(type_: str) -> None:
    assert bursts(event(1, 60_000, type_), *errors(61_000, 62_000, 63_000)) == []


def test_a_hidden_page_is_not_used_until_somebody_comes_back() -> None:
    left = event(1, 1000, "leave")
    hidden = errors(1001, 1002, 1003)
    assert bursts(opened(), left, *hidden) == []
    assert bursts(opened(), left, *hidden, event(20, 5000, "return"), *errors(5001, 5002)) == []
    assert bursts(opened(), left, event(5, 1000, "return"), *hidden) == [(10, 3)]


def test_the_length_of_an_absence_is_no_use() -> None:
    assert bursts(event(1, 0, "return", duration_ms=60_000), *errors(20_000, 20_001, 20_002)) == []


def test_each_page_view_counts_for_itself() -> None:
    assert bursts(opened(), opened(page="page-2"), *errors(0, 1), error(12, 2, page="page-2")) == []


def test_errors_that_go_on_while_the_page_is_used_are_one_signal() -> None:
    clicks = [click(n, n * 5000) for n in range(8)]
    assert bursts(*clicks, *errors(*range(0, 40_000, 5000))) == [(10, 8)]


def test_a_project_may_ask_for_more_errors() -> None:
    assert by_reference("error_burst", [opened(), *errors(0, 1, 2)], min_errors=4) == []
