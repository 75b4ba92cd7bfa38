"""`copied_error` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.copied_error.definition import DEFINITION
from apps.detection.definition import Value, names, number
from apps.detection.interactions import Event
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The copied errors among one session's `events`, each of which occurs once."""
    return [signal_of(DEFINITION, [event]) for event in events if _is_fresh_error(event, values)]


def _is_fresh_error(event: Event, values: Mapping[str, Value]) -> bool:
    if event.type != "copy" or event.element_role in names(values, "excluded_roles"):
        return False
    age_ms = event.t if event.age_ms is None else event.age_ms
    return age_ms <= number(values, "fresh_ms")
