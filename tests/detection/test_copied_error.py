"""`copied_error`, case by case."""

from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.detection.sessions import by_reference, event

LATE_MS = 600_000


def copy(n: int, t: int = LATE_MS, *, age_ms: int | None, **fields: Any) -> Event:
    """Text copied out of an alert, long after its page was opened unless said otherwise."""
    told = {"element": "div#problem", "element_role": "alert", "element_label": "Payment failed"}
    return event(n, t, "copy", age_ms=age_ms, **{**told, **fields})


def found(*events: Event) -> list[int]:
    """n of each copied error found."""
    return [signal.n for signal in by_reference("copied_error", events)]


def test_an_alert_copied_within_half_a_minute_is_one() -> None:
    (signal,) = by_reference("copied_error", [copy(1, age_ms=30_000)])
    assert (signal.element, signal.element_label, signal.count) == ("div#problem", "Payment failed", 1)


def test_one_copied_later_is_none() -> None:
    assert found(copy(1, age_ms=30_001)) == []


def test_a_region_of_unknown_age_is_no_older_than_its_page() -> None:
    assert found(copy(1, 30_000, age_ms=None)) == [1]
    assert found(copy(1, 30_001, age_ms=None)) == []


@pytest.mark.parametrize(
    "failed",
    [
        {"type": "error"},
        {"type": "request", "status": 500, "subtype": "POST", "message": "/api/pay"},
        {"type": "request", "status": 422, "subtype": "POST", "message": "https://api.shop.example/pay"},
        {"type": "request", "status": 0, "subtype": "POST", "message": "/api/pay"},
        {"type": "submit", "status": 422, "subtype": "submit"},
        {"type": "submit", "status": 0, "subtype": "submit"},
        {"type": "submit", "subtype": "invalid"},
    ],
)
def test_a_region_of_unknown_age_is_fresh_so_soon_after_something_has_failed(failed: dict[str, Any]) -> None:
    assert found(event(1, LATE_MS - 30_000, **failed), copy(2, age_ms=None)) == [2]
    assert found(event(1, LATE_MS, **failed), copy(2, age_ms=None)) == [2]
    assert found(event(1, LATE_MS - 30_001, **failed), copy(2, age_ms=None)) == []
    assert found(event(2, LATE_MS + 1, **failed), copy(1, age_ms=None)) == []
    assert found(event(1, LATE_MS - 5, page="page-2", **failed), copy(2, age_ms=None)) == []
    # A known age is believed.
    assert found(event(1, LATE_MS - 5, **failed), copy(2, age_ms=30_001)) == []


@pytest.mark.parametrize(
    "harmless",
    [
        {"type": "request", "status": 200, "subtype": "POST", "message": "/api/pay"},
        {"type": "request", "status": 0, "subtype": "POST", "message": "https://tracker.example/collect"},
        {"type": "submit", "status": 200, "subtype": "submit"},
        {"type": "submit", "subtype": "submit"},
        {"type": "click"},
    ],
)
def test_but_not_after_what_is_no_failure(harmless: dict[str, Any]) -> None:
    assert found(event(1, LATE_MS - 5, **harmless), copy(2, age_ms=None)) == []


def test_a_region_that_changed_just_now_is_fresh_however_old_its_page() -> None:
    assert found(copy(1, 3_600_000, age_ms=0)) == [1]


@pytest.mark.parametrize("role", ["alert", "status", ""])
def test_every_region_that_tells_of_something_counts(role: str) -> None:
    assert found(copy(1, age_ms=5, element_role=role)) == [1]


@pytest.mark.parametrize("role", ["log", "timer", "marquee"])
def test_a_line_of_a_chat_or_a_ticker_is_no_error(role: str) -> None:
    assert found(copy(1, age_ms=5, element_role=role)) == []


def test_every_copy_is_a_signal_of_its_own() -> None:
    assert found(copy(1, age_ms=5), copy(2, age_ms=900, page="page-2")) == [1, 2]


def test_nothing_but_a_copy_counts() -> None:
    assert found(event(1, 0, "click", element_role="alert")) == []


def test_a_project_may_look_at_a_shorter_time() -> None:
    assert by_reference("copied_error", [copy(1, age_ms=5001)], fresh_ms=5000) == []
