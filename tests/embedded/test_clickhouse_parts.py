"""The server's own pure parts: what a query text asks for, where a block ends, what bytes mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.embedded.clickhouse_server import native_format, statement, wire
from apps.embedded.clickhouse_server.statement import Kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT 1", Kind.SELECT),
        ("  -- c\n/* d */ with 1 as x select x", Kind.SELECT),
        ("(SELECT 1) UNION ALL SELECT 2", Kind.SELECT),
        ("SET max_threads = 1", Kind.SET),
        ("SHOW TABLES", Kind.PLAIN),
        ("", Kind.PLAIN),
        ("-- nothing", Kind.PLAIN),
        ("INSERT INTO t VALUES", Kind.INSERT_DATA),
        ("INSERT INTO t VALUES;", Kind.INSERT_DATA),
        ("INSERT INTO t (values, format) VALUES", Kind.INSERT_DATA),
        ("INSERT INTO values VALUES", Kind.INSERT_DATA),
        ("INSERT INTO `a.b`.`c ``d` (x) FORMAT Native", Kind.INSERT_DATA),
        ("INSERT INTO t VALUES (1)", Kind.PLAIN),
        ("INSERT INTO t VALUES (1), (2);", Kind.PLAIN),
        ("INSERT INTO t SELECT 1", Kind.PLAIN),
        ("INSERT INTO t (a) (SELECT 1)", Kind.PLAIN),
        ("INSERT INTO t (SELECT 1)", Kind.PLAIN),
        ("INSERT INTO t WITH 1 AS x SELECT x", Kind.PLAIN),
        ("INSERT INTO t SETTINGS a = 'VALUES' SELECT 1", Kind.PLAIN),
        ("INSERT INTO FUNCTION file('x') SELECT 1", Kind.PLAIN),
        ("INSERT", Kind.PLAIN),
    ],
)
def test_what_a_text_asks_for(text: str, kind: Kind) -> None:
    assert statement.read(text).kind is kind


def test_the_parts_of_an_insert() -> None:
    read = statement.read("INSERT INTO db.`t` (a, `b c`) SETTINGS x = 1, y = 'z' VALUES ;")

    assert read.text == "INSERT INTO db.`t` (a, `b c`)"
    assert read.table == "db.`t`"
    assert statement.column_names(read.columns) == ["a", "b c"]
    assert read.settings == "SETTINGS x = 1, y = 'z'"


@pytest.mark.parametrize("columns", ["* EXCEPT (a)", "COLUMNS('x')", "", "a,,b", "a,"])
def test_a_list_that_is_not_plain_names_is_left_to_the_engine(columns: str) -> None:
    assert statement.column_names(columns) is None


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("SELECT 1 FORMAT CSV", "SELECT 1"),
        ("SELECT 1 FORMAT CSV SETTINGS a = 1", "SELECT 1  SETTINGS a = 1"),
        ("SELECT 'x FORMAT CSV'", "SELECT 'x FORMAT CSV'"),
        ("SELECT (SELECT format FROM t)", "SELECT (SELECT format FROM t)"),
        ("SELECT format AS f FROM format", "SELECT format AS f FROM format"),
        ("SELECT 1 -- FORMAT CSV", "SELECT 1 -- FORMAT CSV"),
    ],
)
def test_a_format_at_the_end_is_taken_away_and_nothing_else(text: str, without: str) -> None:
    assert statement.read(text).text.strip() == without


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert statement.read(text).kind in Kind
    assert statement.read("INSERT INTO t " + text).kind in Kind


@given(st.integers(min_value=0, max_value=2**63))
def test_a_number_comes_back_from_its_bytes(number: int) -> None:
    assert stream_of(wire.varint(number), piece=1).varint() == number


@given(st.text())
def test_a_string_comes_back_from_its_bytes(text: str) -> None:
    assert stream_of(wire.string(text), piece=3).string() == text.encode(errors="replace").decode()


@given(st.binary(max_size=10_000))
def test_a_frame_comes_back_from_its_bytes(content: bytes) -> None:
    assert wire.read_frame(stream_of(wire.frame(content), piece=1000)) == content


@given(st.binary(min_size=1, max_size=100), st.integers(min_value=0, max_value=10_000))
def test_a_changed_byte_in_a_frame_is_noticed(content: bytes, where: int) -> None:
    changed = bytearray(wire.frame(content))
    changed[where % len(changed)] ^= 0x40

    with pytest.raises((wire.ProtocolViolationError, wire.ConnectionLostError)):
        wire.read_frame(stream_of(bytes(changed), piece=1000))


@given(st.lists(st.text(max_size=300), max_size=30), st.integers(min_value=1, max_value=50))
def test_a_block_ends_where_it_ends_however_it_is_cut(texts: list[str], piece: int) -> None:
    column = b"".join(wire.string(text) for text in texts)
    block = wire.varint(1) + wire.varint(len(texts)) + wire.string("c") + wire.string("String") + column
    stream = stream_of(block + b"next packet", piece=piece)

    native_format.skip_columns(stream, native_format.read_shape(stream))

    assert bytes(stream.buffer[: stream.position]) == block


MISSPELT = ["Array", "FixedString(x)", "Decimal(99, 1)", "LowCardinality()", "Array(" * 5000]


@pytest.mark.parametrize("type_name", ["JSON", "Dynamic", "AggregateFunction(sum, UInt8)", "Nope(", "", *MISSPELT])
def test_a_type_of_unknown_length_is_refused(type_name: str) -> None:
    with pytest.raises(wire.ProtocolViolationError):
        native_format.column_of(type_name)


def stream_of(content: bytes, *, piece: int) -> wire.ByteStream:
    """A stream that receives `content` in pieces of so many bytes."""
    pieces = (content[start : start + piece] for start in range(0, len(content), piece))
    return wire.ByteStream(lambda: next(pieces, b""))
