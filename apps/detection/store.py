"""Reading a tick's sessions and their signals from ClickHouse, and writing signals."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from apps.clickhouse import client
from apps.clickhouse.composing import composed
from apps.detection.changes import Change
from apps.detection.definition import Definition
from apps.detection.interactions import Event
from apps.detection.parameters import NO_OVERRIDES, Overrides, expressions
from apps.detection.scope import Scope
from apps.detection.signal import Signal
from apps.events.store import FIRST_COPY

# The SQL of a file here, with its parts.
_sql = partial(composed, Path(__file__).parent)

# Seconds: twice a tick. A tick that takes longer than its 10 s is caught up; a query that takes this long is a fault to
# report. Bytes: what a machine of 8 GiB can spare beside three engines.
LIMITS: Mapping[str, int | float] = {"max_execution_time": 20, "max_memory_usage": 3 * 2**30}
# A query that names sessions: 64 MiB of its text are some million of them.
_NAMING_LIMITS: Mapping[str, int | float] = {**LIMITS, "max_query_size": 64 * 2**20}
# The columns of events_of_sessions.sql.
_EVENT_COLUMNS = (
    "project_id", "session_id", "page_id", "n", "t", "ts_ms", "stored_at_ms", "type", "route", "environment", "release",
    "device", "user_id", "element", "element_role", "element_label", "element_kind", "clickable", "x", "y", "answers",
    "observed_ms", "subtype", "status", "duration_ms", "error_group", "message", "form", "edits", "clears", "turns",
    "distance_px", "shift_px", "shift_ago_ms", "scale", "age_ms", "retention_days",
)  # fmt: skip


def find_scope(*, shard: int, shards: int, arrived_from_ms: int, arrived_to_ms: int) -> Scope | None:
    """What a tick of one shard looks at, or None when nothing new arrived. Raises ClickHouseError."""
    arrival = {"shard": shard, "shards": shards, "arrived_from_ms": arrived_from_ms, "arrived_to_ms": arrived_to_ms}
    ((count, oldest_ms),) = client.query(_sql("tick_scope.sql"), arrival, limits=LIMITS)
    if count == 0:
        return None
    return Scope(**arrival, oldest_ms=oldest_ms)


def compute_signals(
    definitions: Iterable[Definition],
    scope: Scope,
    *,
    overrides: Overrides = NO_OVERRIDES,
    written_as_of_ms: int | None = None,
) -> list[Signal]:
    """The signals in the sessions of `scope`, with each project's own parameters.

    The events are read, sorted and freed of repeats once, into a table of the session; each definition's query reads
    that. Writes nothing that stays, unless `written_as_of_ms` names the tick for which to write down where the sessions
    were and of which releases. Raises ClickHouseError, ParameterError.
    """
    found: list[Signal] = []
    with client.session() as session:
        events = events_query(_sql("of_tick_sessions.sql", tick_sessions=_sql("tick_sessions.sql")))
        session.query(read_once_statement(events), _bounds(scope), limits=LIMITS)
        if written_as_of_ms is not None:
            tick = {"as_of_ms": written_as_of_ms, "arrived_from_ms": scope.arrived_from_ms}
            for written in ("presences.sql", "releases.sql"):
                session.query(_sql(written), tick, limits=LIMITS)
        ((types,),) = session.query("SELECT groupUniqArray(type) FROM events_of_tick", limits=LIMITS)
        for definition in definitions:
            # A query costs some hundredths of a second, whatever it finds, and most ticks have few types of events.
            if not set(types).intersection(definition.event_types):
                continue
            sql, bound = signals_query(definition, overrides)
            rows = session.query(sql, bound, limits=LIMITS)
            found += [signal_from_row(row, kind=definition.name, version=definition.version) for row in rows]
    return [signal for signal in found if signal.ts_ms >= scope.decided_from_ms]


def events_query(of_sessions: str) -> str:
    """The SELECT of all events, each once, of which `of_sessions` holds, a condition on project_id and session_id.

    To be bound: reads_from_ms and arrived_to_ms, of stored_at.
    """
    return _sql("tick_events.sql", of_sessions=of_sessions, first_copy=FIRST_COPY)


def read_once_statement(events: str) -> str:
    """Puts `events`, a SELECT by `events_query`, into the session's table events_of_tick."""
    return _sql("read_once.sql", tick_events=events)


def signals_query(
    definition: Definition, overrides: Overrides, *, tick_events: str = "SELECT * FROM events_of_tick"
) -> tuple[str, dict[str, object]]:
    """The SELECT of the definition's signals among `tick_events`, and the values to bind. Raises ParameterError.

    Its rows are what `signal_from_row` takes.
    """
    parameters, bound = expressions(definition, overrides)
    return _sql(f"{definition.name}/query.sql", **_parts(), tick_events=tick_events, **parameters), bound


