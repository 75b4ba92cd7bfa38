"""`scroll_thrash` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.interactions import Event, by_page_view
from apps.detection.scroll_thrash.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The scroll thrashes among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst)
        for page_view in by_page_view(events).values()
        for strokes in _long_strokes(page_view, distance_px=number(values, "distance_px")).values()
        for burst in bursts(
            strokes,
            time_ms=lambda stroke: stroke.t,
            at_least=number(values, "min_turns"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _long_strokes(page_view: Sequence[Event], *, distance_px: int) -> dict[str, list[Event]]:
    by_scroller: dict[str, list[Event]] = {}
    for event in page_view:
        if event.type == "scroll" and abs(event.distance_px) >= distance_px:
            by_scroller.setdefault(event.element, []).append(event)
    return by_scroller
