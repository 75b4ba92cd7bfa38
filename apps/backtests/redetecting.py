"""The signals that other parameters give, as each tick of a span would have come to know them.

The queries are the live ones. A tick computes a session's signals from all its events that were stored by then; so that
one query can do what thousands of ticks did, it is given every such *view* of a session as a session of its own
(events_as_viewed.sql). What a tick would have written is the difference between two views (`views`). Arrival counts as
it did live: an event is in the views of the ticks that could see it, a repeated one since its first copy.

Suppressions hide what they hide live, from when they were made until they were ended. The parameters are taken as in
force since ever.

Exact for sessions of up to 24 h, which is what the SDK makes them; and for events that are still kept. A longer session
has its signals of more than 24 h before a new event left as they are, where a live tick that met an even later event of
another session would have looked at them again.

Sessions are read in portions, in the order in which they are stored, so that memory is bounded by a portion, and one
session that alone is more is looked at in several steps of time. Tables are the connection's own and go with it;
nothing else is written.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

from apps.backtests.history import Known
from apps.backtests.reading import from_row
from apps.backtests.replay import Span
from apps.backtests.views import State, View, written_by_tick
from apps.clickhouse import client
from apps.clickhouse.composing import composed
from apps.core import clock
from apps.detection.catalog import by_name
from apps.detection.changes import Change
from apps.detection.hiding import Hiding
from apps.detection.models import Suppression
from apps.detection.parameters import Overrides
from apps.detection.scope import AHEAD_MS, MARGIN_MS, SESSION_MS
from apps.detection.settings import OwnValues, hiding_of
from apps.detection.signal import kept_until_ms
from apps.detection.store import events_query, read_once_statement, signal_from_row, signals_query
from apps.incidents.schedule import SETTLE_MS
from apps.thresholds.windows import GRID_MS

# The SQL of a file here, with its parts.
_sql = partial(composed, Path(__file__).parent)
# How long before a session's beginning an event of it may have been stored, with what scope.py allows for.
_MARGIN_MS = MARGIN_MS + AHEAD_MS
# So long before the signals that matter events may have been stored that they need.
READS_BEFORE_MS = SESSION_MS + _MARGIN_MS
# Events times views that are looked at together. A portion takes some seconds and some hundred MB in ClickHouse.
_PORTION_ROWS = 1_000_000
# Names of sessions in one query: some 2 MB of text.
_NAMED = 20_000
_LIMITS: Mapping[str, int | float] = {
    "max_execution_time": 60,
    "max_memory_usage": 2_000_000_000,
    "max_query_size": 64 * 2**20,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which signals of a project to find anew: those of `kinds`, with the parameters of each of `sides`."""

    project_id: int
    kinds: Sequence[str]
    sides: Sequence[OwnValues]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Of the project's sessions those that a tick of the span after its first looked at (`moving`); or else the others.

    Of the others those with an event from `from_ms` on.
    """

    moving: bool
    from_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Portion:
    """Sessions by name, both included. `rows`: how much there is to look at. `steps`: the ticks (after, until], ms."""

    first_session: str
    last_session: str
    rows: int
    reads_from_ms: int
    steps: Sequence[tuple[int, int]]


# Side (its index), kind, session.
_Key = tuple[int, str, str]


def written(
    asked: Asked, which: Which, *, progress: Callable[[float], None] = lambda done: None
) -> Iterator[tuple[int, Known]]:
    """What the ticks would have written of these sessions' signals: the side (its index) and the row.

    Of one signal in order of ticks. What was known before the span is of its first tick. `progress` is called with the
    part of it all that is done; whatever it raises ends it. Raises ClickHouseUnavailableError, QueryFailedError,
    ParameterError.
    """
    hidings_at = _hidings(asked.project_id)
    portions = _portions(asked, which)
    total, done = sum(portion.rows for portion in portions), 0.0
    for portion in portions:
        stored: defaultdict[_Key, dict[UUID, Change]] = defaultdict(dict)
        for step in portion.steps:
            progress(done / total)
            states, views = _looked_at(asked, which, portion, step, also={key for key in stored if stored[key]})
            for key in [*states, *(key for key in stored if key not in states)]:
                side, _, session_id = key
                changes = written_by_tick(
                    views.get(session_id, ()), states.get(key, ()), stored=stored[key], hidings_at=hidings_at
                )
                for tick_ms, change in changes:
                    # What was past its retention when a tick learned of it was not counted then either.
                    if kept_until_ms(change.signal.ts_ms, change.signal.retention_days) > tick_ms:
                        yield side, _known(change, tick_ms)
            done += portion.rows / len(portion.steps)
    progress(1)


def _portions(asked: Asked, which: Which) -> list[_Portion]:
    rows = client.query(
        _sql("portions.sql", sessions=_sql("sessions_of_span.sql")),
        {**_bound(asked, which), "most_rows": _PORTION_ROWS},
        limits=_LIMITS,
    )
    return [
        _Portion(
            first_session,
            last_session,
            size,
            oldest_ms - READS_BEFORE_MS,
            _steps(first_tick_ms - GRID_MS, last_tick_ms, -(-size // (2 * _PORTION_ROWS))),
        )
        for first_session, last_session, size, oldest_ms, first_tick_ms, last_tick_ms in rows
    ]


def _steps(after_ms: int, until_ms: int, number: int) -> list[tuple[int, int]]:
    """(after, until] cut into at most `number` pieces at ticks."""
    ticks = (until_ms - after_ms) // GRID_MS
    length_ms = -(-ticks // number) * GRID_MS
    return [(begin_ms, min(begin_ms + length_ms, until_ms)) for begin_ms in range(after_ms, until_ms, length_ms)]


def _looked_at(
    asked: Asked, which: Which, portion: _Portion, step: tuple[int, int], *, also: Collection[_Key]
) -> tuple[dict[_Key, list[State]], dict[str, list[View]]]:
    """The states of the portion's signals in the step's views; and the views, of sessions with a state or in `also`."""
    states: defaultdict[_Key, list[State]] = defaultdict(list)
    after_ms, until_ms = step
    bound = {
        **_bound(asked, which),
        "first_session": portion.first_session,
        "last_session": portion.last_session,
        "reads_from_ms": portion.reads_from_ms,
        "arrived_to_ms": until_ms - SETTLE_MS,
        "after_ms": after_ms,
        "until_ms": until_ms,
        "session_ms": SESSION_MS,
        "margin_ms": _MARGIN_MS,
    }
    with client.session() as session:
        events = events_query(_sql("of_chosen_sessions.sql", sessions=_sql("sessions_of_span.sql")))
        session.query(read_once_statement(events), bound, limits=_LIMITS)
        session.query(_sql("views_of_sessions.sql"), bound, limits=_LIMITS)
        for kind in asked.kinds:
            definition = by_name(kind)
            of_kind = {**bound, "event_types": definition.event_types}
            for side, own in enumerate(asked.sides):
                overrides: Overrides = {kind: {asked.project_id: own.get(kind, {})}}
                signals, values = signals_query(definition, overrides, tick_events=_sql("events_as_viewed.sql"))
                rows = session.query(_sql("signal_states.sql", signals=signals), {**of_kind, **values}, limits=_LIMITS)
                for row in rows:
                    signal = signal_from_row(row[:-1], kind=kind, version=definition.version)
                    states[side, kind, signal.session_id].append(State(signal, row[-1]))
        views = _views(session, sorted({session_id for _, _, session_id in {*states, *also}}))
    return states, views


def _views(session: client.Session, sessions: Sequence[str]) -> dict[str, list[View]]:
    views: dict[str, list[View]] = {}
    for begin in range(0, len(sessions), _NAMED):
        named = {"sessions": sessions[begin : begin + _NAMED]}
        for session_id, found in session.query(_sql("views_of_named.sql"), named, limits=_LIMITS):
            views[session_id] = [View(tick_ms, decided_from_ms) for tick_ms, decided_from_ms in found]
    return views


def _hidings(project_id: int) -> Callable[[int], Sequence[Hiding]]:
    """The project's suppressions as a tick (ms) knew them: those made by then, and ended only once they were."""
    rows = list(Suppression.objects.filter(project_id=project_id).order_by("pk"))
    moments = sorted({at for row in rows for at in (row.created_at, row.ended_at) if at})

    @cache
    def known(moment: int) -> Sequence[Hiding]:
        """As of the moment of this number, from 1; nothing before the first."""
        made = [row for row in rows if moment and row.created_at <= moments[moment - 1]]
        return tuple(
            hiding_of(row)
            if row.ended_at and row.ended_at <= moments[moment - 1]
            else replace(hiding_of(row), until_ms=clock.to_ms(row.expires_at))
            for row in made
        )

    return lambda tick_ms: known(bisect_right(moments, clock.from_ms(tick_ms)))


def _known(change: Change, tick_ms: int) -> Known:
    signal = change.signal
    return from_row(
        (
            str(signal.signal_id), tick_ms, change.retracted, signal.ts_ms, signal.kind, signal.route, signal.element,
            signal.environment, signal.release, signal.device, signal.session_id, signal.user_id, signal.count,
            signal.element_label, signal.detail, change.suppressed_by, signal.retention_days,
        )
    )  # fmt: skip


def _bound(asked: Asked, which: Which) -> dict[str, Any]:
    span = asked.span
    arrived_from_ms = span.first_ms - SETTLE_MS
    return {
        "project_id": asked.project_id,
        "first_ms": span.first_ms,
        "last_ms": span.last_ms,
        "settle_ms": SETTLE_MS,
        "moving": int(which.moving),
        "from_ms": which.from_ms,
        "stored_from_ms": (arrived_from_ms if which.moving else which.from_ms) - READS_BEFORE_MS,
    }
