"""`slow_interaction` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, number
from apps.detection.interactions import Event
from apps.detection.signal import Signal, signal_of
from apps.detection.slow_interaction.definition import DEFINITION


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The slow interactions among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, [event], detail=f"{event.duration_ms} ms")
        for event in events
        if event.type == "interaction" and event.duration_ms > number(values, "slow_ms")
    ]
