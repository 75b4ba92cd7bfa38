"""ClickHouse's engine in this process: chDB sessions with typed results and errors.

Facts about chdb-core 26.9 that the code relies on, each held by a test in tests/embedded: a chunk of a streamed
`FORMAT Native` result is exactly one block; chunks are made as they are fetched, so memory stays bounded; statements
other than SELECT cannot be streamed and say so before they run; sessions are independent and may run in parallel
threads.
"""

import json
import os
import re
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from xml.sax.saxutils import escape

from chdb import _chdb

from apps.embedded.clickhouse_server.free_space import KEPT_BYTES, FreeSpace

UNKNOWN_SETTING: Final = 115
QUERY_WAS_CANCELLED: Final = 394
_STD_EXCEPTION: Final = 1001  # ClickHouse's code for an error that has none

_ERROR: Final = re.compile(r"Code: (?P<code>\d+)\. DB::\w*Exception: (?P<message>.*)", re.DOTALL)
_NOT_STREAMABLE: Final = "Streaming query is not supported for query"


class EngineError(Exception):
    """A statement failed; `code` and `message` are ClickHouse's own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, error: RuntimeError) -> "EngineError":
        """The error that chDB wrapped into a RuntimeError."""
        found = _ERROR.search(str(error))
        return cls(int(found["code"]), found["message"]) if found else cls(_STD_EXCEPTION, str(error))


class NotStreamableError(Exception):
    """The statement gives no stream of blocks and was not run."""


class _Result(Protocol):
    def bytes(self) -> bytes: ...
    def rows_read(self) -> int: ...
    def rows_written(self) -> int: ...
    def bytes_written(self) -> int: ...


class _Stream(Protocol): ...


class _Connection(Protocol):
    def query(self, query_str: str, format: str) -> _Result: ...  # noqa: A002  the engine's own word
    def send_query(self, query_str: str, format: str) -> _Stream: ...  # noqa: A002
    def streaming_fetch_result(self, stream: _Stream) -> _Result | None: ...
    def streaming_cancel_query(self, stream: _Stream) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Limits:
    """What one embedded server may use.

    The defaults suit a laptop that runs the whole product: `server_memory_bytes` for all queries together,
    `query_memory_bytes` for one, `threads` for one query (0: as many as the machine has cores).
    """

    server_memory_bytes: int = 4 << 30
    query_memory_bytes: int = 2 << 30
    threads: int = 0


@dataclass(frozen=True)
class Block:
    """One block of a result: `FORMAT Native` bytes and their number of rows."""

    native: bytes
    rows: int


@dataclass(frozen=True)
class Outcome:
    """A finished statement that was not streamed."""

    native: bytes
    rows_written: int
    bytes_written: int


def _connect(address: str) -> _Connection:
    """The engine's own constructor, which its type stubs leave out."""
    try:
        connection: _Connection = _chdb.connect(address)  # type: ignore[attr-defined]
    except RuntimeError as error:
        raise EngineError.of(error) from None
    return connection


class Engine:
    """The engine over one data directory. Only one process may have a directory open.

    `incoming` is a folder for the data of inserts under way. The process's working directory becomes `data`.
    """

    def __init__(self, data: Path, *, limits: Limits, fsync: bool, free_space: FreeSpace) -> None:
        self.incoming = data / "incoming"
        self.incoming.mkdir(exist_ok=True)
        config = data / "engine.xml"
        config.write_text(_configuration(limits, fsync=fsync))
        self._limits = limits
        self._free_space = free_space
        # Relative names, because in an absolute one a folder's `?` or `&` would be taken for the start of an option.
        os.chdir(data)
        self._address = f"store?config-file={config.name}"
        self._control_lock = threading.Lock()
        self._control = self.session("control")
        self.version = self._control.values("SELECT version()")[0][0]
        self.timezone = self._control.values("SELECT timezone()")[0][0]

    def session(self, name: str) -> "Session":
        """A new session. `name` is its log_comment, by which `cancel` finds what it runs."""
        session = Session(_connect(self._address), self._free_space)
        # implicit_select is an interactive convenience that turns a misspelt statement into an unknown column.
        session.run(
            f"SET implicit_select = 0, log_comment = {quoted(name)}, "
            f"max_memory_usage = {self._limits.query_memory_bytes}, max_threads = {self._limits.threads}"
        )
        return session

    def create_database(self, name: str) -> None:
        """Create the database unless it is there."""
        with self._control_lock:
            self._control.run(f"CREATE DATABASE IF NOT EXISTS `{name}`")

    def cancel(self, name: str) -> None:
        """Ask whatever the session `name` runs to stop; returns at once, and does nothing when it runs nothing."""
        with self._control_lock:
            self._control.run(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(name)} ASYNC")

    def close(self) -> None:
        """Close the last session, which shuts the engine down."""
        with self._control_lock:
            self._control.close()


