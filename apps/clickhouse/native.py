"""Columns in ClickHouse's Native format, encoded in parts.

A *part* holds one request's rows of a column. Whoever inserts joins the parts of many requests, which is little more
than copying bytes: the work for each value is done once, before anybody waits for it. clickhouse-driver encodes columns
from all their values at the time of the insert, at three times the cost.

A column's values come as a sequence, or as `Same` where all rows have one. Values are not checked beyond what encoding
them takes: a number out of range raises struct.error. Layouts: ClickHouse's `src/DataTypes/Serializations/`.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, compress, cycle
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from apps.clickhouse.native_words import VERSION, Words, count_texts, dictionary, encoded, words

_Value = TypeVar("_Value")
_Given_contra = TypeVar("_Given_contra", contravariant=True)
_Part = TypeVar("_Part")


class Same(NamedTuple, Generic[_Value]):
    """One value for all rows."""

    value: _Value


class Lists(msgspec.Struct, frozen=True, tag="lists", array_like=True):
    """A part of an Array(LowCardinality(String)): how many each row has, at most 255, and all of them."""

    sizes: bytes
    items: Words


class Maps(msgspec.Struct, frozen=True, tag="maps", array_like=True):
    """A part of a Map(LowCardinality(String), UInt32): how many entries each row has, their keys and their values."""

    sizes: bytes
    keys: Words
    values: bytes


class Nullables(msgspec.Struct, frozen=True, tag="nullables", array_like=True):
    """A part of a Nullable column: which rows are null, and all values, 0 for those."""

    nulls: bytes
    values: bytes


Part = bytes | Words | Lists | Maps | Nullables


class Kind(Protocol[_Given_contra, _Part]):
    """A type of ClickHouse's, `name` as it writes it itself."""

    name: str

    def part(self, values: _Given_contra, rows: int) -> _Part:
        """The part that `rows` rows of these values make."""

    def column(self, parts: Sequence[_Part]) -> bytes:
        """What follows a column's name and type in a block. There is at least one row."""

    def rows(self, part: _Part) -> int | None:
        """How many rows a part has that was kept and read back; None where it contradicts itself."""


class Fixed(Generic[_Value]):
    """Numbers, moments (as what ClickHouse counts) and truth values, by the struct module's `code` for one."""

    def __init__(self, name: str, code: str) -> None:
        self.name = name
        self._code = code

    def part(self, values: Sequence[_Value] | Same[_Value], rows: int) -> bytes:
        """All values."""
        if isinstance(values, Same):
            return struct.pack(f"<{self._code}", values.value) * rows
        return struct.pack(f"<{rows}{self._code}", *values)

    def column(self, parts: Sequence[bytes]) -> bytes:
        """All parts."""
        return b"".join(parts)

    def rows(self, part: bytes) -> int | None:
        """By the width of a value."""
        return _quotient(part, self._code)


class String:
    """Texts, as UTF-8."""

    name = "String"

    def part(self, values: Sequence[str] | Same[str], rows: int) -> bytes:
        """All texts, each after its length."""
        if isinstance(values, Same):
            return encoded[values.value] * rows
        return b"".join(map(encoded.__getitem__, values))

    def column(self, parts: Sequence[bytes]) -> bytes:
        """All parts."""
        return b"".join(parts)

    def rows(self, part: bytes) -> int | None:
        """By stepping from text to text."""
        return count_texts(part)


class NullableFixed:
    """Numbers, some of them missing."""

    def __init__(self, name: str, code: str) -> None:
        self.name = f"Nullable({name})"
        self._code = code

    def part(self, values: Sequence[int | None] | Same[int | None], rows: int) -> Nullables:
        """Which rows have none, and all values."""
        if isinstance(values, Same):
            values = (values.value,) * rows
        nulls = bytes([value is None for value in values])
        return Nullables(nulls, struct.pack(f"<{rows}{self._code}", *[value or 0 for value in values]))

    def column(self, parts: Sequence[Nullables]) -> bytes:
        """The parts' nulls, then their values."""
        return b"".join([*(part.nulls for part in parts), *(part.values for part in parts)])

    def rows(self, part: Nullables) -> int | None:
        """As many as there are values."""
        return len(part.nulls) if _quotient(part.values, self._code) == len(part.nulls) else None


