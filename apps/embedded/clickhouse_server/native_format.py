"""Where a block of the Native format ends, found without turning its values into Python objects.

A block on the wire carries its number of columns and rows, but not its length. Its bytes are both what `FORMAT Native`
reads and what it writes, so all that is needed to pass them through is to walk over them: widths are multiplied,
strings are stepped over by their lengths. Layouts: ClickHouse's `src/DataTypes/Serializations/`.
"""

import re
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from apps.embedded.clickhouse_server.wire import ByteStream, ProtocolViolationError

MAX_COLUMNS: Final = 10_000
MAX_NAME_BYTES: Final = 1 << 20
MAX_NESTING: Final = 200  # parentheses in a type; far above any real one, far below Python's recursion limit

_WIDTHS: Final = {
    "Nothing": 1, "Bool": 1, "UInt8": 1, "UInt16": 2, "UInt32": 4, "UInt64": 8, "UInt128": 16, "UInt256": 32,
    "Int8": 1, "Int16": 2, "Int32": 4, "Int64": 8, "Int128": 16, "Int256": 32, "Float32": 4, "Float64": 8,
    "BFloat16": 2, "Date": 2, "Date32": 4, "DateTime": 4, "DateTime64": 8, "Time": 4, "Time64": 8, "UUID": 16,
    "IPv4": 4, "IPv6": 16, "Enum8": 1, "Enum16": 2, "Decimal32": 4, "Decimal64": 8, "Decimal128": 16, "Decimal256": 32,
}  # fmt: skip
_DECIMAL_WIDTHS: Final = ((9, 4), (18, 8), (38, 16), (76, 32))  # largest precision, bytes
_INDEX_WIDTHS: Final = (1, 2, 4, 8)
_HAS_ADDITIONAL_KEYS: Final = 1 << 9  # of a LowCardinality column's flags
_NEEDS_GLOBAL_DICTIONARY: Final = 1 << 8
_U64: Final = struct.Struct("<Q")
_FIELD_NAME: Final = re.compile(r"^(?:`(?:[^`\\]|\\.)*`|[A-Za-z_]\w*)\s+(?=[A-Za-z])")


class Column(NamedTuple):
    """How to walk over one type: first its prefix, then `rows` values."""

    prefix: Callable[[ByteStream], None]
    values: Callable[[ByteStream, int], None]


class BlockShape(NamedTuple):
    """What opens a block."""

    columns: int
    rows: int


def skip_block_info(stream: ByteStream) -> None:
    """Move past the numbered fields that precede each block on the wire (is_overflows, bucket_num)."""
    while field := stream.varint():
        if field not in (1, 2):
            raise ProtocolViolationError(f"A block's info has the unknown field {field}.")
        stream.skip(1 if field == 1 else 4)


def read_shape(stream: ByteStream) -> BlockShape:
    """The numbers that open a block: columns and rows. A block of no columns ends an insert's data."""
    shape = BlockShape(stream.varint(), stream.varint())
    if shape.columns > MAX_COLUMNS:
        raise ProtocolViolationError(f"A block claims {shape.columns} columns; at most {MAX_COLUMNS} are allowed.")
    return shape


def skip_columns(stream: ByteStream, shape: BlockShape) -> None:
    """Move past all columns of a block whose shape has been read."""
    for _ in range(shape.columns):
        stream.string(MAX_NAME_BYTES)
        column = column_of(stream.string(MAX_NAME_BYTES))
        if shape.rows:
            column.prefix(stream)
            column.values(stream, shape.rows)


@lru_cache(maxsize=1024)
def column_of(type_name: str) -> Column:
    """The walk for a ClickHouse type such as `Array(LowCardinality(Nullable(String)))`.

    Raises ProtocolViolationError for types whose length only ClickHouse can tell (JSON, Dynamic, AggregateFunction).
    """
    name, arguments = _split(type_name)
    if name in _WIDTHS:
        return _fixed(_WIDTHS[name])
    if name in _COMPOSED and type_name.count("(") <= MAX_NESTING:
        try:
            return _COMPOSED[name](arguments)
        except (ValueError, IndexError, StopIteration) as error:
            raise ProtocolViolationError(f"The type {type_name:.100} cannot be understood.") from error
    raise ProtocolViolationError(f"The type {type_name:.100} is supported with compression only; use lz4.")


