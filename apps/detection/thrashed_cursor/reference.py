"""`thrashed_cursor` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, number
from apps.detection.interactions import Event
from apps.detection.signal import Signal, signal_of
from apps.detection.thrashed_cursor.definition import DEFINITION


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The thrashed cursors among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, [event], count=event.turns)
        for event in events
        if event.type == "pointer"
        and event.turns >= number(values, "min_turns")
        and event.distance_px >= number(values, "travelled_px")
    ]