class Session:
    """One chDB session: a current database, settings, temporary tables. For one thread at a time."""

    def __init__(self, connection: _Connection, free_space: FreeSpace) -> None:
        self._connection = connection
        self._free_space = free_space

    def run(self, sql: str, output: str = "Native") -> Outcome:
        """Run a statement to its end and return its whole result in the given format.

        When this returns, the disk had space for what it wrote.
        """
        try:
            result = self._connection.query(sql, output)
        except RuntimeError as error:
            raise EngineError.of(error) from None
        self._free_space.look()
        return Outcome(result.bytes(), result.rows_written() or 0, result.bytes_written() or 0)

    def values(self, sql: str) -> list[list[str]]:
        """The rows of a small result, each value as JSON gives it."""
        lines = self.run(sql, "JSONCompactStringsEachRow").native.splitlines()
        return [json.loads(line) for line in lines]

    def stream(self, sql: str) -> Generator[Block, None, None]:
        """The blocks of a SELECT as they are made; closing the iterator early cancels the query.

        Raises NotStreamableError before anything has run, EngineError at any point.
        """
        try:
            stream = self._connection.send_query(sql, "Native")
            ended = False
            try:
                while (chunk := self._connection.streaming_fetch_result(stream)) and chunk.rows_read():
                    yield Block(chunk.bytes(), chunk.rows_read())
                ended = True
            except RuntimeError:
                ended = True
                raise
            finally:
                if not ended:
                    self._connection.streaming_cancel_query(stream)
        except RuntimeError as error:
            failure = EngineError.of(error)
            if failure.message.startswith(_NOT_STREAMABLE):
                raise NotStreamableError from None
            raise failure from None

    def close(self) -> None:
        """End the session; a running statement is cancelled."""
        self._connection.close()


def quoted(text: str) -> str:
    """`text` as a string literal of ClickHouse's SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _configuration(limits: Limits, *, fsync: bool) -> str:
    """The engine's server-level configuration.

    Caches are a fraction of the server's defaults (5 GiB of marks), background pools fit a laptop's cores. Whoever
    waits for a query goes before merges, where the system lets a process say so. Old parts are deleted one after the
    other: the default's 128 threads stopped inserts for a third of a second. With `fsync`, a part is flushed to the
    disk before its insert is acknowledged, so that even a power loss takes nothing.
    """
    settings = {
        "timezone": "UTC",
        "max_server_memory_usage": limits.server_memory_bytes,
        "mark_cache_size": 64 << 20,
        "index_mark_cache_size": 16 << 20,
        "uncompressed_cache_size": 0,
        "mmap_cache_size": 0,
        "background_pool_size": 2,
        "background_schedule_pool_size": 8,
        "background_common_pool_size": 2,
        "os_threads_nice_value_merge_mutate": 10,
    }
    lines = [f"  <{name}>{escape(str(value))}</{name}>" for name, value in settings.items()]
    flag = int(fsync)
    lines.append(
        f"  <merge_tree><fsync_after_insert>{flag}</fsync_after_insert>"
        f"<fsync_part_directory>{flag}</fsync_part_directory>"
        "<concurrent_part_removal_threshold>1000000</concurrent_part_removal_threshold></merge_tree>"
    )
    lines.append(
        "  <storage_configuration><disks><default>"
        f"<keep_free_space_bytes>{KEPT_BYTES}</keep_free_space_bytes>"
        "</default></disks></storage_configuration>"
    )
    return "<clickhouse>\n" + "\n".join(lines) + "\n</clickhouse>\n"
