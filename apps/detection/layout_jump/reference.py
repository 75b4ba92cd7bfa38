"""`layout_jump` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, number
from apps.detection.interactions import Event, are_near, by_page_view
from apps.detection.layout_jump.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The layout jumps among one session's `events`, each of which occurs once."""
    found = []
    for page_view in by_page_view(events).values():
        clicks = [event for event in page_view if event.type == "click"]
        for click, before in zip(clicks, [None, *clicks], strict=False):
            has_jumped = click.shift_px >= number(values, "moved_px") and click.shift_ago_ms <= number(
                values, "window_ms"
            )
            if has_jumped and not _was_meant(click, before, radius_px=number(values, "radius_px")):
                found.append(signal_of(DEFINITION, [click], detail=f"{click.shift_px} px"))
    return found


def _was_meant(click: Event, before: Event | None, *, radius_px: int) -> bool:
    """Whether what moved under the pointer is called as what was clicked there before: the next row's button."""
    return (
        before is not None
        and are_near(click, before, radius_px=radius_px)
        and click.element_role != ""
        and (click.element_role, click.element_label) == (before.element_role, before.element_label)
    )
