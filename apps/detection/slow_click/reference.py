"""`slow_click` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.answers import second_clicks
from apps.detection.definition import Value, names, number
from apps.detection.interactions import Event, answered
from apps.detection.signal import Signal, signal_of
from apps.detection.slow_click.definition import DEFINITION


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The slow clicks among one session's `events`, each of which occurs once."""
    seconds = second_clicks(events, values, answer_ms=number(values, "slow_ms"))
    return [
        signal_of(DEFINITION, [event], detail=f"{_answered_after_ms(event, values)} ms")
        for event in events
        if _is_slow(event, values) and (event.page_id, event.n) not in seconds
    ]


def _is_slow(event: Event, values: Mapping[str, Value]) -> bool:
    return (
        event.type == "click"
        and event.clickable
        and event.element_kind not in names(values, "excluded_kinds")
        and not answered(event, kinds=names(values, "answer_kinds"), within_ms=number(values, "slow_ms"))
        and answered(event, kinds=names(values, "page_kinds"), within_ms=number(values, "dead_ms"))
    )


def _answered_after_ms(event: Event, values: Mapping[str, Value]) -> int:
    """The page's first own answer, of which there is one."""
    return min(ms for kind, ms in event.answers.items() if kind in names(values, "page_kinds"))
