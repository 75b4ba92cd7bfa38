"""`form_retry`, case by case."""

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import ORIGIN_MS, by_reference, page, submit


def retries(*events: Event) -> list[tuple[int, int]]:
    """(n of the first submit, failures) of each form retry found."""
    return [(signal.n, signal.count) for signal in by_reference("form_retry", events)]


def test_three_refused_submits_within_two_minutes_are_a_form_retry() -> None:
    assert retries(submit(1, 0), submit(2, 50_000), submit(3, 120_000)) == [(1, 3)]


def test_two_are_not() -> None:
    assert retries(submit(1, 0), submit(2, 10_000)) == []


def test_three_in_more_than_two_minutes_are_not() -> None:
    assert retries(submit(1, 0), submit(2, 50_000), submit(3, 120_001)) == []


def test_refusals_by_the_browser_and_by_the_server_count_alike() -> None:
    (signal,) = by_reference(
        "form_retry",
        [submit(1, 0, status=400), submit(2, 1000, status=499), submit(3, 2000, subtype="invalid", status=None)],
    )
    assert (signal.count, signal.detail, signal.element) == (3, "invalid", "form#coupon")


@pytest.mark.parametrize("status", [None, 0, 500, 503])
def test_a_servers_fault_is_not_the_forms(status: int | None) -> None:
    assert retries(*(submit(n, n * 1000, status=status) for n in range(5))) == []


def test_a_servers_fault_in_between_changes_nothing() -> None:
    assert retries(submit(1, 0), submit(2, 1000), submit(3, 2000, status=500), submit(4, 3000)) == [(1, 3)]


@pytest.mark.parametrize("status", [200, 303])
def test_an_accepted_submit_ends_the_run(status: int) -> None:
    events = [submit(1, 0), submit(2, 1000), submit(3, 2000, status=status), submit(4, 3000), submit(5, 4000)]
    assert retries(*events) == []
    assert retries(*events, submit(6, 5000)) == [(4, 3)]


def test_another_form_counts_for_itself() -> None:
    assert retries(submit(1, 0), submit(2, 1000), submit(3, 2000, form="form#search")) == []
    # Accepting the search does not accept the coupon.
    assert retries(submit(1, 0), submit(2, 1000), submit(3, 2000, form="form#search", status=200), submit(4, 3000)) == [
        (1, 3)
    ]


def test_the_same_selector_on_another_route_is_another_form() -> None:
    assert retries(submit(1, 0), submit(2, 1000), submit(3, 2000, route="/cart")) == []


def test_a_form_without_its_own_selector_is_known_by_the_element() -> None:
    assert retries(*(submit(n, n * 1000, form="", element="form:nth-child(2)") for n in range(3))) == [(0, 3)]


def test_a_form_that_loads_its_page_anew_each_time_is_one_form() -> None:
    (signal,) = by_reference("form_retry", [submit(1, n * 1000, page=f"page-{n}", status=422) for n in range(3)])
    assert signal.events == (("page-0", 1), ("page-1", 1), ("page-2", 1))
    assert (signal.page_id, signal.count) == ("page-0", 3)


def test_a_run_that_goes_on_is_one_signal() -> None:
    assert retries(*(submit(n, n * 55_000) for n in range(8))) == [(0, 8)]


def test_a_project_may_ask_for_more_failures() -> None:
    submits = [submit(n, n * 1000) for n in range(3)]
    assert by_reference("form_retry", submits, min_failures=4) == []


def posted(number: int, *, status: int | None) -> list[Event]:
    """The browser posts the form, and shows the page that was answered with `status`."""
    sent = submit(1, number * 10_000, page=f"page-{number}", status=None, answers={"nav": 5})
    answer = page(0, 0, "load", page=f"page-{number + 1}", origin_ms=ORIGIN_MS + number * 10_000 + 300, status=status)
    return [sent, answer]


def test_of_a_form_that_the_browser_posts_the_next_page_tells_how_it_was_answered() -> None:
    (signal,) = by_reference("form_retry", [event for n in range(3) for event in posted(n, status=422)])
    assert (signal.count, signal.detail) == (3, "HTTP 422")
    for status in (None, 500):
        assert retries(*(event for n in range(3) for event in posted(n, status=status))) == []
    # That it leads to a page which is missing is told of none that a request of the app's own has carried.
    assert retries(*(submit(n, n * 1000, status=200) for n in range(3)), *posted(3, status=404)) == []
