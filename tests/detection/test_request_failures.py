"""`request_failures`, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import (
    answered_request,
    by_reference,
    click,
    event,
    failed_request,
    standing_signals,
    store,
    tick,
)


def failure(n: int, t: int, **fields: Any) -> Event:
    """A request that the server failed to answer."""
    return failed_request(n, t, began=t, **fields)


def left(n: int, t: int) -> Event:
    """The page was left, or hidden."""
    return event(n, t, "leave")


def failures(*events: Event) -> list[tuple[int, int]]:
    """(n of the first request, failures) of each signal found."""
    return [(signal.n, signal.count) for signal in by_reference("request_failures", events)]


def test_three_failures_within_ten_seconds_are_one() -> None:
    (signal,) = by_reference("request_failures", [failure(1, 0), failure(2, 5000), failure(3, 10_000, status=0)])
    assert (signal.n, signal.count, signal.detail) == (1, 3, "POST /api/pay: network error")


def test_two_are_not() -> None:
    assert failures(failure(1, 0), failure(2, 1)) == []


def test_three_in_more_than_ten_seconds_are_not() -> None:
    assert failures(failure(1, 0), failure(2, 5000), failure(3, 10_001)) == []


def test_failures_of_different_addresses_count_together() -> None:
    assert failures(failure(1, 0), failure(2, 1, message="/api/cart"), failure(3, 2, subtype="GET")) == [(1, 3)]


@pytest.mark.parametrize("status", [200, 304, 404, 422, 499, None])
def test_an_answer_that_the_page_can_show_is_no_failure(status: int | None) -> None:
    requests = [replace(failure(n, n), status=status) for n in range(4)]
    assert failures(*requests, left(9, 5)) == []


def test_requests_that_a_content_blocker_stops_are_none() -> None:
    blocked = [failure(n, n, status=0, message="https://ads.example/pixel") for n in range(4)]
    assert failures(*blocked, left(9, 5)) == []
    # A host that has answered the page is told without its scheme.
    assert failures(*(replace(each, message="//api.shop.example/orders") for each in blocked)) == [(0, 4)]
    # Another site's server that fails is a failure all the same.
    assert failures(*(replace(each, status=502) for each in blocked)) == [(0, 4)]


def test_each_page_view_counts_for_itself() -> None:
    assert failures(*(failure(n, n, page=f"page-{n}") for n in range(3))) == []


def test_one_failure_and_the_page_left_within_ten_seconds_is_one() -> None:
    assert failures(failure(1, 0), left(2, 10_000)) == [(1, 1)]
    assert failures(failure(1, 0), left(2, 10_001)) == []


def test_all_failures_before_the_leaving_are_one_signal() -> None:
    assert failures(failure(1, 0), failure(2, 9000, message="/api/cart"), left(3, 10_000)) == [(1, 2)]


def test_a_failure_after_the_leaving_does_not_account_for_it() -> None:
    assert failures(left(1, 1000), failure(2, 1000)) == []


def test_what_polls_in_a_hidden_page_and_fails_there_is_none() -> None:
    poll = [failure(10 + n, 2000 + n * 3000, subtype="GET", message="/api/news") for n in range(12)]
    back = event(30, 60_000, "return")
    assert failures(left(1, 1000), *poll) == []
    assert failures(left(1, 1000), *poll, back, answered_request(31, 60_100, message="/api/news")) == []
    # Those before and after it was hidden are not added to what failed meanwhile.
    assert failures(failure(0, 500), left(1, 1000), *poll, back, failure(31, 60_500)) == []


def test_what_fails_when_somebody_is_back_counts() -> None:
    after = [failure(10 + n, 6000 + n * 1000) for n in range(3)]
    for back in (event(2, 5000, "return"), click(2, 5000), event(2, 5000, "scroll")):
        assert failures(left(1, 1000), back, *after) == [(10, 3)]
    # Nobody is seen by what happens to a hidden page by itself.
    assert failures(left(1, 1000), event(2, 5000, "error"), event(3, 5000, "track"), *after) == []


def test_a_page_that_fails_before_and_after_a_short_look_elsewhere_counts() -> None:
    shown = [failure(1, 0), failure(2, 500), failure(9, 5500)]
    assert failures(*shown, left(3, 1000), failure(4, 2000), event(5, 5000, "return")) == [(1, 3)]


def test_a_poll_that_failed_while_the_page_was_hidden_does_not_account_for_the_leaving() -> None:
    back = [event(5, 30_000, "return"), failure(6, 31_000), left(7, 32_000)]
    assert failures(left(1, 1000), failure(2, 2000), *back) == []
    assert failures(left(1, 1000), failure(2, 2000, message="/api/news"), *back) == [(6, 1)]


def test_who_comes_back_has_not_left() -> None:
    assert failures(failure(1, 0), left(2, 1000), event(3, 5000, "return")) == []
    assert failures(failure(1, 0), left(2, 1000), click(3, 5000)) == []
    # What happens to the hidden page by itself brings nobody back.
    assert failures(failure(1, 0), left(2, 1000), answered_request(3, 5000, message="/api/news")) == [(1, 1)]


def test_who_goes_on_for_long_and_then_leaves_did_not_leave_for_it() -> None:
    assert failures(failure(1, 0), left(2, 1000), event(3, 2000, "return"), left(4, 60_000)) == []


def test_a_request_that_works_when_tried_again_does_not_account_for_it() -> None:
    assert failures(failure(1, 0), answered_request(2, 1000), left(3, 2000)) == []
    assert failures(failure(1, 0), answered_request(2, 1000, message="/api/cart"), left(3, 2000)) == [(1, 1)]
    # Nor does one that had worked before.
    assert failures(answered_request(0, 0), failure(1, 500), left(3, 2000)) == [(1, 1)]


def test_a_poll_that_fails_all_the_time_does_not_account_for_it() -> None:
    poll = [failure(n, n * 6000, subtype="GET", message="/api/news") for n in range(4)]
    assert failures(*poll, left(9, 19_000)) == []


def test_of_a_burst_the_leaving_makes_no_second_signal() -> None:
    assert failures(*(failure(n, n * 1000) for n in range(3)), left(9, 3000)) == [(0, 3)]


def test_a_page_view_with_a_burst_is_measured_by_its_bursts() -> None:
    late = failure(8, 15_000, message="/api/cart")
    assert failures(*(failure(n, n * 1000) for n in range(3)), late, left(9, 16_000)) == [(0, 3)]


def test_a_project_may_ask_for_more_failures_and_for_other_statuses() -> None:
    requests = [failure(n, n) for n in range(3)]
    assert by_reference("request_failures", requests, min_failures=4) == []
    assert by_reference("request_failures", requests, status_from=501) == []


@pytest.mark.usefixtures("clickhouse")
def test_a_late_return_retracts_it() -> None:
    store([replace(each, stored_at_ms=NOW_MS - 20_000) for each in (failure(1, 0), left(2, 1000))])
    tick(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 10_000)
    assert len(standing_signals("request_failures")) == 1
    store([event(3, 9000, "return", stored_at_ms=NOW_MS - 10_000)])
    tick(since_ms=NOW_MS - 10_000, until_ms=NOW_MS)
    assert standing_signals("request_failures") == set()
