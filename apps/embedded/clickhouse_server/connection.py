"""One client's connection: Hello, then queries until it leaves."""

import contextlib
import hmac
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from apps.embedded.clickhouse_server import native_format, packets, statement, wire
from apps.embedded.clickhouse_server.engine import (
    QUERY_WAS_CANCELLED,
    Engine,
    EngineError,
    NotStreamableError,
    Outcome,
    Session,
)
from apps.embedded.clickhouse_server.insert import Insert
from apps.embedded.clickhouse_server.settings import QuerySettings
from apps.embedded.clickhouse_server.watch import Watch, Watched

log = logging.getLogger(__name__)

HELLO_SECONDS: Final = 10  # to introduce oneself
STALLED_SECONDS: Final = 300  # in the middle of a packet; ClickHouse's receive_timeout and send_timeout

_INCORRECT_DATA: Final = 117
_AUTHENTICATION_FAILED: Final = 516
_NO_SUCH_COLUMN: Final = 16
_UNSUPPORTED: Final = 48
_CLIENT_TOO_OLD: Final = 1000


@dataclass(frozen=True)
class Credentials:
    """The one user of an embedded server."""

    user: str
    password: str = field(repr=False)

    def match(self, hello: packets.Hello) -> bool:
        """Whether the client is that user; takes the same time whatever is wrong."""
        same_user = hmac.compare_digest(self.user.encode(), hello.user.encode())
        same_password = hmac.compare_digest(self.password.encode(), hello.password.encode())
        return same_user and same_password