class LowCardinality:
    """Texts of which few are different."""

    name = "LowCardinality(String)"

    def part(self, values: Sequence[str] | Same[str], rows: int) -> Words:
        """The different values and each row's."""
        return Words((values.value,), bytes(rows)) if isinstance(values, Same) else words(values)

    def column(self, parts: Sequence[Words]) -> bytes:
        """One dictionary for all parts, and the rows' places in it."""
        return VERSION + dictionary(parts)

    def rows(self, part: Words) -> int | None:
        """As many as there are places."""
        return len(part)


class ListsOfWords:
    """Short lists of texts of which few are different."""

    name = "Array(LowCardinality(String))"

    def part(self, values: Sequence[Sequence[str]], rows: int) -> Lists:
        """The lists' lengths and items."""
        return Lists(bytes(map(len, values)), words(tuple(chain.from_iterable(values))))

    def column(self, parts: Sequence[Lists]) -> bytes:
        """Where each row's list ends, then all items."""
        ends = _ends(part.sizes for part in parts)
        return VERSION + ends + dictionary([part.items for part in parts])

    def rows(self, part: Lists) -> int | None:
        """As many as there are lists."""
        return len(part.sizes) if sum(part.sizes) == len(part.items) else None


class ByKey(NamedTuple):
    """A map for each row, by key: for each of `keys` all rows' values, None where a row has none."""

    keys: tuple[str, ...]
    values: Sequence[Sequence[float | None]]


class MapsOfNumbers:
    """Maps with few different keys. Numbers lose their fraction."""

    name = "Map(LowCardinality(String), UInt32)"

    def part(self, values: ByKey, rows: int) -> Maps:
        """The maps' sizes, keys and values."""
        if not values.keys:
            return Maps(bytes(rows), Words((), b""), b"")
        entries = list(zip(*values.values, strict=True))
        most = len(values.keys)
        sizes = bytes([most - entry.count(None) for entry in entries])
        every = tuple(chain.from_iterable(entries))
        told = [number is not None for number in every]
        numbers = list(map(int, compress(every, told)))
        # Which key each number has: the keys' places in turn, without those that a row lacks.
        places = bytes(compress(cycle(range(most)), told))
        return Maps(sizes, Words(values.keys, places), struct.pack(f"<{len(numbers)}I", *numbers))

    def column(self, parts: Sequence[Maps]) -> bytes:
        """Where each row's map ends, then all keys, then all values."""
        ends = _ends(part.sizes for part in parts)
        return b"".join([VERSION, ends, dictionary([part.keys for part in parts]), *(part.values for part in parts)])

    def rows(self, part: Maps) -> int | None:
        """As many as there are maps."""
        entries = sum(part.sizes)
        return len(part.sizes) if entries == len(part.keys) == _quotient(part.values, "I") else None


def _quotient(values: bytes, code: str) -> int | None:
    count, rest = divmod(len(values), struct.calcsize(f"<{code}"))
    return None if rest else count


def _ends(sizes: Iterable[bytes]) -> bytes:
    ends = list(accumulate(chain.from_iterable(sizes)))
    return struct.pack(f"<{len(ends)}Q", *ends)


UINT16: Final = Fixed[int]("UInt16", "H")
UINT32: Final = Fixed[int]("UInt32", "I")
UINT64: Final = Fixed[int]("UInt64", "Q")
INT32: Final = Fixed[int]("Int32", "i")
FLOAT32: Final = Fixed[float]("Float32", "f")
BOOL: Final = Fixed[bool]("Bool", "?")
# Whole ms since 1970.
MOMENT: Final = Fixed[int]("DateTime64(3, 'UTC')", "q")
STRING: Final = String()
NULLABLE_UINT16: Final = NullableFixed("UInt16", "H")
WORDS: Final = LowCardinality()
LISTS: Final = ListsOfWords()
MAPS: Final = MapsOfNumbers()
