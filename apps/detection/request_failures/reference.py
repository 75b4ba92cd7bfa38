"""`request_failures` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.failing import address_of, answered_well, got_no_answer
from apps.detection.interactions import Event, by_page_view
from apps.detection.presence import left_for_good, while_shown
from apps.detection.request_failures.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The request failures among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst, detail=_description(burst[-1]))
        for page_view in by_page_view(events).values()
        for burst in _bursts(page_view, values)
    ]


def _bursts(page_view: Sequence[Event], values: Mapping[str, Value]) -> list[list[Event]]:
    """The bursts of failures; where there is none, the failures before the page was left, if any."""
    window_ms = number(values, "window_ms")
    status_from = number(values, "status_from")
    failures = [event for event in while_shown(page_view) if _is_failed(event, status_from=status_from)]
    found = bursts(
        failures, time_ms=lambda failure: failure.t, at_least=number(values, "min_failures"), within_ms=window_ms
    )
    left = left_for_good(page_view)
    if found or left is None:
        return found
    last = [
        failure
        for failure in failures
        if (failure.t, failure.n) < (left.t, left.n)
        and not _worked_after(failure, page_view)
        and not _had_failed(address_of(failure), page_view, before_ms=left.t - window_ms, status_from=status_from)
    ]
    return [last] if last else []


def _is_failed(event: Event, *, status_from: int) -> bool:
    if event.type != "request" or event.status is None:
        return False
    return event.status >= status_from or got_no_answer(event)


def _had_failed(address: tuple[str, str], page_view: Sequence[Event], *, before_ms: int, status_from: int) -> bool:
    """Whether what was sent to `address` failed before `before_ms` already, whether or not the page was shown."""
    return any(
        _is_failed(event, status_from=status_from) and address_of(event) == address and event.t < before_ms
        for event in page_view
    )


def _worked_after(failure: Event, page_view: Sequence[Event]) -> bool:
    return any(
        event.type == "request"
        and answered_well(event)
        and address_of(event) == address_of(failure)
        and (event.t, event.n) > (failure.t, failure.n)
        for event in page_view
    )


def _description(failure: Event) -> str:
    return f"{failure.subtype} {failure.message}: {failure.status or 'network error'}"
