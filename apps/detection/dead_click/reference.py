"""`dead_click` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.dead_click.definition import DEFINITION
from apps.detection.definition import Value, names, number
from apps.detection.interactions import Event, answered
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The dead clicks among one session's `events`, each of which occurs once."""
    return [signal_of(DEFINITION, [event]) for event in events if _is_dead(event, values)]


def _is_dead(event: Event, values: Mapping[str, Value]) -> bool:
    answer_ms = number(values, "answer_ms")
    return (
        event.type == "click"
        and event.clickable
        and event.element_kind not in names(values, "excluded_kinds")
        and event.observed_ms >= answer_ms
        and not answered(event, kinds=names(values, "answer_kinds"), within_ms=answer_ms)
    )
