"""`dead_click` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.answers import second_clicks
from apps.detection.dead_click.definition import DEFINITION
from apps.detection.definition import Value, names, number
from apps.detection.interactions import Event, answered
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The dead clicks among one session's `events`, each of which occurs once."""
    seconds = second_clicks(events, values, answer_ms=number(values, "answer_ms"))
    return [
        signal_of(DEFINITION, [event])
        for event in events
        if _is_dead(event, values) and (event.page_id, event.n) not in seconds
    ]


def _is_dead(event: Event, values: Mapping[str, Value]) -> bool:
    answer_ms = number(values, "answer_ms")
    return (
        event.type == "click"
        and event.clickable
        and event.element_kind not in names(values, "excluded_kinds")
        and event.observed_ms >= answer_ms
        and not answered(event, kinds=names(values, "answer_kinds"), within_ms=answer_ms)
    )
