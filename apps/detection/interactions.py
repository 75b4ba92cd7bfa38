"""One session's events as the reference implementations read them. Pure: no Django, no driver, no clock."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One stored event: the columns of the table `events` that rules read, under the same names.

    `t` is ms since the page's time origin; `ts_ms` and `stored_at_ms` are ms since 1970 in UTC; `answers` maps a kind
    of answer to ms after the click; `status` is None where no status is known, and 0 for a network error. The numbers
    from `edits` to `age_ms` belong to single types each and are 0 for the others (docs/wire.md); `age_ms` is None where
    it is not known.
    """

    project_id: int
    session_id: str
    page_id: str
    n: int
    t: int
    ts_ms: int
    stored_at_ms: int
    type: str
    evaluable: bool = True
    route: str = ""
    environment: str = ""
    release: str = ""
    device: str = ""
    user_id: str = ""
    element: str = ""
    element_role: str = ""
    element_label: str = ""
    element_kind: str = ""
    clickable: bool = False
    x: int = 0
    y: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    observed_ms: int = 0
    subtype: str = ""
    status: int | None = None
    duration_ms: int = 0
    error_group: str = ""
    message: str = ""
    form: str = ""
    edits: int = 0
    clears: int = 0
    turns: int = 0
    distance_px: int = 0
    shift_px: int = 0
    shift_ago_ms: int = 0
    scale: int = 0
    age_ms: int | None = None
    retention_days: int = 30


def first_copies(events: Iterable[Event]) -> list[Event]:
    """The evaluable events of one session, each once, ordered by (page view, n).

    An event is known by (project, session, page view, n). Of its copies the one stored first counts; of copies stored
    in the same millisecond, the least by what follows in `_precedence`.
    """
    evaluable = [event for event in events if event.evaluable]
    evaluable.sort(key=lambda copy: (*_identity(copy), *_precedence(copy)))
    return [next(copies) for _, copies in groupby(evaluable, key=_identity)]


def by_page_view(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Events by page view, in the order in which they happened there: by (t, n), never by the wall clock."""
    page_views: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: (event.page_id, event.t, event.n)):
        page_views.setdefault(event.page_id, []).append(event)
    return page_views


def in_session_order(events: Iterable[Event]) -> list[Event]:
    """The events of one session on their common timeline, whatever their page views: by (ts, page view, n)."""
    return sorted(events, key=lambda event: (event.ts_ms, event.page_id, event.n))


def answered(event: Event, *, kinds: Sequence[str], within_ms: int) -> bool:
    """Whether the page answered `event` by one of `kinds` at most `within_ms` after it."""
    return any(kind in kinds and ms <= within_ms for kind, ms in event.answers.items())


def are_near(click: Event, other: Event, *, radius_px: int) -> bool:
    """Whether two clicks are at most `radius_px` apart."""
    return (click.x - other.x) ** 2 + (click.y - other.y) ** 2 <= radius_px**2


def tag_of(event: Event) -> str:
    """The tag of the element of `event`: how the last part of its selector begins. tag.sql says the same."""
    return re.split("[#:[]", event.element.split(" ")[-1], maxsplit=1)[0]


def pages_after(events: Iterable[Event]) -> dict[tuple[str, int], Event]:
    """The next page event after each submit that a navigation answered, by the submit's (page view, n).

    next_pages.sql says the same of every event.
    """
    found = {}
    page: Event | None = None
    for event in reversed(in_session_order(events)):
        if event.type == "page":
            page = event
        elif event.type == "submit" and "nav" in event.answers and page is not None:
            found[event.page_id, event.n] = page
    return found


def _identity(event: Event) -> tuple[int, str, str, int]:
    return event.project_id, event.session_id, event.page_id, event.n


def _precedence(copy: Event) -> tuple[object, ...]:
    """Orders the copies of an event: the columns of apps/events/first_copy.sql. What is not known comes last."""
    return (
        copy.stored_at_ms, copy.t, copy.ts_ms, copy.type, copy.element, copy.x, copy.y, copy.observed_ms, copy.route,
        copy.environment, copy.release, copy.device, copy.user_id, copy.element_role, copy.element_label,
        copy.element_kind, copy.clickable, tuple(copy.answers), tuple(copy.answers.values()), copy.subtype,
        copy.status is None, copy.status or 0, copy.duration_ms, copy.error_group, copy.message, copy.form, copy.edits,
        copy.clears, copy.turns, copy.distance_px, copy.shift_px, copy.shift_ago_ms, copy.scale, copy.age_ms is None,
        copy.age_ms or 0, copy.retention_days,
    )  # fmt: skip
