"""`quick_back` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, number
from apps.detection.interactions import Event, in_session_order
from apps.detection.quick_back.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The quick backs among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, [arrival, back], element="", count=1, detail=arrival.message)
        for arrival, back in _unused_pages(events)
        if _left_ms(arrival, back) - arrival.ts_ms <= number(values, "window_ms")
    ]


def _unused_pages(events: Sequence[Event]) -> list[tuple[Event, Event]]:
    """(page event that arrived, page event that went back) of each page on which nothing was done."""
    found = []
    arrival: Event | None = None
    is_left = False
    for event in in_session_order(events):
        if event.type == "page" and event.subtype != "replace":
            if arrival is not None and _goes_back_from(arrival, event, is_left=is_left):
                found.append((arrival, event))
            arrival = event if event.subtype in {"load", "push"} and event.message else None
            is_left = False
        elif arrival is not None and event.page_id == arrival.page_id and event.type == "leave":
            is_left = True
        elif arrival is not None and event.page_id == arrival.page_id and _is_use(event):
            arrival = None
    return found


def _goes_back_from(arrival: Event, page: Event, *, is_left: bool) -> bool:
    """Whether `page` was gone back to from the page of `arrival`, and not from one in another tab."""
    if page.subtype not in {"back", "bfcache"}:
        return False
    return page.page_id == arrival.page_id or page.route == arrival.message or is_left


def _is_use(event: Event) -> bool:
    return event.type in {"click", "submit"} or (event.type == "field" and event.edits > 0)


def _left_ms(arrival: Event, back: Event) -> int:
    """When the page was left: `back` tells when the one before was shown again, for which it may have had to load."""
    origin_ms = back.ts_ms - back.t
    return origin_ms if back.page_id != arrival.page_id and origin_ms > arrival.ts_ms else back.ts_ms
