"""Sending a block that is already encoded (`native`) over clickhouse-driver's connection.

The driver's own `execute` does the same around a block that it encodes itself; its steps are followed here one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from clickhouse_driver import Client, defines
from clickhouse_driver.block import BlockInfo, ColumnOrientedBlock
from clickhouse_driver.protocol import ClientPacketTypes

from apps.clickhouse.native_words import text, varint


class EncodedBlock(NamedTuple):
    """`rows` rows of an insert: for each column what follows its name and type in a block."""

    rows: int
    columns: Sequence[bytes]


class OtherTypesError(Exception):
    """The table's columns are not of the types that were encoded. Nothing was stored."""


def send(
    client: Client,
    table: str,
    types: Mapping[str, str],
    make: Callable[[], EncodedBlock],
    *,
    settings: Mapping[str, Any],
) -> int:
    """Inserts the block that `make` makes of columns of these `types` into `table` and returns its number of rows.

    When it returns, the server has them. `types` is by column, as ClickHouse writes them. `make` is called once the
    server is ready for the block. Raises OtherTypesError, and what `make` and the driver raise. After any of them the
    connection is closed.
    """
    sql = f"INSERT INTO {table} ({', '.join(types)}) VALUES"
    with client.disconnect_on_error(sql, dict(settings)):
        connection = client.connection
        connection.send_query(sql)
        connection.send_external_tables(None)
        _check(table, types, client.receive_sample_block().columns_with_types)
        block = make()
        _send_block(connection, types, block)
        client.receive_profile_events()
        # An empty block ends the data.
        connection.send_data(ColumnOrientedBlock())
        client.receive_profile_events()
        client.receive_end_of_insert_query()
    return block.rows


def _check(table: str, types: Mapping[str, str], wanted: Sequence[tuple[str, str]]) -> None:
    for (column, ours), (name, theirs) in zip(types.items(), wanted, strict=True):
        if (column, ours) != (name, theirs):
            raise OtherTypesError(
                f"{table}.{name} is {theirs}, and this version writes {ours}. Run the version that fits the migrations."
            )


def _send_block(connection: Any, types: Mapping[str, str], block: EncodedBlock) -> None:
    connection.fout.write(varint(ClientPacketTypes.DATA) + text(""))
    out = connection.block_out
    BlockInfo().write(out.fout)
    # Newer servers ask before each column whether it has a serialization of its own.
    none = b"\0" if connection.server_info.used_revision >= defines.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION else b""
    parts = [varint(len(types)), varint(block.rows)]
    for (name, kind), data in zip(types.items(), block.columns, strict=True):
        parts += (text(name), text(kind), none, data)
    out.fout.write(b"".join(parts))
    out.finalize()
