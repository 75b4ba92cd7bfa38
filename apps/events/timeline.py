"""One session as a person reads it: page view by page view, each event in plain words.

Within a page view, order and distances come from the page's own clock (t, n); the common clock only places page views
beside each other, because two of a browser's tabs may run at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from apps.clickhouse import client
from apps.clickhouse.composing import composed
from apps.core import clock
from apps.events import wording
from apps.events.store import FIRST_COPY
from apps.events.wording import TimelineEvent

_SQL = composed(Path(__file__).parent, "timeline.sql", first_copy=FIRST_COPY)
# Events shown at most: some ten screens, what a person will read of one session.
SHOWN = 200
# An event is (page view id, n).
EventKey = tuple[str, int]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `offset_ms` counts from the page view's start; `signals` are titles to point out."""

    n: int
    offset_ms: int
    at: datetime
    kind: str
    sentence: str
    detail: str
    trouble: bool
    signals: tuple[str, ...]

    @property
    def since_start(self) -> str:
        """How long after the page began, as people say it: +3.2 s."""
        return f"+{wording.duration(self.offset_ms)}"


@dataclass(frozen=True)
class PageView:
    """A page as it was seen, from its load to its end."""

    page_id: str
    route: str
    began_at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Timeline:
    """A session, or the part of it nearest to the asked moment. `earlier` and `later` count what is left out."""

    page_views: tuple[PageView, ...]
    earlier: int
    later: int
    device: str
    release: str
    environment: str
    user_id: str


def read(
    *, project_id: int, session_id: str, around: datetime | None, signals: Mapping[EventKey, Collection[str]]
) -> Timeline:
    """The events of a session nearest to `around` (its beginning when None), `SHOWN` at most.

    `signals` maps events to the titles of the signals that they are part of. An unknown session is an empty timeline.
    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    around_ms = clock.to_ms(around) if around is not None else 0
    rows = client.query(
        _SQL,
        {"project_id": project_id, "session_id": session_id, "around_ms": around_ms, "limit": SHOWN},
        limits={"max_execution_time": 5, "max_rows_to_read": 5_000_000},
    )
    if not rows:
        return Timeline((), 0, 0, "", "", "", "")
    events = [TimelineEvent(*row[:-2]) for row in rows]
    total, total_before = rows[0][-2:]
    shown_before = sum(event.ts_ms < around_ms for event in events)
    latest = max(events, key=lambda event: event.ts_ms)
    return Timeline(
        page_views=lay_out(events, signals=signals),
        earlier=total_before - shown_before,
        later=(total - total_before) - (len(events) - shown_before),
        device=latest.device,
        release=latest.release,
        environment=latest.environment,
        user_id=next((event.user_id for event in events if event.user_id), ""),
    )


def lay_out(events: Sequence[TimelineEvent], *, signals: Mapping[EventKey, Collection[str]]) -> tuple[PageView, ...]:
    """Groups `events` by page view, in the order in which the page views began."""
    by_page: dict[str, list[TimelineEvent]] = {}
    for event in events:
        by_page.setdefault(event.page_id, []).append(event)
    views = []
    for of_page in by_page.values():
        ordered = sorted(of_page, key=lambda event: (event.t, event.n))
        first = ordered[0]
        # The page's start on the common clock, also when its first events are left out.
        began_ms = first.ts_ms - first.t
        views.append((began_ms, _page_view(ordered, began_ms=began_ms, signals=signals)))
    return tuple(view for _, view in sorted(views, key=lambda item: item[0]))


def _page_view(
    ordered: Sequence[TimelineEvent], *, began_ms: int, signals: Mapping[EventKey, Collection[str]]
) -> PageView:
    entries = tuple(
        Entry(
            n=event.n,
            offset_ms=event.t,
            at=clock.from_ms(began_ms + event.t),
            kind=event.type,
            sentence=wording.sentence(event),
            detail=wording.detail(event),
            trouble=wording.is_trouble(event),
            signals=tuple(signals.get((event.page_id, event.n), ())),
        )
        for event in ordered
    )
    first = ordered[0]
    return PageView(page_id=first.page_id, route=first.route, began_at=clock.from_ms(began_ms), entries=entries)
