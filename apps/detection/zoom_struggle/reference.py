"""`zoom_struggle` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.interactions import Event, by_page_view
from apps.detection.signal import Signal, signal_of
from apps.detection.zoom_struggle.definition import DEFINITION


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The zoom struggles among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst, detail=f"{burst[-1].scale} %")
        for zooms in _by_page(events)
        for burst in bursts(
            zooms,
            time_ms=lambda zoom: zoom.t,
            at_least=number(values, "min_zooms"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _by_page(events: Sequence[Event]) -> list[list[Event]]:
    pages: dict[tuple[str, str], list[Event]] = {}
    for page_view in by_page_view(event for event in events if event.type == "zoom").values():
        for zoom in page_view:
            pages.setdefault((zoom.page_id, zoom.route), []).append(zoom)
    return list(pages.values())
