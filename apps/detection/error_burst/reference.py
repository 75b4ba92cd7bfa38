"""`error_burst` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.error_burst.definition import DEFINITION
from apps.detection.interactions import Event, by_page_view
from apps.detection.presence import shows_somebody
from apps.detection.signal import Signal, signal_of

# Events that tell of a length of time, in which the person was busy.
_LASTING = ("field", "pointer", "interaction")


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The error bursts among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst, detail=burst[-1].message)
        for page_view in by_page_view(events).values()
        for errors in _errors_in_use(page_view, use_ms=number(values, "use_ms")).values()
        for burst in bursts(
            errors,
            time_ms=lambda error: error.t,
            at_least=number(values, "min_errors"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _errors_in_use(page_view: Sequence[Event], *, use_ms: int) -> dict[str, list[Event]]:
    """Per group: the errors that came while somebody used the page."""
    by_group: dict[str, list[Event]] = {}
    last_used_ms: int | None = None
    for event in page_view:
        if event.type == "leave":
            last_used_ms = None
        elif event.type == "error":
            if last_used_ms is not None and event.t - last_used_ms <= use_ms:
                by_group.setdefault(event.error_group, []).append(event)
        elif shows_somebody(event):
            until_ms = event.t + (event.duration_ms if event.type in _LASTING else 0)
            last_used_ms = until_ms if last_used_ms is None else max(last_used_ms, until_ms)
    return by_group
