"""Every column type that the product may use, there and back through clickhouse-driver."""

import datetime as dt
import uuid
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address

import pytest
from clickhouse_driver import Client

UTC = dt.UTC
SECOND = dt.datetime(2026, 11, 23, 8, 0, 1)  # noqa: DTZ001  of a DateTime the driver tells no zone
LONG = "ü" * 20_000  # longer than one byte of length can tell

TYPES: list[tuple[str, list[object]]] = [
    ("UInt8", [0, 255]),
    ("UInt16", [0, 2**16 - 1]),
    ("UInt32", [0, 2**32 - 1]),
    ("UInt64", [0, 2**64 - 1]),
    ("UInt128", [0, 2**128 - 1]),
    ("UInt256", [0, 2**256 - 1]),
    ("Int8", [-128, 127]),
    ("Int16", [-(2**15), 2**15 - 1]),
    ("Int32", [-(2**31), 2**31 - 1]),
    ("Int64", [-(2**63), 2**63 - 1]),
    ("Int128", [-(2**127), 2**127 - 1]),
    ("Float32", [0.5, -1.25]),
    ("Float64", [0.1, -1e300, float("inf")]),
    ("Bool", [True, False]),
    ("String", ["", "text", "tab\tline\nNUL\0quote'", LONG, "🙈"]),
    ("FixedString(4)", ["abcd", "wxyz"]),
    ("UUID", [uuid.UUID(int=1), uuid.UUID("12345678-1234-5678-1234-567812345678")]),
    ("Date", [dt.date(1970, 1, 1), dt.date(2149, 6, 6)]),
    ("Date32", [dt.date(1900, 1, 1), dt.date(2299, 12, 31)]),
    ("DateTime", [SECOND]),
    ("DateTime64(3, 'UTC')", [dt.datetime(2026, 11, 23, 8, 0, 1, 234_000, tzinfo=UTC)]),
    ("DateTime64(6, 'Europe/Berlin')", [dt.datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)]),
    ("Decimal(9, 2)", [Decimal("1.25"), Decimal("-9999999.99")]),
    ("Decimal(18, 4)", [Decimal("12345678901234.5678")]),
    ("Decimal(38, 10)", [Decimal("1234567890123456789012345678.0123456789")]),
    ("Enum8('click' = 1, 'a, (b)' = -2, 'it\\'s' = 3)", ["click", "a, (b)", "it's"]),
    ("Enum16('x' = 1000)", ["x"]),
    ("IPv4", [IPv4Address("127.0.0.1")]),
    ("IPv6", [IPv6Address("::1"), IPv6Address("2001:db8::ff")]),
    ("Nullable(UInt32)", [None, 0, 7]),
    ("Nullable(String)", [None, "", LONG]),
    ("Nullable(DateTime64(3, 'UTC'))", [None, dt.datetime(2026, 11, 23, tzinfo=UTC)]),
    ("Array(String)", [[], ["a"], ["", LONG, "c"]]),
    ("Array(Array(UInt8))", [[], [[]], [[1, 2], [], [3]]]),
    ("Array(Nullable(Float64))", [[None, 1.5], []]),
    ("LowCardinality(String)", ["a", "b", "a", ""]),
    ("LowCardinality(Nullable(String))", [None, "a", None, ""]),
    ("LowCardinality(FixedString(2))", ["ab", "cd", "ab"]),
    ("Array(LowCardinality(String))", [[], ["x", "y", "x"], ["y"]]),
    ("Array(LowCardinality(Nullable(String)))", [[None], ["x", None]]),
    ("Tuple(String, UInt32)", [("a", 1), ("", 2)]),
    ("Tuple(name LowCardinality(String), n Array(UInt8))", [("a", [1]), ("b", [])]),
    ("Array(Tuple(String, UInt32))", [[], [("a", 1), ("b", 2)]]),
    ("Array(Tuple(LowCardinality(String), Array(LowCardinality(String))))", [[("a", ["x", "y"])], []]),
    ("Map(String, UInt64)", [{}, {"a": 1, "b": 2}]),
    ("Map(LowCardinality(String), Array(String))", [{"a": ["x"]}, {}]),
    ("SimpleAggregateFunction(max, UInt64)", [1, 2]),
]


@pytest.mark.parametrize(("type_name", "values"), TYPES, ids=[name for name, _ in TYPES])
def test_values_of_a_type_come_back_as_they_were_sent(client: Client, type_name: str, values: list[object]) -> None:
    client.execute("DROP TABLE IF EXISTS one_type")
    client.execute(f"CREATE TABLE one_type (n UInt32, v {type_name}, after String) ENGINE = MergeTree ORDER BY n")
    rows = [(n, value, f"after {n}") for n, value in enumerate(values)]

    assert client.execute("INSERT INTO one_type VALUES", rows) == len(rows)

    assert client.execute("SELECT n, v, after FROM one_type ORDER BY n") == rows


@pytest.mark.parametrize(("type_name", "values"), TYPES, ids=[name for name, _ in TYPES])
def test_an_empty_result_still_tells_its_columns(client: Client, type_name: str, values: list[object]) -> None:
    client.execute("DROP TABLE IF EXISTS no_rows")
    client.execute(f"CREATE TABLE no_rows (v {type_name}) ENGINE = Memory")

    rows, columns = client.execute("SELECT v FROM no_rows WHERE 1", with_column_types=True)

    assert rows == []
    (name, told) = columns[0]
    assert name == "v"
    assert told.split("(")[0] == type_name.split("(", maxsplit=1)[0]


def test_many_low_cardinality_values_need_wider_indexes(client: Client) -> None:
    client.execute("DROP TABLE IF EXISTS wide")
    client.execute("CREATE TABLE wide (n UInt32, v LowCardinality(String)) ENGINE = MergeTree ORDER BY n")
    values = [f"value {n % 70_000}" for n in range(100_000)]

    client.execute("INSERT INTO wide VALUES", [list(range(100_000)), values], columnar=True)

    assert client.execute("SELECT uniqExact(v), count(), any(v) FROM wide WHERE n IN (69_999, 139_999)") == [
        (1, 1, "value 69999")
    ]
    assert [value for (value,) in client.execute("SELECT v FROM wide ORDER BY n")] == values


def test_the_time_zone_is_utc_whatever_the_machine_says(client: Client) -> None:
    ((moment, zone),) = client.execute("SELECT toDateTime64('2026-11-23 08:00:00.123', 3), timezone()")

    assert zone == "UTC"
    assert moment == dt.datetime(2026, 11, 23, 8, 0, 0, 123_000)  # noqa: DTZ001