class RefusedError(Exception):
    """The client's Hello is not accepted; it is told why and the connection ends."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Connection:
    """Speaks to one client from one thread. `busy` is true while a query runs, for an orderly stop."""

    def __init__(
        self, client: socket.socket, name: str, *, engine: Engine, watch: Watch, credentials: Credentials
    ) -> None:
        self.busy = False
        self._client = client
        self._name = name
        self._engine = engine
        self._watch = watch
        self._credentials = credentials
        self._stream = wire.ByteStream(lambda: client.recv(wire.RECEIVE_BYTES))
        self._one_frame_per_block = False
        self._incoming: Iterator[bytes] = iter(())  # the blocks of the present insert

    def serve(self) -> None:
        """Serve the client until it leaves. Whatever it sends, only this connection ends."""
        try:
            self._client.settimeout(HELLO_SECONDS)
            hello = self._greet()
            self._one_frame_per_block = hello.sends_one_frame_per_block
            session = self._engine.session(self._name)
            try:
                if self._enter_database(session, hello.database):
                    self._converse(session)
            finally:
                session.close()
        except wire.ConnectionLostError:
            log.debug("%s: the client left.", self._name)
        except RefusedError as refused:
            log.warning("%s: refused: %s", self._name, refused)
            self._try_to_send(packets.exception(refused.code, refused.message))
        except EngineError as error:  # of opening a session: the engine is out of memory, or is going down
            log.warning("%s: %s", self._name, error)
            self._try_to_send(packets.exception(error.code, error.message))
        except wire.ProtocolViolationError as violation:
            log.warning("%s: closed: %s", self._name, violation)
            self._try_to_send(packets.exception(_INCORRECT_DATA, str(violation)))
        except OSError as error:  # reset, timed out, broken pipe: all that a client can do to a socket
            log.info("%s: the connection broke: %s", self._name, error)
        finally:
            self._client.close()

    def end_when_idle(self) -> None:
        """Let the connection end at the next moment at which it waits for its client."""
        try:
            self._client.shutdown(socket.SHUT_RD)
        except OSError as error:
            log.debug("%s: already closed: %s", self._name, error)

    def _greet(self) -> packets.Hello:
        hello = packets.read_hello(self._stream)
        if not self._credentials.match(hello):
            reason = f"{hello.user}: Authentication failed: password is incorrect, or there is no user with such name."
            raise RefusedError(_AUTHENTICATION_FAILED, reason)
        if hello.revision < packets.OLDEST_REVISION:
            raise RefusedError(_CLIENT_TOO_OLD, f"The client's protocol revision {hello.revision} is too old.")
        return hello

    def _enter_database(self, session: Session, database: str) -> bool:
        if database:
            try:
                session.run(f"USE `{database.replace('`', '``')}`")
            except EngineError as error:
                self._client.sendall(packets.exception(error.code, error.message))
                return False
        major, minor, patch = (int(part) for part in self._engine.version.split(".")[:3])
        self._client.sendall(packets.hello(version=(major, minor, patch), timezone=self._engine.timezone))
        return True

    def _converse(self, session: Session) -> None:
        settings = QuerySettings(session)
        while True:
            self._client.settimeout(None)  # between queries a client may be idle for as long as it likes
            self._stream.discard_read()
            kind = self._stream.varint()
            self._client.settimeout(STALLED_SECONDS)
            if kind == packets.CLIENT_PING:
                self._client.sendall(packets.PONG)
            elif kind == packets.CLIENT_QUERY:
                self.busy = True
                self._answer(packets.read_query(self._stream), session, settings)
                self.busy = False
            elif kind != packets.CLIENT_CANCEL:  # a Cancel that came after its query had ended means nothing
                raise wire.ProtocolViolationError(f"A packet of kind {kind} was not expected here.")

    def _answer(self, query: packets.Query, session: Session, settings: QuerySettings) -> None:
        self._refuse_external_tables(compressed=query.compressed)
        self._incoming = iter(())
        asked = statement.read(query.text)
        try:
            if asked.kind is statement.Kind.SET:
                settings.restore()
            else:
                settings.apply(query.settings)
            if asked.kind is statement.Kind.INSERT_DATA:
                self._insert(asked, session, compressed=query.compressed)
            else:
                with self._watch.over(self._client, self._name) as watched:
                    watched.cancelled = self._stream.next_byte_is(packets.CLIENT_CANCEL)  # it came with the query
                    self._run(asked, session, watched, compressed=query.compressed)
        except EngineError as error:
            self._client.sendall(packets.exception(error.code, error.message))
            for _ in self._incoming:  # what the client had already sent of a failed insert
                pass
        else:
            self._client.sendall(packets.END_OF_STREAM)

    def _refuse_external_tables(self, *, compressed: bool) -> None:
        """Read the empty block that ends a query's external tables, which the product does not use."""
        self._expect_data_packet()
        if self._stream.string() or self._read_block(compressed=compressed) is not None:
            raise wire.ProtocolViolationError("External tables are not supported by the embedded server.")

    def _run(self, asked: statement.Statement, session: Session, watched: Watched, *, compressed: bool) -> None:
        try:
            self._send_result(asked, session, watched, compressed=compressed)
        except EngineError as error:
            if error.code != QUERY_WAS_CANCELLED or not watched.gave_up:
                raise
        if watched.gone:
            # Only who sent Cancel hears the end of the stream: it would make half a result look whole.
            raise wire.ConnectionLostError

    def _send_result(self, asked: statement.Statement, session: Session, watched: Watched, *, compressed: bool) -> None:
        if asked.kind is statement.Kind.SELECT:
            try:
                self._send_blocks(asked.text, session, watched, compressed=compressed)
            except NotStreamableError:
                log.debug("%s: not streamable: %.80s", self._name, asked.text)
            else:
                return
        outcome = session.run(asked.text)
        for block in _split_blocks(outcome.native):
            self._client.sendall(packets.data(block, compressed=compressed))
        self._client.sendall(_written(outcome))

    def _send_blocks(self, sql: str, session: Session, watched: Watched, *, compressed: bool) -> None:
        rows = blocks = size = 0
        with contextlib.closing(session.stream(sql)) as stream:
            for block in stream:
                self._client.sendall(packets.data(block.native, compressed=compressed))
                rows, blocks, size = rows + block.rows, blocks + 1, size + len(block.native)
                if watched.gave_up:
                    return
        if not blocks:
            header = packets.header_block(_columns_of(session, sql))
            self._client.sendall(packets.data(header, compressed=compressed))
        self._client.sendall(
            packets.profile_info(rows=rows, blocks=blocks, size=size)
            + packets.progress(read_rows=rows, read_bytes=size)
        )

    def _insert(self, asked: statement.Statement, session: Session, *, compressed: bool) -> None:
        """Send the header, take the client's blocks, and commit at the empty block."""
        header = packets.header_block(_insert_columns(session, asked))
        self._client.sendall(packets.data(header, compressed=compressed))
        self._incoming = self._client_blocks(compressed=compressed)
        with Insert(session, asked, folder=self._engine.incoming) as insert:
            for block in self._incoming:
                insert.append(block)
            self._client.sendall(_written(insert.commit()))

    def _client_blocks(self, *, compressed: bool) -> Iterator[bytes]:
        """The blocks of an insert, up to the empty one."""
        while True:
            self._stream.discard_read()
            self._expect_data_packet()
            self._stream.string()  # the external table's name: none
            block = self._read_block(compressed=compressed)
            if block is None:
                return
            yield block

    def _expect_data_packet(self) -> None:
        kind = self._stream.varint()
        if kind != packets.CLIENT_DATA:
            raise wire.ProtocolViolationError(f"A Data packet was expected, not one of kind {kind}.")

    def _read_block(self, *, compressed: bool) -> bytes | None:
        """The `FORMAT Native` bytes of the next block, or None for the empty block that ends a series."""
        stream = wire.ByteStream(lambda: wire.read_frame(self._stream)) if compressed else self._stream
        native_format.skip_block_info(stream)
        start = stream.position
        shape = native_format.read_shape(stream)
        if shape.columns == 0:
            return None
        if compressed and self._one_frame_per_block:
            return bytes(memoryview(stream.buffer)[start:])
        native_format.skip_columns(stream, shape)
        return bytes(memoryview(stream.buffer)[start : stream.position])

    def _try_to_send(self, packet: bytes) -> None:
        try:
            self._client.sendall(packet)
        except OSError as error:
            log.debug("%s: could not be told: %s", self._name, error)


