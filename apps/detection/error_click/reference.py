"""`error_click` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, number
from apps.detection.error_click.definition import DEFINITION
from apps.detection.failing import address_of, answered_well, got_no_answer
from apps.detection.interactions import Event, by_page_view
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The error clicks among one session's `events`, each of which occurs once."""
    found = []
    for page_view in by_page_view(events).values():
        for click, failures in _failures_by_click(page_view, values):
            found.append(
                signal_of(DEFINITION, [click, *failures], count=len(failures), detail=_description(failures[0]))
            )
    return found


def _failures_by_click(page_view: Sequence[Event], values: Mapping[str, Value]) -> list[tuple[Event, list[Event]]]:
    """Each click of the page view (ordered by (t, n)) that caused failures, with these."""
    clicks = [event for event in page_view if event.type == "click"]
    caused: dict[int, list[Event]] = {}
    # Per group of failures: when the last one happened, and whether the group was then going on by itself.
    seen: dict[tuple[str, str], tuple[int, bool]] = {}
    rounding_ms = number(values, "rounding_ms")
    for failure in page_view:
        if not _is_failure(failure, values):
            continue
        group = (failure.type, failure.error_group)
        before = seen.get(group)
        click = _click_before(failure, clicks, rounding_ms=rounding_ms)
        if click is None or _began(failure, rounding_ms=rounding_ms) - click.t > number(values, "window_ms"):
            by_itself = True
        elif before is not None and before[0] >= click.t - number(values, "quiet_ms"):
            by_itself = before[1]
        else:
            by_itself = False
        seen[group] = (failure.t, by_itself)
        if click is not None and not by_itself and not _worked_at_last(failure, click, page_view, clicks, values):
            caused.setdefault(click.n, []).append(failure)
    return [(click, caused[click.n]) for click in clicks if click.n in caused]


def _is_failure(event: Event, values: Mapping[str, Value]) -> bool:
    if event.type != "request" or event.status is None:
        return event.type == "error"
    return event.status >= number(values, "status_from") or got_no_answer(event)


def _worked_at_last(
    failure: Event, click: Event, page_view: Sequence[Event], clicks: Sequence[Event], values: Mapping[str, Value]
) -> bool:
    """Whether `failure` is a request that the app sent again by itself, before any other click, and that worked."""
    rounding_ms = number(values, "rounding_ms")
    return failure.type == "request" and any(
        event.type == "request"
        and answered_well(event)
        and address_of(event) == address_of(failure)
        and _began(event, rounding_ms=rounding_ms) >= failure.t
        and event.t - failure.t <= number(values, "retry_ms")
        and _click_before(event, clicks, rounding_ms=rounding_ms) == click
        for event in page_view
    )


def _click_before(event: Event, clicks: Sequence[Event], *, rounding_ms: int) -> Event | None:
    """The last click before `event`; before it began, when it is a request."""
    began = _began(event, rounding_ms=rounding_ms)
    before = [click for click in clicks if click.t <= began and (click.t, click.n) < (event.t, event.n)]
    return before[-1] if before else None


def _began(event: Event, *, rounding_ms: int) -> int:
    return min(event.t, event.t - event.duration_ms + rounding_ms) if event.type == "request" else event.t


def _description(failure: Event) -> str:
    if failure.type == "error":
        return failure.message
    return f"{failure.subtype} {failure.message}: {failure.status or 'network error'}"
