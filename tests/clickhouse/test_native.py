"""What is encoded in parts is what ClickHouse reads, whatever the values and however they are parted."""

import random
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import pytest

from apps.clickhouse import client, native
from apps.clickhouse.client import QueryFailedError, TableDiffersError
from apps.clickhouse.inserting import EncodedBlock
from apps.clickhouse.native import ByKey, Kind, Part, Same
from apps.clickhouse.native_words import Words, encoded

TEXTS: Final = ["", "a", "ü€😀", "x" * 127, "y" * 128, "long " * 4000, "\n\t\\'\"", "\ufffd"]

# Of each kind: values that are hard, and what the driver reads in their place where that is something else.
HARD: Final[list[tuple[Kind[Any, Any], list[Any]]]] = [
    (native.UINT16, [0, 1, 2**16 - 1]),
    (native.UINT32, [0, 2**31, 2**32 - 1]),
    (native.UINT64, [0, 2**53, 2**64 - 1]),
    (native.INT32, [0, -1, 2**31 - 1, -(2**31)]),
    (native.FLOAT32, [0.0, -1.5, 2.0**100]),
    (native.BOOL, [True, False]),
    (native.STRING, TEXTS),
    (native.NULLABLE_UINT16, [None, 0, 2**16 - 1]),
    (native.WORDS, TEXTS),
    (native.LISTS, [[], ["a"], ["a", "", "b"], list("abcdefgh" * 31)]),
]


@pytest.fixture
def insert() -> Iterator[Any]:
    """Inserts parts into a table of one column of their kind beside a row number, and reads it back."""

    def back(kind: Kind[Any, Any], parts: Sequence[tuple[Part, int]]) -> list[Any]:
        client.command("DROP TABLE IF EXISTS native_kinds")
        client.command(f"CREATE TABLE native_kinds (row UInt32, value {kind.name}) ENGINE = MergeTree ORDER BY row")
        rows = sum(count for _, count in parts)
        numbers = native.UINT32.part(range(rows), rows)
        block = EncodedBlock(rows, [native.UINT32.column([numbers]), kind.column([part for part, _ in parts])])
        client.insert_encoded("native_kinds", {"row": "UInt32", "value": kind.name}, lambda: block)
        return [value for (value,) in client.query("SELECT value FROM native_kinds ORDER BY row")]

    yield back
    client.command("DROP TABLE IF EXISTS native_kinds")


