"""Storing batches durably: concurrent requests of a process share one insert.

1. A request queues its rows. If no insert is under way it begins one at once; else it waits for the one under way, and
   the first of the waiting makes the next one for all of them (`apps.core.grouping`). Who comes before ClickHouse says
   that it is ready for the rows joins an insert that has begun.
2. An insert whose connection broke is sent anew at once, as nobody knows what came of it. Copies are read once.
3. When ClickHouse cannot take them, the rows go to the spool in Postgres (`apps.ingest.spool`), and for some seconds
   ClickHouse is not asked again.
4. A request returns when its rows are durable in one of the two, and only then.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import structlog
from django.conf import settings
from django.db import DatabaseError

from apps.clickhouse.client import ClickHouseError, ClickHouseUnavailableError
from apps.core.arrivals import arrivals
from apps.core.grouping import CrowdedError, Grouping
from apps.events import store
from apps.events.store import EncodedEvents
from apps.ingest import metrics, spool
from apps.ingest.spool import SpoolFullError

log = structlog.get_logger(__name__)

# Bytes of JSON in one insert. Some 15,000 ordinary events: a tenth of a second of work, far below the insert's time
# limit (client.INSERT_SECONDS) also where a machine is slow.
_GROUP_BYTES = 4 * 1024 * 1024
# Seconds between two inserts for which the second waits for requests that have arrived and are not decoded: fewer and
# larger ones cost ClickHouse less. Nobody waits who comes alone, nor for anybody who has not come.
_INTERVAL = 0.04
# Seconds in the queue. Longer than one insert that is given up may take; a client waits no longer for anybody.
_PATIENCE = 5.0
# Seconds for which a new request may wait for others to be answered: the time of one insert.
_COURTESY = 0.05
# Seconds. An insert that failed later than this hung, and sending it anew would make its clients wait as long again.
_RESENT_WITHIN = 1.0
# Seconds for which ClickHouse is not asked after it failed, so that requests do not queue up behind one that hangs.
_PAUSE = 5.0

# Closes the group and returns its batches.
_Take: TypeAlias = Callable[[], list[EncodedEvents]]


class NotStoredError(Exception):
    """The rows are not known to be stored. Sending them again is harmless."""


class Writer:
    """Writes to the event store at settings.CLICKHOUSE_URL, else to the spool. Safe for threads.

    `queue_bytes` bounds the JSON whose rows are held at a time; encoded, they take about as much again. `interval` is
    the flush interval, in seconds, while requests keep coming.
    """

    def __init__(self, *, queue_bytes: int, interval: float = _INTERVAL) -> None:
        self._writes: Grouping[EncodedEvents, None] = Grouping(
            self._write,
            shared=(SpoolFullError, DatabaseError),
            most_held=queue_bytes,
            most_at_once=_GROUP_BYTES,
            patience=_PATIENCE,
        )
        self._interval = interval
        self._paused_until = 0.0
        # When the rows of the last insert were taken.
        self._taken_at = 0.0

    def store(self, events: EncodedEvents, *, size: int) -> None:
        """Returns when the rows are durable. `size` is how many bytes of JSON they came from.

        Raises NotStoredError: at once when too much is queued.
        """
        arrivals.there()
        if not events.rows:
            return
        with metrics.queued(rows=events.rows, size=size):
            try:
                self._writes.call(events, size=size)
            except (CrowdedError, SpoolFullError, DatabaseError) as error:
                raise NotStoredError(f"{type(error).__name__}: {error}") from error

    def make_way(self) -> None:
        """To be called before a request is decoded: lets those that are stored be answered first.

        They need a tenth of a millisecond each and are waited for; a new one has the time of the insert under way.
        """
        self._writes.make_way(seconds=_COURTESY)

    def _write(self, take: _Take) -> list[None]:
        @cache
        def take_when_all_are_there() -> list[EncodedEvents]:
            arrivals.wait(seconds=self._taken_at + self._interval - time.monotonic())
            self._taken_at = time.monotonic()
            return take()

        if time.monotonic() >= self._paused_until:
            try:
                _insert(take_when_all_are_there)
            except ClickHouseError as error:
                self._paused_until = time.monotonic() + _PAUSE
                log.warning("ingest.clickhouse_paused", seconds=_PAUSE, error=str(error))
            else:
                return [None] * len(take())
        batches = take()
        spool.put(batches)
        return [None] * len(batches)


def _insert(take: _Take) -> None:
    begin = time.monotonic()
    try:
        _append(take)
    except ClickHouseUnavailableError as error:
        if time.monotonic() - begin > _RESENT_WITHIN:
            raise
        log.info("ingest.insert_sent_anew", error=str(error))
        _append(take)


def _append(take: _Take) -> None:
    with metrics.INSERT_SECONDS.time():
        rows = store.append_taken(take)
    metrics.INSERT_ROWS.observe(rows)


# By address, since a test may use several. Made when first needed, so after a fork.
_writers: dict[str, Writer] = {}


def current() -> Writer:
    """The process's writer to settings.CLICKHOUSE_URL."""
    url = settings.CLICKHOUSE_URL
    # setdefault keeps one of two that threads make at once.
    return _writers.get(url) or _writers.setdefault(url, Writer(queue_bytes=settings.INGEST_QUEUE_BYTES))


def forget() -> None:
    """Forgets the writers and their pauses, for example between tests. None may be at work."""
    _writers.clear()
