"""`tab_switching` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.interactions import Event, by_page_view
from apps.detection.signal import Signal, signal_of
from apps.detection.tab_switching.definition import DEFINITION


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The tab switchings among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst)
        for page_view in by_page_view(events).values()
        for burst in bursts(
            _returns_to_a_form(page_view, within_ms=number(values, "window_ms")),
            time_ms=lambda back: back.t,
            at_least=number(values, "min_returns"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _returns_to_a_form(page_view: Sequence[Event], *, within_ms: int) -> list[Event]:
    """The returns while a form was being filled in, each with that form as its element."""
    returns = []
    filled: Event | None = None
    for event in page_view:
        if event.type == "field" and event.edits > 0:
            filled = event
        elif event.type == "submit" and event.subtype != "invalid":
            filled = None
        elif event.type == "return" and filled and event.t - (filled.t + filled.duration_ms) <= within_ms:
            returns.append(replace(event, element=filled.form or filled.element, element_label=""))
    return returns
