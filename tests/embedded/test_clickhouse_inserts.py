"""Inserts: complete or not at all, whatever happens to the client or to the server."""

import socket
import threading
from collections.abc import Iterator

import pytest
from clickhouse_driver import Client
from clickhouse_driver.block import ColumnOrientedBlock
from clickhouse_driver.errors import NetworkError, ServerException

from tests.embedded.conftest import Server


@pytest.fixture
def table(client: Client) -> str:
    client.execute("DROP TABLE IF EXISTS t")
    client.execute(
        "CREATE TABLE t (a UInt64, s String, added String MATERIALIZED concat('m', s), other String ALIAS s,"
        " stored_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY a"
    )
    return "t"


def begin_insert(client: Client, query: str) -> ColumnOrientedBlock:
    """Send an INSERT as far as the server's header block, which is returned."""
    client.connection.force_connect()
    client.connection.send_query(query)
    client.connection.send_external_tables(None)
    return client.receive_sample_block()


def send_block(client: Client, header: ColumnOrientedBlock, columns: list[object]) -> None:
    client.connection.send_data(ColumnOrientedBlock(header.columns_with_types, columns))


def count(client: Client) -> int:
    ((number,),) = client.execute("SELECT count() FROM t")
    assert isinstance(number, int)
    return number


def test_columns_are_inserted_columnwise(client: Client, table: str) -> None:
    numbers, texts = list(range(50_000)), [f"text {n}" for n in range(50_000)]

    assert client.execute("INSERT INTO t (a, s) VALUES", [numbers, texts], columnar=True) == 50_000

    assert client.execute("SELECT count(), sum(a), uniqExact(s), min(stored_at) > '2020-01-01' FROM t") == [
        (50_000, sum(numbers), 50_000, 1)
    ]


def test_an_insert_in_many_blocks_is_one_insert(client: Client, table: str) -> None:
    rows = ((n, "x") for n in range(10_000))

    assert client.execute("INSERT INTO t (a, s) VALUES", rows, settings={"insert_block_size": 999}) == 10_000

    assert client.execute("SELECT count(), uniqExact(_part) FROM t") == [(10_000, 1)]


def test_without_a_list_the_columns_are_those_that_can_be_inserted(client: Client, table: str) -> None:
    header = begin_insert(client, "INSERT INTO t VALUES")

    assert [name for name, _ in header.columns_with_types] == ["a", "s", "stored_at"]


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO t (a, s) VALUES",
        'insert into irk.t (`a`, "s") values',
        "INSERT INTO TABLE `irk`.`t` (s, a) FORMAT Native",
        "/* why (a, b) VALUES */ INSERT INTO t (a, s) -- VALUES (1)\n SETTINGS max_insert_threads = 1 VALUES",
        "INSERT INTO t (* EXCEPT stored_at) VALUES",
        "INSERT INTO t (a, s)",
    ],
)
def test_ways_to_write_an_insert(client: Client, table: str, query: str) -> None:
    header = begin_insert(client, query)
    values = {"a": [1], "s": ["x"]}
    send_block(client, header, [values[name] for name, _ in header.columns_with_types])
    client.connection.send_data(ColumnOrientedBlock())
    client.receive_end_of_insert_query()

    assert client.execute("SELECT a, s, added FROM irk.t") == [(1, "x", "mx")]


def test_values_in_the_query_text_are_inserted(client: Client, table: str) -> None:
    client.execute("INSERT INTO t (a, s) VALUES (1, 'VALUES ('), (2, '--')")

    assert client.execute("SELECT a, s FROM t ORDER BY a") == [(1, "VALUES ("), (2, "--")]


def test_insert_select_runs_in_the_server(client: Client, table: str) -> None:
    client.execute("INSERT INTO t (a, s) SELECT number, 'x' FROM numbers(1000)")
    client.execute("INSERT INTO t (a, s) WITH 5 AS k SELECT k, 'y'")
    client.execute("INSERT INTO t (a, s) (SELECT 6, 'z')")

    assert count(client) == 1002


def test_an_empty_insert_is_no_error(client: Client, table: str) -> None:
    assert client.execute("INSERT INTO t (a, s) VALUES", []) == 0
    assert count(client) == 0


def test_an_unknown_column_is_refused_before_any_data_is_sent(client: Client, table: str) -> None:
    with pytest.raises(ServerException) as refused:
        client.execute("INSERT INTO t (a, nope) VALUES", [(1, 2)])

    assert refused.value.code == 16


def test_a_constraint_refuses_the_whole_insert_and_the_connection_goes_on(client: Client) -> None:
    client.execute("DROP TABLE IF EXISTS t")
    client.execute("CREATE TABLE t (a UInt64, CONSTRAINT small CHECK a < 10) ENGINE = MergeTree ORDER BY a")
    header = begin_insert(client, "INSERT INTO t VALUES")
    for value in (1, 100, 2):
        send_block(client, header, [[value]])
    client.connection.send_data(ColumnOrientedBlock())

    with pytest.raises(ServerException) as refused:
        client.receive_end_of_insert_query()

    assert refused.value.code == 469
    client.connection.is_query_executing = False
    assert client.connection.ping() is True
    assert count(client) == 0


def test_a_materialized_view_that_fails_fails_the_insert(client: Client, table: str) -> None:
    client.execute("DROP TABLE IF EXISTS seen")
    client.execute("CREATE MATERIALIZED VIEW seen ENGINE = Memory AS SELECT throwIf(a = 7) FROM t")

    with pytest.raises(ServerException) as failed:
        client.execute("INSERT INTO t (a, s) VALUES", [(n, "x") for n in range(10)])

    client.execute("DROP TABLE seen")
    assert failed.value.code == 395


