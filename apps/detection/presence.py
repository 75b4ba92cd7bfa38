"""Whether anybody was there: what only people do, and when they left. Pure."""

from collections.abc import Iterator, Sequence

from apps.detection.interactions import Event

# What happens to a page without anybody at it, or as somebody goes. shows_somebody.sql names the same.
_WITHOUT_ANYBODY = ("leave", "error", "request", "track")


def shows_somebody(event: Event) -> bool:
    """Whether somebody was at the page when `event` happened."""
    return event.type not in _WITHOUT_ANYBODY


def _with_leavings(page_view: Sequence[Event]) -> Iterator[tuple[Event, Event | None]]:
    """Each event of one page view (ordered by (t, n)), with the last leaving, if nobody was seen there since."""
    left = None
    for event in page_view:
        if event.type == "leave":
            left = event
        elif shows_somebody(event):
            left = None
        yield event, left


def left_for_good(page_view: Sequence[Event]) -> Event | None:
    """The last leaving of one page view (ordered by (t, n)), if nobody was seen there after it.

    A page that was merely hidden has somebody again later; until that is known, it counts as left.
    """
    leavings = [left for _, left in _with_leavings(page_view)]
    return leavings[-1] if leavings else None


def while_shown(page_view: Sequence[Event]) -> list[Event]:
    """What happened on one page view (ordered by (t, n)), but not between a leaving and the next sign of somebody."""
    return [event for event, left in _with_leavings(page_view) if left is None]
