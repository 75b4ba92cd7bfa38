"""Whether anybody was there: what only people do, and when they left. Pure."""

from collections.abc import Sequence

from apps.detection.interactions import Event

# What happens to a page without anybody at it, or as somebody goes. shows_somebody.sql names the same.
_WITHOUT_ANYBODY = ("leave", "error", "request", "track")


def shows_somebody(event: Event) -> bool:
    """Whether somebody was at the page when `event` happened."""
    return event.type not in _WITHOUT_ANYBODY


def left_for_good(page_view: Sequence[Event]) -> Event | None:
    """The last leaving of one page view (ordered by (t, n)), if nobody was seen there after it.

    A page that was merely hidden has somebody again later; until that is known, it counts as left.
    """
    left = None
    for event in page_view:
        if event.type == "leave":
            left = event
        elif shows_somebody(event):
            left = None
    return left


def while_shown(page_view: Sequence[Event]) -> list[Event]:
    """What happened on one page view (ordered by (t, n)), but not between a leaving and the next sign of somebody."""
    shown = []
    is_hidden = False
    for event in page_view:
        if event.type == "leave":
            is_hidden = True
        elif shows_somebody(event):
            is_hidden = False
        if not is_hidden:
            shown.append(event)
    return shown