def test_too_many_partitions_fail_the_insert_unless_it_brings_the_setting(client: Client) -> None:
    client.execute("DROP TABLE IF EXISTS t")
    client.execute("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a PARTITION BY a")
    rows = [(n,) for n in range(200)]

    with pytest.raises(ServerException) as refused:
        client.execute("INSERT INTO t VALUES", rows)

    assert refused.value.code == 252
    assert count(client) == 0
    client.execute("INSERT INTO t SETTINGS max_partitions_per_insert_block = 1000 VALUES", rows)
    client.execute("INSERT INTO t VALUES", rows, settings={"max_partitions_per_insert_block": 1000})
    assert count(client) == 400


def test_an_insert_larger_than_what_is_kept_in_memory_is_complete(client: Client, table: str) -> None:
    text = "x" * 100_000

    rows = ((n, text) for n in range(1000))
    client.execute("INSERT INTO t (a, s) VALUES", rows, settings={"insert_block_size": 100})

    assert client.execute("SELECT count(), sum(length(s)) FROM t") == [(1000, 100_000_000)]


@pytest.mark.parametrize("blocks", [1, 3, 30])
@pytest.mark.timeout(60)
def test_a_client_that_vanishes_in_the_middle_leaves_nothing(
    server: Server, client: Client, table: str, blocks: int
) -> None:
    header = begin_insert(client, "INSERT INTO t (a, s) VALUES")
    for number in range(blocks):
        send_block(client, header, [list(range(50_000)), [f"block {number}"] * 50_000])

    client.connection.socket.shutdown(socket.SHUT_RDWR)

    observer = server.client()
    while observer.execute("SELECT count() FROM system.processes WHERE query LIKE 'INSERT%'") != [(0,)]:
        pass
    assert count(observer) == 0


def test_a_block_cut_in_the_middle_leaves_nothing(server: Server, table: str, client: Client) -> None:
    header = begin_insert(client, "INSERT INTO t (a, s) VALUES")
    send_block(client, header, [[1], ["whole"]])
    client.connection.socket.sendall(b"\x02\x00\x01\x00\x02\xff\xff\xff")
    client.connection.socket.shutdown(socket.SHUT_RDWR)

    assert count(server.client()) == 0


def test_bytes_that_are_no_block_cost_only_their_connection(server: Server, client: Client, table: str) -> None:
    begin_insert(client, "INSERT INTO t (a, s) VALUES")
    client.connection.socket.sendall(b"\x02\x00" + b"\xfe" * 4096)

    with pytest.raises((ServerException, EOFError, OSError)):
        client.receive_end_of_insert_query()

    assert count(server.client()) == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" * 100,
        b"\xff" * 4096,
        b"\x00\x0bClickHouse \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x00\xff\xff\xff\xff\x0f",
        b"",
    ],
)
@pytest.mark.timeout(60)
def test_a_stranger_who_speaks_something_else_is_cut_off(server: Server, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as stranger:
        stranger.sendall(garbage)
        stranger.shutdown(socket.SHUT_WR)
        while stranger.recv(4096):
            pass

    assert server.client().execute("SELECT 1") == [(1,)]


def test_a_wrong_checksum_is_noticed(server: Server) -> None:
    client = server.client(compression=True)
    client.execute("CREATE TABLE IF NOT EXISTS checked (a UInt8) ENGINE = MergeTree ORDER BY a")
    begin_insert(client, "INSERT INTO checked VALUES")
    client.connection.socket.sendall(b"\x02\x00" + b"\x11" * 16 + b"\x82" + (20).to_bytes(4, "little") + b"\0" * 15)

    with pytest.raises(ServerException) as refused:
        client.receive_end_of_insert_query()

    assert "checksum" in str(refused.value)
    assert server.client().execute("SELECT count() FROM checked") == [(0,)]


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there_after_kill_9(own_server: Server) -> None:
    """Each insert has 1,000 rows in one partition; the server is killed while four clients insert."""
    setup = own_server.client()
    setup.execute(
        "CREATE TABLE t (part UInt8, insert_id UInt64, n UInt32)"
        " ENGINE = MergeTree ORDER BY insert_id PARTITION BY part"
    )
    acknowledged: list[int] = []
    enough = threading.Event()

    def insert(worker: int) -> None:
        client = own_server.client(compression=bool(worker % 2))
        for insert_id in identifiers(worker):
            columns = [[insert_id % 3] * 1000, [insert_id] * 1000, list(range(1000))]
            try:
                client.execute("INSERT INTO t VALUES", columns, columnar=True)
            except (NetworkError, EOFError, OSError):
                return
            acknowledged.append(insert_id)
            if len(acknowledged) >= 100:
                enough.set()

    workers = [threading.Thread(target=insert, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    assert enough.wait(timeout=60)

    own_server.child.kill()

    for worker in workers:
        worker.join()
    own_server.child.start()
    stored = dict(own_server.client().execute("SELECT insert_id, count() FROM t GROUP BY insert_id"))
    assert set(acknowledged) <= set(stored)
    assert set(stored.values()) == {1000}
    assert len(stored) - len(acknowledged) <= 4  # at most the one that each client had under way


def identifiers(worker: int) -> Iterator[int]:
    number = worker
    while True:
        yield number
        number += 4
