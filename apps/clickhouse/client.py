"""Talking to ClickHouse: pooled connections, our own errors, time limits on everything.

Parameters are bound by clickhouse-driver on the client side (`%(name)s`). Times are bound as whole milliseconds and
compared with `fromUnixTimestamp64Milli`, because the driver's datetime escaping drops them (docs/ARCHITECTURE.md,
"Time").
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from clickhouse_driver import Client, errors
from django.conf import settings

from apps.clickhouse import inserting, pages
from apps.clickhouse.connecting import StoreClient
from apps.clickhouse.inserting import EncodedBlock, OtherTypesError

# Seconds. A query that takes longer is a fault to report, not a wait: a tick has 10 s.
QUERY_SECONDS = 30
# Seconds for an insert of events. Below the tick's settle time (3 s), so that none is seen later than a tick assumes.
INSERT_SECONDS = 2.5
# Whatever the server's own defaults are, an insert is answered when its rows are with those who keep them: not out of a
# buffer (async_insert without waiting), nor out of the queue of a Distributed table.
_DURABLE = {"async_insert": 0, "distributed_foreground_insert": 1}
# Seconds to get a connection on the same network.
_CONNECT_SECONDS = 2
# The driver's own errors for values that it cannot write; they carry ClickHouse's codes.
_UNWRITABLE = (errors.TypeMismatchError, errors.CannotParseUuidError, errors.CannotParseDomainError)


class ClickHouseError(Exception):
    """Anything that went wrong with ClickHouse."""


class ClickHouseUnavailableError(ClickHouseError):
    """No connection could be had, or it broke. Whether an insert under way was stored is unknown; send it again."""


class QueryFailedError(ClickHouseError):
    """ClickHouse refused or gave up the query, or the driver could not write its values.

    `code` is ClickHouse's error code.
    """

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class TableDiffersError(ClickHouseError):
    """A table's columns have other types than this version writes. Nothing was stored."""


class Pool:
    """At most `size` connections to the server at `url`, made when first needed, newest reused first.

    `seconds` is how long to wait for a free connection, and for the server whenever it is its turn to speak.
    """

    def __init__(self, url: str, *, seconds: float, size: int = 16) -> None:
        self._url = url
        self._seconds = seconds
        self._idle: LifoQueue[StoreClient] = LifoQueue()
        self._places = threading.BoundedSemaphore(size)

    @contextmanager
    def connection(self, *, greeting_seconds: float | None = None) -> Iterator[StoreClient]:
        """A connection for one query. It is dropped, not reused, when anything but a failed query happens on it.

        `greeting_seconds`: how long to wait for the greeting where it has to connect; None: as for anything else.
        Raises ClickHouseUnavailableError or QueryFailedError.
        """
        if not self._places.acquire(timeout=self._seconds):
            raise ClickHouseUnavailableError("Every ClickHouse connection of this process is busy.")
        client: StoreClient | None = None
        try:
            client = self._take()
            client.greeting_seconds = greeting_seconds
            yield client
        except errors.ServerException as error:
            raise QueryFailedError(str(error.message).split("Stack trace:")[0].strip(), code=error.code) from error
        except _UNWRITABLE as error:
            # Half of it may have been sent; the server forgets that with the connection.
            _disconnect(client)
            client = None
            raise QueryFailedError(str(error.message), code=error.code) from error
        except (errors.Error, OSError, EOFError) as error:
            _disconnect(client)
            client = None
            # The server may have been restarted, and none of them lives.
            self.close()
            raise ClickHouseUnavailableError(f"ClickHouse cannot be reached: {type(error).__name__}.") from error
        except BaseException:
            _disconnect(client)
            client = None
            raise
        finally:
            if client is not None:
                client.used = time.monotonic()
                self._idle.put(client)
            self._places.release()

    def close(self) -> None:
        """Closes the idle connections."""
        while True:
            try:
                self._idle.get_nowait().disconnect()
            except Empty:
                return

    def _take(self) -> StoreClient:
        try:
            return self._idle.get_nowait()
        except Empty:
            client: StoreClient = StoreClient.from_url(
                f"{self._url}{'&' if '?' in self._url else '?'}compression=lz4&connect_timeout={_CONNECT_SECONDS}"
                f"&sync_request_timeout={_CONNECT_SECONDS}&send_receive_timeout={self._seconds}"
            )
            return client


def _disconnect(client: StoreClient | None) -> None:
    if client is not None:
        client.disconnect()


# By address and patience. Made after a fork, never inherited: nothing asks for one at import.
_pools: dict[tuple[str, float], Pool] = {}
_pools_lock = threading.Lock()


def pool(*, seconds: float = QUERY_SECONDS + 5) -> Pool:
    """The process's pool for CLICKHOUSE_URL whose connections wait `seconds` for the server.

    The default leaves the server the time to give up by itself, and to say why.
    """
    key = (settings.CLICKHOUSE_URL, seconds)
    with _pools_lock:
        if key not in _pools:
            _pools[key] = Pool(settings.CLICKHOUSE_URL, seconds=seconds)
        return _pools[key]


