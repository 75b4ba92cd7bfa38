"""Sending a block that is already encoded (`native`) over clickhouse-driver's connection.

The driver's own `execute` does the same around a block that it encodes itself; its steps are followed here one by one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from clickhouse_driver import Client, defines
from clickhouse_driver.block import BlockInfo, ColumnOrientedBlock
from clickhouse_driver.protocol import ClientPacketTypes

from apps.clickhouse.native_words import text, varint


class EncodedColumn(NamedTuple):
    """A column of an insert: its name, its type as ClickHouse writes it, and what follows these in a block."""

    name: str
    type: str
    data: bytes


class OtherTypesError(Exception):
    """The table's columns are not of the types that were encoded. Nothing was stored."""


def send(
    client: Client, table: str, columns: Sequence[EncodedColumn], *, rows: int, settings: Mapping[str, Any]
) -> None:
    """Inserts one block of `rows` rows into `table` and waits until the server has it.

    Raises OtherTypesError, and what the driver raises. After either the connection is closed.
    """
    sql = f"INSERT INTO {table} ({', '.join(column.name for column in columns)}) VALUES"
    with client.disconnect_on_error(sql, dict(settings)):
        connection = client.connection
        connection.send_query(sql)
        connection.send_external_tables(None)
        wanted = client.receive_sample_block().columns_with_types
        _check(table, columns, wanted)
        _send_block(connection, columns, rows=rows)
        client.receive_profile_events()
        # An empty block ends the data.
        connection.send_data(ColumnOrientedBlock())
        client.receive_profile_events()
        client.receive_end_of_insert_query()


def _check(table: str, columns: Sequence[EncodedColumn], wanted: Sequence[tuple[str, str]]) -> None:
    for column, (name, kind) in zip(columns, wanted, strict=True):
        if (column.name, column.type) != (name, kind):
            raise OtherTypesError(
                f"{table}.{name} is {kind}, and this version writes {column.type}. "
                "Run the version that fits the migrations."
            )


def _send_block(connection: Any, columns: Sequence[EncodedColumn], *, rows: int) -> None:
    connection.fout.write(varint(ClientPacketTypes.DATA) + text(""))
    out = connection.block_out
    BlockInfo().write(out.fout)
    # Newer servers ask before each column whether it has a serialization of its own.
    none = b"\0" if connection.server_info.used_revision >= defines.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION else b""
    parts = [varint(len(columns)), varint(rows)]
    for column in columns:
        parts += (text(column.name), text(column.type), none, column.data)
    out.fout.write(b"".join(parts))
    out.finalize()
