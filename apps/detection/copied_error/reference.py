"""`copied_error` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.copied_error.definition import DEFINITION
from apps.detection.definition import Value, names, number
from apps.detection.failing import was_refused
from apps.detection.interactions import Event, by_page_view
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The copied errors among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, [event])
        for page_view in by_page_view(events).values()
        for event in page_view
        if event.type == "copy"
        and event.element_role not in names(values, "excluded_roles")
        and _is_fresh(event, page_view, number(values, "fresh_ms"))
    ]


def _is_fresh(copy: Event, page_view: Sequence[Event], fresh_ms: int) -> bool:
    if copy.age_ms is not None:
        return copy.age_ms <= fresh_ms
    return copy.t <= fresh_ms or any(
        copy.t - fresh_ms <= event.t <= copy.t for event in page_view if event.type == "error" or was_refused(event)
    )
