"""Talking to ClickHouse: pooled connections, our own errors, time limits on everything.

Parameters are bound by clickhouse-driver on the client side (`%(name)s`). Times are bound as whole milliseconds and
compared with `fromUnixTimestamp64Milli`, because the driver's datetime escaping drops them (docs/ARCHITECTURE.md, "Time").
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

from clickhouse_driver import Client, errors
from django.conf import settings

# Seconds. A query that takes longer is a fault to report, not a wait: a tick has 10 s.
QUERY_SECONDS = 30
# Seconds. Below the tick's settle time, so that a row is never visible later than a tick may assume.
INSERT_SECONDS = 2.5


class ClickHouseError(Exception):
    """Anything that went wrong with ClickHouse."""


class ClickHouseUnavailableError(ClickHouseError):
    """No connection could be had, or it broke. Whether an insert under way was stored is unknown; send it again."""


class QueryFailedError(ClickHouseError):
    """ClickHouse refused or gave up the query. `code` is its error code."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class Pool:
    """At most `size` connections to the server at `url`, made when first needed, newest reused first."""

    def __init__(self, url: str, *, size: int = 16) -> None:
        self._url = url
        self._idle: LifoQueue[Client] = LifoQueue()
        self._places = threading.BoundedSemaphore(size)

    @contextmanager
    def connection(self) -> Iterator[Client]:
        """A connection for one query. It is dropped, not reused, when anything but a failed query happens on it.

        Raises ClickHouseUnavailableError or QueryFailedError.
        """
        if not self._places.acquire(timeout=QUERY_SECONDS):
            raise ClickHouseUnavailableError("Every ClickHouse connection of this process is busy.")
        client: Client | None = None
        try:
            client = self._take()
            yield client
        except errors.ServerException as error:
            raise QueryFailedError(str(error.message).split("Stack trace:")[0].strip(), code=error.code) from error
        except (errors.Error, OSError, EOFError) as error:
            _disconnect(client)
            client = None
            raise ClickHouseUnavailableError(f"ClickHouse cannot be reached: {type(error).__name__}.") from error
        except BaseException:
            _disconnect(client)
            client = None
            raise
        finally:
            if client is not None:
                self._idle.put(client)
            self._places.release()

    def close(self) -> None:
        """Closes the idle connections."""
        while True:
            try:
                self._idle.get_nowait().disconnect()
            except Empty:
                return

    def _take(self) -> Client:
        try:
            return self._idle.get_nowait()
        except Empty:
            return Client.from_url(
                f"{self._url}{'&' if '?' in self._url else '?'}connect_timeout=3&send_receive_timeout={QUERY_SECONDS + 5}&compression=lz4"
            )


def _disconnect(client: Client | None) -> None:
    if client is not None:
        client.disconnect()


_pool: Pool | None = None
_pool_lock = threading.Lock()


def pool() -> Pool:
    """The process's pool for CLICKHOUSE_URL. Made after a fork, never inherited: workers import this lazily."""
    global _pool  # noqa: PLW0603 one pool a process is the point
    with _pool_lock:
        if _pool is None:
            _pool = Pool(settings.CLICKHOUSE_URL)
        return _pool


def query(
    sql: str, params: Mapping[str, Any] | None = None, *, limits: Mapping[str, int | float] | None = None
) -> list[tuple[Any, ...]]:
    """Runs a SELECT and returns its rows.

    `limits` are ClickHouse settings for this query, for example max_rows_to_read. Raises ClickHouseUnavailableError,
    QueryFailedError.
    """
    with pool().connection() as client:
        rows: list[tuple[Any, ...]] = client.execute(
            sql, dict(params or {}), settings={"max_execution_time": QUERY_SECONDS, **(limits or {})}
        )
        return rows


def command(sql: str, params: Mapping[str, Any] | None = None) -> None:
    """Runs a statement that returns nothing, such as DDL. Raises ClickHouseUnavailableError, QueryFailedError."""
    with pool().connection() as client:
        client.execute(sql, dict(params or {}))


def insert(table: str, columns: Mapping[str, Sequence[Any]]) -> int:
    """Inserts `columns` (name → values, all of one length) as one block and returns the number of rows.

    When it returns, the rows are durable. `table` and the names come from our code, never from input. Raises
    ClickHouseUnavailableError (unknown outcome), QueryFailedError (nothing stored).
    """
    rows = len(next(iter(columns.values())))
    if rows == 0:
        return 0
    with pool().connection() as client:
        client.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES",
            list(columns.values()),
            columnar=True,
            settings={"max_execution_time": INSERT_SECONDS, "insert_block_size": max(rows, 1)},
            types_check=False,
        )
    return rows
