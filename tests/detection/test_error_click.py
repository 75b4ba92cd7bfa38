"""`error_click`, case by case."""

from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import (
    answered_request,
    by_reference,
    click,
    error,
    failed_request,
    standing_signals,
    store,
    tick,
)


def errors(*events: Event) -> list[tuple[int, int]]:
    """(n of the click, failures) of each error click found."""
    return [(signal.n, signal.count) for signal in by_reference("error_click", events)]


def sent(n: int, t: int, *, began: int, **fields: Any) -> Event:
    """A request that began at `began` and was answered well at `t`."""
    return answered_request(n, t, duration_ms=t - began, **fields)


def test_a_click_that_throws_within_a_second_is_an_error_click() -> None:
    assert errors(click(1, 5000), error(2, 6000)) == [(1, 1)]


def test_an_error_after_more_than_a_second_is_not_the_clicks() -> None:
    assert errors(click(1, 5000), error(2, 6001)) == []


def test_an_error_before_the_click_is_not_the_clicks() -> None:
    assert errors(error(1, 5000), click(2, 5000)) == []


def test_the_error_of_another_page_view_is_not_the_clicks() -> None:
    assert errors(click(1, 5000), error(2, 5010, page="page-2")) == []


def test_the_last_click_before_the_error_is_the_one() -> None:
    assert errors(click(1, 5000), click(2, 5100), error(3, 5101)) == [(2, 1)]


def test_a_button_that_throws_at_every_click_gives_a_signal_for_every_click() -> None:
    events = [event for n in range(5) for event in (click(2 * n, n * 700), error(2 * n + 1, n * 700 + 5))]
    assert errors(*events) == [(0, 1), (2, 1), (4, 1), (6, 1), (8, 1)]


def test_a_timer_that_throws_every_three_seconds_gives_none() -> None:
    timer = [error(100 + n, 3000 * n) for n in range(20)]
    clicks = [click(n, 7900 + 2500 * n) for n in range(15)]
    assert errors(*timer, *clicks) == []


def test_a_timer_stays_known_while_people_happen_to_click_before_it() -> None:
    timer = [error(100 + n, 3000 * n) for n in range(20)]
    clicks = [click(n, 3000 * (n + 1) - 400) for n in range(15)]
    assert errors(*timer, *clicks) == []


def test_an_error_of_another_group_is_not_hidden_by_a_timer() -> None:
    timer = [error(100 + n, 3000 * n) for n in range(20)]
    assert errors(*timer, click(1, 8000), error(2, 8010, error_group="g2")) == [(1, 1)]


def test_a_group_that_was_quiet_for_more_than_ten_seconds_is_laid_to_the_click_again() -> None:
    assert errors(error(1, 0), click(2, 10_000), error(3, 10_010)) == []
    assert errors(error(1, 0), click(2, 10_001), error(3, 10_010)) == [(2, 1)]


def test_two_buttons_that_throw_the_same_error_both_count() -> None:
    events = [click(1, 0), error(2, 5), click(3, 2000, element="button.other"), error(4, 2005)]
    assert errors(*events) == [(1, 1), (3, 1)]


def test_all_failures_of_one_click_are_one_signal() -> None:
    failures = [error(2, 10), error(3, 20, error_group="g2", message="y"), failed_request(4, 300, began=5)]
    (signal,) = by_reference("error_click", [click(1, 0), *failures])
    assert (signal.count, signal.detail) == (3, "x is undefined")
    assert signal.events == (("page-1", 1), ("page-1", 2), ("page-1", 3), ("page-1", 4))
    assert signal.element == "button[data-testid=pay]"


def test_a_request_that_fails_within_a_second_of_the_click_is() -> None:
    (signal,) = by_reference("error_click", [click(1, 5000), failed_request(2, 6000, began=5010, status=503)])
    assert signal.detail == "POST /api/pay: 503"


def test_a_request_that_a_click_has_sent_and_that_fails_late_is() -> None:
    (signal,) = by_reference("error_click", [click(1, 5000), failed_request(2, 13_010, began=5010, status=504)])
    assert (signal.count, signal.detail) == (1, "POST /api/pay: 504")
    # Whatever is clicked while it is under way.
    others = [click(3, 7000, element="a.help"), click(4, 12_900, element="a.help")]
    assert errors(click(1, 5000), *others, failed_request(2, 13_010, began=5010, status=504)) == [(1, 1)]


def test_a_request_that_began_more_than_a_second_after_the_click_is_not() -> None:
    assert errors(click(1, 5000), failed_request(2, 14_000, began=5999)) == [(1, 1)]
    # Rounded, it may have begun a millisecond later.
    assert errors(click(1, 5000), failed_request(2, 14_000, began=6000)) == []


def test_a_slow_request_that_works_when_the_app_sends_it_again_is_not() -> None:
    failed = failed_request(2, 13_010, began=5010, status=504)
    assert errors(click(1, 5000), failed, sent(3, 15_000, began=14_010)) == []
    assert errors(click(1, 5000), failed, sent(3, 18_011, began=14_010)) == [(1, 1)]