def stored_signals(scope: Scope, *, as_of_ms: int) -> list[Change]:
    """The latest row, as of the tick `as_of_ms`, of every signal stored for the sessions of `scope`.

    Raises ClickHouseError.
    """
    sql = _sql("stored_signals.sql", tick_sessions=_sql("tick_sessions.sql"))
    rows = client.query(sql, {**_bounds(scope), "as_of_ms": as_of_ms}, limits=LIMITS)
    return [
        Change(signal_from_row(row[:-4], kind=kind, version=version), retracted=retracted, suppressed_by=suppressed_by)
        for row in rows
        for kind, version, retracted, suppressed_by in [row[-4:]]
    ]


def events_of(
    *, project_id: int, sessions: Sequence[str], stored_from_ms: int, stored_to_ms: int, most: int
) -> list[Event]:
    """The events of these sessions (at least one), as a tick sees them that looks at [stored_from_ms, stored_to_ms).

    Evaluable ones alone, each once, by (session, page view, n); at most `most` of them. Raises ClickHouseError.
    """
    sql = _sql("events_of_sessions.sql", tick_events=events_query(_sql("of_named_sessions.sql")))
    bounds = {"reads_from_ms": stored_from_ms, "arrived_to_ms": stored_to_ms, "most": most}
    rows = client.query(sql, {**bounds, "project_id": project_id, "sessions": list(sessions)}, limits=_NAMING_LIMITS)
    return [Event(**dict(zip(_EVENT_COLUMNS, row, strict=True))) for row in rows]


def write_signals(changes: Sequence[Change], *, as_of_ms: int) -> int:
    """Appends `changes` as rows of version `as_of_ms` and returns their number.

    Raises ClickHouseUnavailableError (unknown outcome: running the tick again settles it), QueryFailedError.
    """
    signals = [change.signal for change in changes]
    return client.insert(
        "signals",
        {
            "project_id": [signal.project_id for signal in signals],
            "ts": [signal.ts_ms for signal in signals],
            "signal_id": [signal.signal_id for signal in signals],
            "version": [as_of_ms] * len(signals),
            "retracted": [change.retracted for change in changes],
            "suppressed_by": [change.suppressed_by for change in changes],
            "kind": [signal.kind for signal in signals],
            "definition_version": [signal.definition_version for signal in signals],
            "session_id": [signal.session_id for signal in signals],
            "page_id": [signal.page_id for signal in signals],
            "n": [signal.n for signal in signals],
            "ended_at": [signal.ended_ms for signal in signals],
            "user_id": [signal.user_id for signal in signals],
            "route": [signal.route for signal in signals],
            "element": [signal.element for signal in signals],
            "element_label": [signal.element_label for signal in signals],
            "environment": [signal.environment for signal in signals],
            "release": [signal.release for signal in signals],
            "device": [signal.device for signal in signals],
            "count": [signal.count for signal in signals],
            "detail": [signal.detail for signal in signals],
            "event_pages": [[page_id for page_id, _ in signal.events] for signal in signals],
            "event_ns": [[n for _, n in signal.events] for signal in signals],
            "retention_days": [signal.retention_days for signal in signals],
        },
    )


@cache
def _parts() -> Mapping[str, str]:
    """What several definitions' queries have in common."""
    shared = ("hit", "bursts", "moments", "clicks_in_order", "next_pages", "shows_somebody", "no_answer", "tag")
    parts = {name: _sql(f"{name}.sql") for name in shared}
    return {**parts, "refused": _sql("refused.sql", no_answer=parts["no_answer"])}


def _bounds(scope: Scope) -> dict[str, int]:
    return {
        "shard": scope.shard,
        "shards": scope.shards,
        "arrived_from_ms": scope.arrived_from_ms,
        "arrived_to_ms": scope.arrived_to_ms,
        "reads_from_ms": scope.reads_from_ms,
        "decided_from_ms": scope.decided_from_ms,
    }


def signal_from_row(row: Sequence[Any], *, kind: str, version: int) -> Signal:
    """A signal from the 18 columns that every query.sql and stored_signals.sql begin with."""
    (
        project_id, session_id, page_id, n, ts_ms, ended_ms, user_id, route, element, element_label, environment,
        release, device, count, detail, event_pages, event_ns, retention_days,
    ) = row  # fmt: skip
    return Signal(
        project_id=project_id,
        kind=kind,
        definition_version=version,
        session_id=session_id,
        page_id=page_id,
        n=n,
        ts_ms=ts_ms,
        ended_ms=ended_ms,
        user_id=user_id,
        route=route,
        element=element,
        element_label=element_label,
        environment=environment,
        release=release,
        device=device,
        count=count,
        detail=detail,
        events=tuple(zip(event_pages, event_ns, strict=True)),
        retention_days=retention_days,
    )