def query(
    sql: str, params: Mapping[str, Any] | None = None, *, limits: Mapping[str, int | float] | None = None
) -> list[tuple[Any, ...]]:
    """Runs a SELECT and returns its rows.

    `limits` are ClickHouse settings for this query, for example max_rows_to_read. Raises ClickHouseUnavailableError,
    QueryFailedError.
    """
    with _reading() as client:
        return _rows(client, sql, params, limits)


class Session:
    """Several statements on one connection, between which temporary tables live. See `session`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def query(
        self, sql: str, params: Mapping[str, Any] | None = None, *, limits: Mapping[str, int | float] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement within `limits` and returns its rows, none for DDL. Errors come out of `session`."""
        return _rows(self._client, sql, params, limits)


@contextmanager
def session() -> Iterator[Session]:
    """A session of its own, which ends with its temporary tables, also where a statement fails.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    with _reading() as client:
        try:
            yield Session(client)
        finally:
            # The server drops the session's tables; the client connects anew for whoever takes it next.
            client.disconnect()


@contextmanager
def _reading() -> Iterator[StoreClient]:
    """A connection for whoever reads. A page does not wait for a server that hangs, nor ask it again (`pages`)."""
    page = pages.current()
    if page is not None and page.found_away:
        raise ClickHouseUnavailableError(page.found_away)
    try:
        with pool().connection(greeting_seconds=None if page is None else pages.GREETING_SECONDS) as client:
            yield client
    except ClickHouseUnavailableError as error:
        if page is not None:
            page.found_away = str(error)
        raise


def _rows(
    client: Client, sql: str, params: Mapping[str, Any] | None, limits: Mapping[str, int | float] | None
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = client.execute(
        sql, dict(params or {}), settings={"max_execution_time": QUERY_SECONDS, **(limits or {})}
    )
    return rows


def command(sql: str, params: Mapping[str, Any] | None = None, *, seconds: float = QUERY_SECONDS + 5) -> None:
    """Runs a statement that returns nothing, such as DDL, waiting `seconds` at most between the server's answers.

    Without `params` the text is sent as it stands, with every % in it. Raises ClickHouseUnavailableError,
    QueryFailedError.
    """
    with pool(seconds=seconds).connection() as client:
        client.execute(sql, None if params is None else dict(params))


def insert(table: str, columns: Mapping[str, Sequence[Any]]) -> int:
    """Inserts `columns` (name → values, all of one length) as one block and returns the number of rows.

    When it returns, the rows are durable. It is waited for as for a query: a tick may find more signals than a slow
    machine stores in INSERT_SECONDS, and would find them again for ever. Values are not checked: give each column its
    exact type (DateTime64(3) as whole milliseconds). `table` and the names come from our code, never from input. Raises
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
            settings={"max_execution_time": QUERY_SECONDS, "insert_block_size": rows, **_DURABLE},
            types_check=False,
        )
    return rows


def insert_encoded(table: str, types: Mapping[str, str], make: Callable[[], EncodedBlock]) -> int:
    """Inserts the block that `make` makes (`native` encodes its columns) and returns its number of rows.

    It takes no more than INSERT_SECONDS. `types` is by column, as ClickHouse writes them. `make` is called when
    ClickHouse is ready for the block. When this returns, the rows are durable. Raises ClickHouseUnavailableError
    (unknown outcome), QueryFailedError and TableDiffersError (nothing stored).
    """
    with _in_time(), pool(seconds=INSERT_SECONDS).connection() as client:
        # Under load the question would take as long as a third of an insert, and whoever stores events sends them anew.
        client.trusting = True
        try:
            settings = {"max_execution_time": INSERT_SECONDS, **_DURABLE}
            return inserting.send(client, table, types, make, settings=settings)
        except OtherTypesError as error:
            raise TableDiffersError(str(error)) from error


@contextmanager
def _in_time() -> Iterator[None]:
    """Raises ClickHouseUnavailableError where the block took longer than INSERT_SECONDS.

    The connection's limit is on each wait; this one is on their sum. The rows are there, but a tick may already have
    looked for them: the writer has to send them again.
    """
    begin = time.monotonic()
    yield
    if time.monotonic() - begin > INSERT_SECONDS:
        raise ClickHouseUnavailableError(f"ClickHouse took longer than {INSERT_SECONDS} s for an insert.")


def create_database() -> None:
    """Creates CLICKHOUSE_URL's database unless it is there.

    Raises ClickHouseError when the name is not a plain one, ClickHouseUnavailableError, QueryFailedError.
    """
    parts = urlsplit(settings.CLICKHOUSE_URL)
    name = parts.path.strip("/")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        raise ClickHouseError(
            "CLICKHOUSE_URL must end in the name of a database made of letters, digits and _, such as …:9000/irk."
        )
    # A connection to a missing database is refused: ask from the user's default one.
    server = Pool(urlunsplit(parts._replace(path="/")), seconds=QUERY_SECONDS, size=1)
    try:
        with server.connection() as client:
            client.execute(f"CREATE DATABASE IF NOT EXISTS {name}")
    finally:
        server.close()
