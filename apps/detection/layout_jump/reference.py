"""`layout_jump` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, number
from apps.detection.interactions import Event
from apps.detection.layout_jump.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The layout jumps among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, [event], detail=f"{event.shift_px} px")
        for event in events
        if event.type == "click"
        and event.shift_px >= number(values, "moved_px")
        and event.shift_ago_ms <= number(values, "window_ms")
    ]