def test_a_poll_that_is_answered_late_and_keeps_failing_gives_none() -> None:
    poll = [failed_request(100 + n, 15_000 * n + 8000, began=15_000 * n, status=504) for n in range(10)]
    assert errors(*poll, *(click(n, 15_000 * n - 500) for n in range(1, 10))) == []


@pytest.mark.usefixtures("clickhouse")
def test_a_failure_that_arrives_when_its_click_was_judged_long_ago_is_found() -> None:
    store([click(1, 5000, stored_at_ms=NOW_MS - 20_000)])
    tick(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 10_000)
    assert standing_signals("error_click") == set()
    store([failed_request(2, 65_010, began=5010, status=504, stored_at_ms=NOW_MS - 10_000)])
    tick(since_ms=NOW_MS - 10_000, until_ms=NOW_MS)
    assert [signal.n for signal in standing_signals("error_click")] == [1]


def test_a_request_without_an_answer_is() -> None:
    (signal,) = by_reference("error_click", [click(1, 5000), failed_request(2, 5900, began=5010, status=0)])
    assert signal.detail == "POST /api/pay: network error"


def test_a_request_to_another_site_that_a_content_blocker_stopped_is_nobodys_error() -> None:
    blocked = failed_request(2, 5100, began=5010, status=0, message="https://tracker.example/collect")
    assert errors(click(1, 5000), blocked) == []
    refused = failed_request(2, 5100, began=5010, status=503, message="https://api.shop.example/cart")
    assert errors(click(1, 5000), refused) == [(1, 1)]
    unreached = failed_request(2, 5100, began=5010, status=0, message="//api.shop.example/cart")
    assert errors(click(1, 5000), unreached) == [(1, 1)]


def test_a_request_that_the_app_sends_again_and_that_works_is_not() -> None:
    failed = failed_request(2, 5100, began=5010, status=503)
    assert errors(click(1, 5000), failed, sent(3, 6200, began=6100)) == []
    # At once, too, and whatever the rounding does.
    assert errors(click(1, 5000), failed, sent(3, 5200, began=5099)) == []


def test_a_request_that_works_only_for_another_click_is() -> None:
    failed = failed_request(2, 5100, began=5010, status=503)
    assert errors(click(1, 5000), failed, click(3, 6000), sent(4, 6100, began=6005)) == [(1, 1)]


def test_a_request_that_works_too_late_or_elsewhere_or_was_sent_before_it_failed_is() -> None:
    failed = failed_request(2, 5100, began=5010, status=503)
    assert errors(click(1, 5000), failed, sent(3, 10_100, began=9000)) == []
    assert errors(click(1, 5000), failed, sent(3, 10_101, began=9000)) == [(1, 1)]
    assert errors(click(1, 5000), failed, sent(3, 5200, began=5098)) == [(1, 1)]
    assert errors(click(1, 5000), failed, sent(3, 6200, began=6100, message="/api/basket")) == [(1, 1)]
    assert errors(click(1, 5000), failed, sent(3, 6200, began=6100, subtype="GET")) == [(1, 1)]
    assert errors(click(1, 5000), failed, sent(3, 6200, began=6100, status=404)) == [(1, 1)]


def test_a_request_that_works_at_last_after_failing_twice_is_not() -> None:
    failed = [failed_request(2, 5100, began=5010, status=503), failed_request(3, 5900, began=5800, status=503)]
    assert errors(click(1, 5000), *failed, sent(4, 8000, began=7900)) == []


def test_what_the_script_throws_is_whatever_works_after_it() -> None:
    failed = failed_request(2, 5100, began=5010, status=503)
    assert errors(click(1, 5000), failed, error(3, 5110), sent(4, 6200, began=6100)) == [(1, 1)]


def test_a_request_that_was_under_way_before_the_click_is_not() -> None:
    assert errors(click(1, 5000), failed_request(2, 5500, began=4900)) == []


def test_a_request_that_rounding_puts_a_millisecond_before_its_click_is() -> None:
    assert errors(click(1, 5000), failed_request(2, 5500, began=4999)) == [(1, 1)]


def test_a_request_belongs_to_the_last_click_before_it_began() -> None:
    assert errors(click(1, 5000), click(2, 5300), failed_request(3, 5500, began=5010)) == [(1, 1)]


def test_a_refused_form_is_no_error_click() -> None:
    assert errors(click(1, 5000), failed_request(2, 5500, began=5010, status=422)) == []


def test_a_project_may_count_4xx_too() -> None:
    events = [click(1, 5000), failed_request(2, 5500, began=5010, status=404)]
    assert len(by_reference("error_click", events, status_from=400)) == 1


def test_a_poll_that_keeps_failing_gives_none() -> None:
    poll = [failed_request(100 + n, 5000 * n + 80, began=5000 * n) for n in range(10)]
    assert errors(*poll, *(click(n, 5000 * n - 10) for n in range(1, 10))) == []
