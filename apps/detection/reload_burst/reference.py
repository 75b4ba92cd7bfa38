"""`reload_burst` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.interactions import Event, in_session_order
from apps.detection.reload_burst.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The reload bursts among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst, element="")
        for reloads in _by_route(events)
        for burst in bursts(
            reloads,
            time_ms=lambda reload: reload.ts_ms,
            at_least=number(values, "min_reloads"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _by_route(events: Sequence[Event]) -> list[list[Event]]:
    """The reloads that a person did, by route."""
    routes: dict[str, list[Event]] = {}
    asked_for = False
    for event in in_session_order(events):
        if event.type == "page":
            if event.subtype == "reload" and not asked_for:
                routes.setdefault(event.route, []).append(event)
            asked_for = False
        elif _loads_anew(event):
            asked_for = True
    return list(routes.values())


def _loads_anew(event: Event) -> bool:
    """Whether the page itself goes elsewhere, or loads itself anew."""
    if event.type == "leave":
        return event.subtype == "reload"
    return event.type in {"click", "submit"} and "nav" in event.answers
