"""`rage_click` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, names, number
from apps.detection.interactions import Event, answered, are_near, by_page_view
from apps.detection.rage_click.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The rage clicks among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst)
        for page_view in by_page_view(events).values()
        for chain in _chains(_clicks(page_view), radius_px=number(values, "radius_px"))
        for burst in bursts(
            [click for click in chain if _is_unanswered(click, values)],
            time_ms=lambda click: click.t,
            at_least=number(values, "min_clicks"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _clicks(page_view: Sequence[Event]) -> list[Event]:
    return [event for event in page_view if event.type == "click"]


def _chains(clicks: Sequence[Event], *, radius_px: int) -> list[list[Event]]:
    chains: list[list[Event]] = []
    for click in clicks:
        if chains and _is_on_the_same_thing(click, chains[-1][-1], radius_px=radius_px):
            chains[-1].append(click)
        else:
            chains.append([click])
    return chains


def _is_on_the_same_thing(click: Event, before: Event, *, radius_px: int) -> bool:
    if click.element and click.element == before.element:
        return True
    return are_near(click, before, radius_px=radius_px)


def _is_unanswered(click: Event, values: Mapping[str, Value]) -> bool:
    answer_ms = number(values, "answer_ms")
    if click.element_kind in names(values, "excluded_kinds") or click.observed_ms < answer_ms:
        return False
    return not answered(click, kinds=names(values, "answer_kinds"), within_ms=answer_ms)
