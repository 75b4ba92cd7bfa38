"""The bytes of ClickHouse's native protocol: variable-length integers, strings and compressed frames.

Source of the layouts: ClickHouse's `src/IO/VarInt.h`, `src/Compression/CompressedReadBufferBase.cpp`, and
clickhouse-driver's `compression/base.py`, which is the client that the product speaks through.
"""

import struct
from collections.abc import Callable
from typing import Final

import lz4.block
from clickhouse_cityhash.cityhash import CityHash128

RECEIVE_BYTES: Final = 1 << 18  # one read from the socket; a 50,000-row block is a few of these
MAX_STRING_BYTES: Final = 64 << 20  # a query text or a setting; the server's own max_query_size is far below
MAX_FRAME_BYTES: Final = 1 << 30  # ClickHouse's DBMS_MAX_COMPRESSED_SIZE
MAX_BLOCK_BYTES: Final = 1 << 30  # a block is held in memory once; clients send 1,048,576 rows at most in one

METHOD_NONE: Final = 0x02
METHOD_LZ4: Final = 0x82
METHOD_ZSTD: Final = 0x90

_FRAME_HEADER: Final = struct.Struct("<QQBII")  # checksum high, checksum low, method, compressed size + 9, plain size
_FRAME_SIZES: Final = struct.Struct("<BII")
_SIZES_BYTES: Final = _FRAME_SIZES.size


class ConnectionLostError(Exception):
    """The peer closed the connection, in the middle of a packet or between two."""


class ProtocolViolationError(Exception):
    """The peer sent bytes that are not the native protocol; the connection cannot be read any further."""


class ByteStream:
    """A buffered reader that can hand out everything read since a mark, so that a block passes through as it came.

    `receive` returns the next bytes, or b"" at the end. `buffer` and `position` are public for the tight loops of
    `native_format`; they are valid until the next call of `fill` or `discard_read`.
    """

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self.buffer = bytearray()
        self.position = 0

    def fill(self, count: int) -> None:
        """Make at least `count` bytes available after `position`.

        Raises ConnectionLostError when the peer closes first, ProtocolViolationError for more than a packet may have.
        """
        if self.position + count > MAX_BLOCK_BYTES:
            raise ProtocolViolationError(f"A packet of more than {MAX_BLOCK_BYTES} bytes is not accepted.")
        while len(self.buffer) - self.position < count:
            received = self._receive()
            if not received:
                raise ConnectionLostError
            self.buffer += received

    def discard_read(self) -> None:
        """Forget what was read; call it between packets, never inside a block that is to be passed on."""
        del self.buffer[: self.position]
        self.position = 0

    def unread(self) -> int:
        """How many bytes wait in the buffer."""
        return len(self.buffer) - self.position

    def next_byte_is(self, value: int) -> bool:
        """Whether a byte waits in the buffer and is `value`; reads nothing."""
        return self.unread() > 0 and self.buffer[self.position] == value

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self.fill(count)
        start = self.position
        self.position = start + count
        return bytes(self.buffer[start : self.position])

    def skip(self, count: int) -> None:
        """Move past `count` bytes, which stay in the buffer."""
        self.fill(count)
        self.position += count

    def byte(self) -> int:
        """The next byte as a number."""
        if self.position == len(self.buffer):
            self.fill(1)
        value = self.buffer[self.position]
        self.position += 1
        return value

    def varint(self) -> int:
        """An unsigned LEB128 integer of at most 64 bits."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ProtocolViolationError("A variable-length integer is longer than 64 bits.")

    def string(self, limit: int = MAX_STRING_BYTES) -> str:
        """A length-prefixed UTF-8 string of at most `limit` bytes."""
        length = self.varint()
        if length > limit:
            raise ProtocolViolationError(f"A string of {length} bytes is longer than the {limit} bytes allowed here.")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError as error:
            raise ProtocolViolationError(f"A string is not UTF-8: {error}.") from error


def varint(value: int) -> bytes:
    """`value` (>= 0) as LEB128."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def string(text: str) -> bytes:
    """`text` as length and UTF-8 bytes; lone surrogates, which UTF-8 cannot carry, become question marks."""
    data = text.encode(errors="replace")
    return varint(len(data)) + data


def read_frame(stream: ByteStream) -> bytes:
    """The content of the next compressed frame (checksum, method, sizes, data).

    Raises ProtocolViolationError for a wrong checksum, an unknown method or impossible sizes.
    """
    header = stream.take(_FRAME_HEADER.size)
    high, low, method, compressed_size, plain_size = _FRAME_HEADER.unpack(header)
    if not _SIZES_BYTES <= compressed_size <= MAX_FRAME_BYTES or plain_size > MAX_FRAME_BYTES:
        raise ProtocolViolationError(f"A compressed frame has impossible sizes ({compressed_size}, {plain_size}).")
    body = stream.take(compressed_size - _SIZES_BYTES)
    if CityHash128(header[16:] + body) != (high << 64) + low:
        raise ProtocolViolationError("A compressed frame does not match its checksum.")
    if method == METHOD_NONE:
        return bytes(body)
    if method != METHOD_LZ4:
        name = "zstd" if method == METHOD_ZSTD else f"method 0x{method:02x}"
        raise ProtocolViolationError(f"Compression by {name} is not supported by the embedded server; use lz4.")
    try:
        content: bytes = lz4.block.decompress(body, uncompressed_size=plain_size)
    except lz4.block.LZ4BlockError as error:
        raise ProtocolViolationError(f"A compressed frame cannot be decompressed: {error}.") from error
    return content


def frame(content: bytes) -> bytes:
    """`content` as one lz4 frame."""
    compressed: bytes = lz4.block.compress(content, store_size=False)
    body = _FRAME_SIZES.pack(METHOD_LZ4, len(compressed) + _SIZES_BYTES, len(content)) + compressed
    checksum: int = CityHash128(body)
    return struct.pack("<QQ", checksum >> 64, checksum & 0xFFFF_FFFF_FFFF_FFFF) + body