def kept(part: Part) -> Any:
    """`part` as it comes back from the spool."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(part), type=Part)


@pytest.mark.parametrize(("kind", "values"), HARD, ids=[kind.name for kind, _ in HARD])
def test_values_come_back_from_any_number_of_parts(insert: Any, kind: Kind[Any, Any], values: list[Any]) -> None:
    chance = random.Random(1)
    lists = [[chance.choice(values) for _ in range(chance.choice([1, 2, 50]))] for _ in range(20)]
    lists += [values, values[:1]]
    parts = [(kept(kind.part(each, len(each))), len(each)) for each in lists]
    assert [kind.rows(part) for part, _ in parts] == [rows for _, rows in parts]
    assert insert(kind, parts) == [value for each in lists for value in each]


@pytest.mark.parametrize("kind", [each for each, _ in HARD if each is not native.LISTS], ids=lambda kind: kind.name)
def test_one_value_for_all_rows_is_that_value_in_each(insert: Any, kind: Kind[Any, Any]) -> None:
    values = next(values for each, values in HARD if each is kind)
    parts = [(kind.part(Same(value), rows), rows) for value in values for rows in (1, 3)]
    expected = [value for value in values for _ in range(4)]
    assert insert(kind, parts) == expected == insert(kind, [(kind.part(expected, len(expected)), len(expected))])


@pytest.mark.parametrize("different", [255, 256, 257, 499, 2**16, 2**16 + 1])
def test_a_dictionary_takes_as_many_words_as_come(insert: Any, different: int) -> None:
    words = [f"word {number}" for number in range(different)]
    lists = [words[start : start + 500] for start in range(0, different, 500)] + [words[::-1][:300], words[:1] * 5]
    parts = [(kept(native.WORDS.part(each, len(each))), len(each)) for each in lists]
    assert insert(native.WORDS, parts) == [word for each in lists for word in each]


def test_maps_hold_what_each_row_told(insert: Any) -> None:
    all_told = ByKey(("req", "mut"), [(1.9, 2.0), (3.0, 2.0**32 - 1)])
    some_told = ByKey(("mut", "err"), [(None, 5.0, None, 0.0), (None, None, 7.0, 8.0)])
    none_told = ByKey(("nav",), [(None, None, None)])
    nothing = ByKey((), [])
    parts = [(kept(native.MAPS.part(told, rows)), rows) for told, rows in (
        (all_told, 2), (some_told, 4), (none_told, 3), (nothing, 2))]  # fmt: skip
    assert [native.MAPS.rows(part) for part, _ in parts] == [2, 4, 3, 2]
    assert insert(native.MAPS, parts) == [
        {"req": 1, "mut": 3}, {"req": 2, "mut": 2**32 - 1},
        {}, {"mut": 5}, {"err": 7}, {"mut": 0, "err": 8},
        {}, {}, {}, {}, {},
    ]  # fmt: skip
    assert insert(native.MAPS, parts[2:]) == [{}] * 5


def test_moments_are_whole_milliseconds(insert: Any) -> None:
    moments = [0, 1, -2_208_988_800_000, 1_795_370_000_123, 10_413_791_999_999]
    insert(native.MOMENT, [(native.MOMENT.part(moments, 5), 5)])
    read = client.query("SELECT toUnixTimestamp64Milli(value) FROM native_kinds ORDER BY row")
    assert [moment for (moment,) in read] == moments


@pytest.mark.parametrize(("kind", "value"), [(native.UINT16, 2**16), (native.UINT32, -1), (native.INT32, 2**31)])
def test_a_number_out_of_range_is_an_error_and_never_another_number(kind: Kind[Any, Any], value: int) -> None:
    with pytest.raises(struct.error):
        kind.part([value], 1)


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (native.UINT32, b"12345"),
        (native.STRING, b"\x05abcd"),
        (native.STRING, b"\x80"),
        (native.NULLABLE_UINT16, native.Nullables(b"\0\0", b"\1\0")),
        (native.LISTS, native.Lists(b"\1\1", Words(("a",), b"\0"))),
        (native.MAPS, native.Maps(b"\1", Words(("a",), b"\0"), b"")),
    ],
)
def test_a_part_that_contradicts_itself_has_no_rows(kind: Kind[Any, Any], part: Part) -> None:
    assert kind.rows(part) is None


def test_texts_that_are_sent_again_and_again_are_remembered_within_bounds() -> None:
    native.STRING.part([f"text {number}" for number in range(50_000)], 50_000)
    native.STRING.part(["x" * 1000], 1)
    assert 0 < len(encoded) <= 4096
    assert max(map(len, encoded)) < 1000


@pytest.fixture
def table() -> Iterator[str]:
    client.command("CREATE TABLE native_other (a UInt32, b String) ENGINE = MergeTree ORDER BY a")
    yield "native_other"
    client.command("DROP TABLE native_other")


def test_a_table_of_other_types_takes_nothing_and_the_next_insert_goes_through(table: str) -> None:
    number = native.UINT64.column([native.UINT64.part([1], 1)])
    word = native.STRING.column([native.STRING.part(["x"], 1)])
    with pytest.raises(TableDiffersError, match=r"native_other\.a is UInt32, and this version writes UInt64"):
        client.insert_encoded(table, {"a": "UInt64", "b": "String"}, lambda: EncodedBlock(1, [number, word]))
    with pytest.raises(QueryFailedError):
        client.insert_encoded(table, {"c": "String"}, lambda: EncodedBlock(1, [word]))
    assert client.query("SELECT count() FROM native_other") == [(0,)]
    client.insert_encoded(table, {"b": "String"}, lambda: EncodedBlock(1, [word]))
    assert client.query("SELECT * FROM native_other") == [(0, "x")]
