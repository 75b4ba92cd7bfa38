"""What the stores say, asked directly and not through the proxies. Every question is of one project."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import redis

from apps.clickhouse.client import ClickHouseError, Pool
from apps.events.store import FIRST_COPY
from bench.faults.visits import FoundSignal, Key, Wire

# The store's read rule, as apps/events/store.py states it.
_READ = f"""
SELECT page_id, n, session_id, t, type, route, element, x, y, observed_ms
FROM
(
    SELECT * FROM events WHERE project_id = %(project)s
    ORDER BY {FIRST_COPY}
    LIMIT 1 BY project_id, page_id, n
)
"""  # noqa: S608 a constant of ours
# Copies of one event that do not say the same.
_DIFFERING = """
SELECT page_id, n FROM
(
    SELECT page_id, n, toString(tuple(* EXCEPT (stored_at))) AS content
    FROM events WHERE project_id = %(project)s
)
GROUP BY page_id, n HAVING uniqExact(content) > 1
"""
_SIGNALS = """
SELECT kind, session_id, page_id, n, count, event_pages, event_ns FROM signals FINAL
WHERE project_id = %(project)s AND NOT retracted
"""
_LAST_STORED = (
    "SELECT toUnixTimestamp64Milli(max(stored_at)) FROM events WHERE project_id = %(project)s HAVING count() > 0"
)
_INCIDENTS = """
SELECT i."group"->>'route', i."group"->>'element', i.state,
       (SELECT count(*) FROM incidents_transition t WHERE t.incident_id = i.id)
FROM incidents_incident i WHERE i.project_id = %s
"""
# Celery's queue in Redis.
_QUEUE = "celery"
# Seconds for which a store that has just been healed may refuse to answer.
_PATIENCE = 60.0

_Answer = TypeVar("_Answer")


class Reading:
    """Reads the stores at `environment`'s addresses."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.database_url = environment["DATABASE_URL"]
        self._clickhouse = Pool(environment["CLICKHOUSE_URL"], seconds=20)
        self._redis_url = environment["REDIS_URL"]

    def close(self) -> None:
        """Gives its connections back."""
        self._clickhouse.close()

    def events(self, project_id: int) -> dict[Key, tuple[Any, ...]]:
        """What can be read of the project: (session, t, type, route, element, x, y, observed) by event.

        Raises AssertionError where the read rule gives an event twice.
        """
        rows = self._ask(_READ, project_id)
        read = {(row[0], row[1]): tuple(row[2:]) for row in rows}
        if len(read) != len(rows):
            raise AssertionError(f"{len(rows)} rows were read for {len(read)} events.")
        return read

    def differing_copies(self, project_id: int) -> list[Key]:
        """The events that are stored with different contents."""
        return [(page, n) for page, n in self._ask(_DIFFERING, project_id)]

    def signals(self, project_id: int) -> list[FoundSignal]:
        """The project's standing signals."""
        return [
            FoundSignal(kind, session, page, n, count, tuple(zip(pages, ns, strict=True)))
            for kind, session, page, n, count, pages, ns in self._ask(_SIGNALS, project_id)
        ]

    def has_signal(self, project_id: int, session: str) -> bool:
        """Whether the session has a signal. False too while nobody answers."""
        sql = "SELECT 1 FROM signals WHERE project_id = %(project)s AND session_id = %(session)s LIMIT 1"
        try:
            with self._clickhouse.connection() as client:
                return bool(client.execute(sql, {"project": project_id, "session": session}))
        except ClickHouseError:
            return False

    def last_stored_ms(self, project_id: int) -> int:
        """When the latest row arrived; 0 without rows."""
        rows = self._ask(_LAST_STORED, project_id)
        return int(rows[0][0]) if rows else 0

    def incidents(self, project_id: int) -> list[tuple[str, str, str, int]]:
        """(route, element, state, transitions) of each."""
        return [(row[0], row[1], row[2], row[3]) for row in self._rows(_INCIDENTS, project_id)]

    def evaluated_ms(self) -> int:
        """The last tick of the shard that is least far; 0 before the first."""
        [(seconds,)] = self._rows("SELECT extract(epoch FROM min(last_as_of)) FROM incidents_evaluatedshard")
        return int(seconds * 1000) if seconds is not None else 0

    def spooled_batches(self) -> int:
        """How many wait in the spool or were set aside."""
        [(count,)] = self._rows("SELECT count(*) FROM ingest_spooledbatch")
        return int(count)

    def spool_bytes(self) -> int:
        """What the spool says it holds."""
        rows = self._rows("SELECT bytes FROM ingest_spoolsize")
        return int(rows[0][0]) if rows else 0

    def queued_tasks(self) -> int:
        """Tasks that wait for a worker."""

        def count() -> int:
            with redis.Redis.from_url(self._redis_url, socket_timeout=5, socket_connect_timeout=5) as client:
                return int(client.llen(_QUEUE))

        return _patiently(count, redis.RedisError)

    def _ask(self, sql: str, project_id: int) -> list[tuple[Any, ...]]:
        def ask() -> list[tuple[Any, ...]]:
            with self._clickhouse.connection() as client:
                rows: list[tuple[Any, ...]] = client.execute(sql, {"project": project_id})
                return rows

        return _patiently(ask, ClickHouseError)

    def _rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        def ask() -> list[tuple[Any, ...]]:
            with psycopg.connect(self.database_url, connect_timeout=5) as connection:
                return connection.execute(sql, parameters).fetchall()

        return _patiently(ask, psycopg.Error)


def as_read(session: str, event: Wire) -> tuple[Any, ...]:
    """What `Reading.events` must give for an event that was sent."""
    return (
        session,
        event["t"],
        event["type"],
        event["route"],
        event.get("el", {}).get("sel", ""),
        event.get("x", 0),
        event.get("y", 0),
        event.get("observed", 0),
    )


def _patiently(ask: Callable[[], _Answer], error: type[Exception]) -> _Answer:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return ask()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
