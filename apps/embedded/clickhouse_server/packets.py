"""What client and server say to each other: the packets of the native protocol, at the revision served here.

The server announces a revision below 54441: from there on the protocol adds an interserver secret, and from 54454 a
flag inside every column, which would make it impossible to pass blocks through as they are. Source:
clickhouse-driver's `connection.py` and ClickHouse's `src/Core/ProtocolDefines.h`.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

from apps.embedded.clickhouse_server import wire

REVISION: Final = 54440
OLDEST_REVISION: Final = 54429  # from here settings travel as strings, so that any setting can be passed on

CLIENT_HELLO, CLIENT_QUERY, CLIENT_DATA, CLIENT_CANCEL, CLIENT_PING = range(5)

_HELLO, _DATA, _EXCEPTION, _PROGRESS, _PONG, _END_OF_STREAM, _PROFILE_INFO = (wire.varint(n) for n in range(7))

PONG: Final = _PONG
END_OF_STREAM: Final = _END_OF_STREAM

# is_overflows = 0, bucket_num = -1, end: what every block outside of a distributed aggregation carries.
BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"

_SETTING_IS_IMPORTANT: Final = 0x01
_MAX_IDENTITY_BYTES: Final = 64 << 10  # before the password is checked, nobody may make us hold more


@dataclass(frozen=True)
class Hello:
    """How a client introduces itself."""

    client_name: str
    revision: int
    database: str
    user: str
    password: str = field(repr=False)

    @property
    def sends_one_frame_per_block(self) -> bool:
        """clickhouse-driver compresses each block into exactly one frame; other clients cut blocks by bytes."""
        return "python-driver" in self.client_name


@dataclass(frozen=True)
class Setting:
    """One setting of a query; an unknown one is an error only if the client calls it important."""

    value: str
    important: bool


@dataclass(frozen=True)
class Query:
    """One query as sent, without the data that may follow it."""

    query_id: str
    settings: dict[str, Setting]
    compressed: bool
    text: str


def read_hello(stream: wire.ByteStream) -> Hello:
    """The first packet of a connection; any other packet is a ProtocolViolationError."""
    if (kind := stream.varint()) != CLIENT_HELLO:
        raise wire.ProtocolViolationError(f"The first packet must be Hello, not {kind}. Is this a ClickHouse client?")
    client_name = stream.string(_MAX_IDENTITY_BYTES)
    stream.varint()  # major version
    stream.varint()  # minor version
    revision = stream.varint()
    database, user, password = (stream.string(_MAX_IDENTITY_BYTES) for _ in range(3))
    return Hello(client_name, revision, database, user, password)


def read_query(stream: wire.ByteStream) -> Query:
    """A Query packet, its kind already read."""
    query_id = stream.string()
    _skip_client_info(stream)
    settings: dict[str, Setting] = {}
    while name := stream.string():
        flags = stream.byte()
        settings[name] = Setting(stream.string(), important=bool(flags & _SETTING_IS_IMPORTANT))
    stream.varint()  # stage: only complete queries come from clients
    compressed = stream.varint() == 1
    return Query(query_id, settings, compressed, stream.string())


def _skip_client_info(stream: wire.ByteStream) -> None:
    """Who asks (user, address, program): of no use to a server of one user on the loopback interface."""
    if stream.byte() == 0:  # no query kind: nothing follows
        return
    for _ in range(3):  # initial user, query id, address
        stream.string(_MAX_IDENTITY_BYTES)
    interface = stream.byte()
    if interface != 1:
        raise wire.ProtocolViolationError(f"A client over the native protocol says that its interface is {interface}.")
    for _ in range(3):  # operating system's user, host, client
        stream.string(_MAX_IDENTITY_BYTES)
    for _ in range(3):  # major, minor, revision
        stream.varint()
    stream.string(_MAX_IDENTITY_BYTES)  # quota key
    stream.varint()  # patch version


def hello(*, version: tuple[int, int, int], timezone: str) -> bytes:
    """The server's answer to Hello."""
    major, minor, patch = version
    return b"".join((
        _HELLO, wire.string("ClickHouse"), wire.varint(major), wire.varint(minor), wire.varint(REVISION),
        wire.string(timezone), wire.string("irk-embedded"), wire.varint(patch),
    ))  # fmt: skip


def exception(code: int, message: str) -> bytes:
    """An error in ClickHouse's own numbering; the message carries its `DB::Exception: `, as the real server's does."""
    return b"".join((
        _EXCEPTION, struct.pack("<i", code), wire.string("DB::Exception"), wire.string(f"DB::Exception: {message}"),
        wire.string(""), b"\x00",
    ))  # fmt: skip


def data(block: bytes, *, compressed: bool) -> bytes:
    """A block (`FORMAT Native` bytes of exactly one block) as a Data packet."""
    content = BLOCK_INFO + block
    return _DATA + b"\x00" + (wire.frame(content) if compressed else content)


def header_block(columns: list[tuple[str, str]]) -> bytes:
    """A block of no rows that tells the columns' names and types."""
    named = b"".join(wire.string(name) + wire.string(type_name) for name, type_name in columns)
    return wire.varint(len(columns)) + b"\x00" + named


def progress(*, read_rows: int, read_bytes: int, written_rows: int = 0, written_bytes: int = 0) -> bytes:
    """How much a query has read and written since the last Progress packet."""
    numbers = (read_rows, read_bytes, 0, written_rows, written_bytes)  # the 0: the total to read is not known
    return _PROGRESS + b"".join(wire.varint(number) for number in numbers)


def profile_info(*, rows: int, blocks: int, size: int) -> bytes:
    """What the result was: rows, blocks and bytes, without a statement about LIMIT."""
    return _PROFILE_INFO + wire.varint(rows) + wire.varint(blocks) + wire.varint(size) + b"\x00" + b"\x00" + b"\x00"