def _written(outcome: Outcome) -> bytes:
    return packets.progress(
        read_rows=0, read_bytes=0, written_rows=outcome.rows_written, written_bytes=outcome.bytes_written
    )


def _split_blocks(native: bytes) -> Iterator[bytes]:
    """The blocks of a result that came as one piece (SHOW, DESCRIBE, EXPLAIN …)."""
    stream = wire.ByteStream(lambda: b"")
    stream.buffer += native
    while stream.unread():
        start = stream.position
        native_format.skip_columns(stream, native_format.read_shape(stream))
        yield bytes(stream.buffer[start : stream.position])


def _columns_of(session: Session, sql: str) -> list[tuple[str, str]]:
    """The columns of a SELECT that gave no rows; only analyses it."""
    return [(row[0], row[1]) for row in session.values(f"DESCRIBE TABLE (\n{sql.rstrip().rstrip(';')}\n)")]


def _insert_columns(session: Session, asked: statement.Statement) -> list[tuple[str, str]]:
    """The columns that the client is to send for an INSERT: those it listed, or all that can be inserted into."""
    if asked.columns.strip():
        names = statement.column_names(asked.columns)
        if names is None:
            return _columns_of(session, f"SELECT {asked.columns} FROM {asked.table}")  # noqa: S608  the client's own SQL
        types = {row[0]: row[1] for row in session.values(f"DESCRIBE TABLE {asked.table}")}
        for name in names:
            if name not in types:
                raise EngineError(_NO_SUCH_COLUMN, f"No such column {name} in table {asked.table}")
        return [(name, types[name]) for name in names]
    described = session.values(f"DESCRIBE TABLE {asked.table}")
    return [(row[0], row[1]) for row in described if row[2] not in ("MATERIALIZED", "ALIAS", "EPHEMERAL")]