def _split(type_name: str) -> tuple[str, list[str]]:
    """`Tuple(String, Enum8('a,b' = 1))` as its name and its top-level arguments."""
    name, parenthesis, rest = type_name.strip().partition("(")
    if not parenthesis:
        return name, []
    arguments, depth, start, position = [], 0, 0, 0
    while position < len(rest):
        character = rest[position]
        if character in "'`":
            position = _end_of_quoted(rest, position)
        elif character == "(":
            depth += 1
        elif character == ")":
            if depth == 0:
                break
            depth -= 1
        elif character == "," and depth == 0:
            arguments.append(rest[start:position].strip())
            start = position + 1
        position += 1
    arguments.append(rest[start:position].strip())
    return name.strip(), arguments


def _end_of_quoted(text: str, start: int) -> int:
    """The position of the quote that closes the one at `start`."""
    position = start + 1
    while position < len(text) and text[position] != text[start]:
        position += 2 if text[position] == "\\" else 1
    return position


def _without_name(argument: str) -> str:
    """A tuple's element without its name, if it has one: `n UInt32` is `UInt32`."""
    return _FIELD_NAME.sub("", argument)


def _no_prefix(stream: ByteStream) -> None:
    """Most types have none."""


def _fixed(width: int) -> Column:
    return Column(_no_prefix, lambda stream, rows: stream.skip(width * rows))


def _skip_strings(stream: ByteStream, rows: int) -> None:
    # The hot loop of an uncompressed insert: local variables, and one comparison per string in the common case.
    buffer, position, size = stream.buffer, stream.position, len(stream.buffer)
    for _ in range(rows):
        if position < size and buffer[position] < 0x80 and position + 1 + buffer[position] <= size:
            position += 1 + buffer[position]
            continue
        stream.position = position
        stream.skip(stream.varint())
        position, size = stream.position, len(stream.buffer)
    stream.position = position


def _nullable(inner: Column) -> Column:
    def values(stream: ByteStream, rows: int) -> None:
        stream.skip(rows)  # the null map
        inner.values(stream, rows)

    return Column(inner.prefix, values)


def _array(inner: Column) -> Column:
    def values(stream: ByteStream, rows: int) -> None:
        if not rows:
            return
        stream.skip(8 * (rows - 1))
        (total,) = _U64.unpack(stream.take(8))  # offsets are cumulative, the last one is the number of elements
        inner.values(stream, total)

    return Column(inner.prefix, values)


def _tuple(elements: list[Column]) -> Column:
    def prefix(stream: ByteStream) -> None:
        for element in elements:
            element.prefix(stream)

    def values(stream: ByteStream, rows: int) -> None:
        for element in elements:
            element.values(stream, rows)

    return Column(prefix, values)


def _low_cardinality(keys: Column) -> Column:
    def values(stream: ByteStream, rows: int) -> None:
        if not rows:
            return
        (flags,) = _U64.unpack(stream.take(8))
        if flags & _NEEDS_GLOBAL_DICTIONARY or not flags & _HAS_ADDITIONAL_KEYS or flags & 0xFF >= len(_INDEX_WIDTHS):
            raise ProtocolViolationError(f"A LowCardinality column has the unknown flags {flags:#x}.")
        (key_count,) = _U64.unpack(stream.take(8))
        keys.values(stream, key_count)
        (index_count,) = _U64.unpack(stream.take(8))
        stream.skip(_INDEX_WIDTHS[flags & 0xFF] * index_count)

    return Column(lambda stream: stream.skip(8), values)


def _decimal(precision: int) -> Column:
    return _fixed(next(width for largest, width in _DECIMAL_WIDTHS if precision <= largest))


def _tuple_of(arguments: list[str]) -> Column:
    return _tuple([column_of(_without_name(argument)) for argument in arguments])


def _low_cardinality_of(inner: str) -> Column:
    name, arguments = _split(inner)
    return _low_cardinality(column_of(arguments[0] if name == "Nullable" else inner))  # null is the key of index 0


_COMPOSED: Final[dict[str, Callable[[list[str]], Column]]] = {
    "String": lambda _: Column(_no_prefix, _skip_strings),
    "FixedString": lambda arguments: _fixed(int(arguments[0])),
    "Decimal": lambda arguments: _decimal(int(arguments[0])),
    "Nullable": lambda arguments: _nullable(column_of(arguments[0])),
    "Array": lambda arguments: _array(column_of(arguments[0])),
    "Tuple": _tuple_of,
    "Map": lambda arguments: _array(_tuple_of(arguments)),
    "Nested": lambda arguments: _array(_tuple_of(arguments)),
    "SimpleAggregateFunction": lambda arguments: column_of(arguments[1]),
    "LowCardinality": lambda arguments: _low_cardinality_of(arguments[0]),
}
