"""`field_struggle` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.field_struggle.definition import DEFINITION
from apps.detection.interactions import Event, in_session_order
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The field struggles among one session's `events`, each of which occurs once."""
    return [
        signal_of(
            DEFINITION,
            [visit for i, visit in enumerate(burst) if i == 0 or visit is not burst[i - 1]],
            count=len(burst),
        )
        for visits in _visits_by_field(events).values()
        for burst in _bursts(visits, values)
    ]


def _visits_by_field(events: Sequence[Event]) -> dict[tuple[str, str], list[Event]]:
    by_field: dict[tuple[str, str], list[Event]] = {}
    for event in in_session_order(events):
        if event.type == "field" and event.edits > 0 and event.element:
            by_field.setdefault((event.route, event.element), []).append(event)
    return by_field


def _bursts(visits: Sequence[Event], values: Mapping[str, Value]) -> list[list[Event]]:
    """The bursts of visits; where there is none, those of emptyings, each of them told as its visit."""
    window_ms, min_clears = number(values, "window_ms"), number(values, "min_clears")
    crowded = bursts(
        visits, time_ms=lambda visit: visit.ts_ms, at_least=number(values, "min_visits"), within_ms=window_ms
    )
    if crowded:
        return crowded
    clears = [visit for visit in visits if visit.duration_ms <= window_ms for _ in range(min(visit.clears, min_clears))]
    return bursts(clears, time_ms=lambda visit: visit.ts_ms, at_least=min_clears, within_ms=window_ms)
