"""Queries: results, errors, settings, databases, cancelling."""

import resource
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ErrorCodes, NetworkError, ServerException

from apps.embedded.clickhouse import USER
from tests.embedded.conftest import PASSWORD, Server

LONG_QUERY = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
RUNNING = "SELECT count() FROM system.processes WHERE endsWith(query, 'sipHash64(number) = 1')"


def resident_bytes(server: Server) -> int:
    pages = Path(f"/proc/{server.child.pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def run_raw(client: Client, query: str) -> list[tuple[object, ...]]:
    """Run a query on the client's connection as it is; `Client.execute` reconnects after each error."""
    connection = client.connection
    connection.send_query(query)
    connection.send_external_tables(None)
    rows: list[tuple[object, ...]] = []
    while packet := client.receive_packet():
        if packet is not True and packet.block:
            rows += packet.block.get_rows()
    return rows


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_result_comes_in_blocks_and_in_bounded_memory(server: Server, client: Client) -> None:
    client.execute("SELECT sum(length(repeat(toString(number), 10))) FROM numbers(1000000)")
    before = resident_bytes(server)
    count, largest = 0, 0

    # A gigabyte, in blocks of 10 MB.
    rows = client.execute_iter(
        "SELECT repeat('0123456789', 500) FROM numbers(200000)", settings={"max_block_size": 2000}
    )
    for _ in rows:
        count += 1
        if count % 20_000 == 0:
            largest = max(largest, resident_bytes(server))

    assert count == 200_000
    assert largest - before < 300 << 20


def test_a_million_rows_are_complete_and_in_order(client: Client) -> None:
    rows = client.execute("SELECT number, toString(number) FROM numbers(1000000)", columnar=True)

    assert list(rows[0]) == list(range(1_000_000))
    assert rows[1][999_999] == "999999"


def test_rows_that_come_seldom_all_come(client: Client) -> None:
    settings = {"max_block_size": 1, "max_threads": 1}

    assert client.execute("SELECT number FROM numbers(3) WHERE sleepEachRow(0.7) = 0", settings=settings) == [
        (0,),
        (1,),
        (2,),
    ]
    assert client.execute("SELECT number FROM numbers(100000000) WHERE number % 50000000 = 49999999") == [
        (49_999_999,),
        (99_999_999,),
    ]


def test_who_closes_its_half_never_takes_half_a_result_for_a_whole_one(server: Server) -> None:
    client = server.client()
    client.execute("SELECT 1")
    client.connection.send_query("SELECT sleepEachRow(0.5), number FROM numbers(20) SETTINGS max_block_size = 1")
    client.connection.send_external_tables(None)

    client.connection.socket.shutdown(socket.SHUT_WR)

    with pytest.raises((EOFError, ServerException)):
        client.receive_result()


def test_statements_without_a_result_give_an_empty_list(client: Client) -> None:
    assert client.execute("CREATE TABLE IF NOT EXISTS nothing (a UInt8) ENGINE = Memory") == []
    assert client.execute("ALTER TABLE nothing ADD COLUMN IF NOT EXISTS b UInt8") == []
    assert client.execute("TRUNCATE TABLE nothing") == []
    assert client.execute("DROP TABLE nothing") == []


def test_show_describe_explain_and_system_tables_answer(client: Client) -> None:
    client.execute("CREATE TABLE IF NOT EXISTS shown (a UInt8 COMMENT 'why', b String) ENGINE = MergeTree ORDER BY a")

    assert ("shown",) in client.execute("SHOW TABLES")
    assert client.execute("EXISTS TABLE shown") == [(1,)]
    assert [row[:2] for row in client.execute("DESCRIBE TABLE shown")] == [("a", "UInt8"), ("b", "String")]
    assert "MergeTree" in client.execute("SHOW CREATE TABLE shown")[0][0]
    assert client.execute("EXPLAIN SELECT a FROM shown WHERE a > 1")
    assert client.execute("SELECT engine FROM system.tables WHERE database = 'irk' AND name = 'shown'") == [
        ("MergeTree",)
    ]
    assert len(client.execute("SHOW FUNCTIONS")) > 1000
    assert client.execute("SELECT count() FROM system.parts WHERE table = 'shown'") == [(0,)]


def test_a_format_clause_is_the_clients_business(client: Client) -> None:
    assert client.execute("SELECT 1 AS a FORMAT JSON") == [(1,)]
    assert client.execute("SELECT 1 AS a FORMAT TSV SETTINGS max_threads = 1;") == [(1,)]


def test_comments_and_semicolons_around_a_query_do_not_matter(client: Client) -> None:
    assert client.execute("-- first; a comment\n/* another */ SELECT 1, ';' -- last\n;") == [(1, ";")]
    assert client.execute("WITH 1 AS x SELECT x") == [(1,)]
    assert client.execute("(SELECT 1 AS x) UNION ALL (SELECT 1)") == [(1,), (1,)]


def test_parameters_are_substituted(client: Client) -> None:
    hostile = "it's \\ a 'trap'; DROP TABLE x --"

    assert client.execute("SELECT %(text)s, %(number)s", {"text": hostile, "number": 7}) == [(hostile, 7)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT nope", ErrorCodes.UNKNOWN_IDENTIFIER),
        ("SELEKT 1", ErrorCodes.SYNTAX_ERROR),
        ("SELECT * FROM nope", ErrorCodes.UNKNOWN_TABLE),
        ("SELECT nope(1)", ErrorCodes.UNKNOWN_FUNCTION),
        ("DROP TABLE nope", ErrorCodes.UNKNOWN_TABLE),
        ("USE nope", ErrorCodes.UNKNOWN_DATABASE),
        ("INSERT INTO nope (a) VALUES", ErrorCodes.UNKNOWN_TABLE),
        ("SELECT 1; SELECT 2", ErrorCodes.SYNTAX_ERROR),
        ("SELECT throwIf(number = 900000) FROM numbers(1000000)", 395),
    ],
)
def test_a_failed_query_has_clickhouses_code_and_leaves_the_connection_usable(
    client: Client, query: str, code: int
) -> None:
    client.execute("SELECT 1")
    socket_before = client.connection.socket

    with pytest.raises(ServerException) as failure:
        run_raw(client, query)

    assert failure.value.code == code
    assert run_raw(client, "SELECT 'still here'") == [("still here",)]
    assert client.connection.socket is socket_before


def test_a_setting_holds_for_its_query_alone(client: Client) -> None:
    changed = "SELECT name, value FROM system.settings WHERE name IN ('max_threads', 'max_block_size') AND changed"

    during = client.execute(changed, settings={"max_threads": 1, "max_block_size": 1234})
    after = client.execute(changed)

    assert set(during) == {("max_threads", "1"), ("max_block_size", "1234")}
    assert ("max_block_size", "1234") not in after
    assert ("max_threads", "1") not in after


def test_the_limits_of_a_query_are_kept(client: Client) -> None:
    with pytest.raises(ServerException) as too_slow:
        client.execute(LONG_QUERY, settings={"max_execution_time": 1})
    with pytest.raises(ServerException) as too_many:
        client.execute("SELECT count() FROM numbers(1000000)", settings={"max_rows_to_read": 1000})
    with pytest.raises(ServerException) as too_large:
        client.execute("SELECT groupArray(number) FROM numbers(100000000)", settings={"max_memory_usage": 10_000_000})

    assert too_slow.value.code == 159
    assert too_many.value.code == 158
    assert too_large.value.code == ErrorCodes.MEMORY_LIMIT_EXCEEDED
    assert client.execute("SELECT count() FROM numbers(1000000)") == [(1_000_000,)]


def test_an_unknown_setting_is_ignored_unless_it_is_important(server: Server) -> None:
    lenient, strict = server.client(), server.client(settings_is_important=True)

    assert lenient.execute("SELECT 1", settings={"no_such_setting": 1}) == [(1,)]
    with pytest.raises(ServerException) as refused:
        strict.execute("SELECT 1", settings={"no_such_setting": 1})
    assert refused.value.code == ErrorCodes.UNKNOWN_SETTING


def test_a_bad_value_of_a_setting_fails_that_query_alone(client: Client) -> None:
    with pytest.raises(ServerException):
        client.execute("SELECT 1", settings={"max_threads": "many"})

    assert client.execute("SELECT 1") == [(1,)]


def test_read_only_is_refused_rather_than_ignored(client: Client) -> None:
    with pytest.raises(ServerException, match="readonly"):
        client.execute("SELECT 1", settings={"readonly": 1})

    assert client.execute("SELECT 1") == [(1,)]


def test_set_lasts_for_the_connection_and_no_further(server: Server) -> None:
    one, other = server.client(), server.client()
    value = "SELECT value FROM system.settings WHERE name = 'max_block_size'"

    one.execute("SET max_block_size = 777", settings={"max_block_size": 5})

    assert one.execute(value) == [("777",)]
    assert one.execute(value, settings={"max_block_size": 888}) == [("888",)]
    assert one.execute(value) == [("777",)]
    assert other.execute(value) != [("777",)]


def test_the_database_of_the_address_and_use_are_followed(server: Server) -> None:
    client = server.client()
    client.execute("CREATE DATABASE IF NOT EXISTS second")
    assert client.execute("SELECT currentDatabase()") == [("irk",)]

    client.execute("USE second")

    assert client.execute("SELECT currentDatabase()") == [("second",)]
    assert server.client(database="second").execute("SELECT currentDatabase()") == [("second",)]


def test_an_unknown_database_is_refused_by_its_code(server: Server) -> None:
    with pytest.raises(ServerException) as refused:
        server.client(database="nope").execute("SELECT 1")

    assert refused.value.code == ErrorCodes.UNKNOWN_DATABASE


@pytest.mark.parametrize(("user", "password"), [(USER, "guess"), (USER, ""), ("default", PASSWORD), ("", "")])
def test_a_wrong_password_or_user_is_refused_with_516(server: Server, user: str, password: str) -> None:
    with pytest.raises(ServerException) as refused:
        server.client(user=user, password=password).execute("SELECT 1")

    assert refused.value.code == 516


def test_ping_is_answered(client: Client) -> None:
    client.execute("SELECT 1")

    assert client.connection.ping() is True


def test_progress_and_profile_are_told(client: Client) -> None:
    client.execute("SELECT number FROM numbers(100000)")

    assert client.last_query.progress.rows == 100_000
    assert client.last_query.profile_info.rows == 100_000


def test_parallel_connections_do_not_wait_for_each_other_or_mix(server: Server) -> None:
    meeting = threading.Barrier(8)

    def ask(number: int) -> list[tuple[int, int]]:
        client = server.client(compression=bool(number % 2))
        client.execute(f"SET max_block_size = {1000 + number}")
        meeting.wait(timeout=30)
        rows: list[tuple[int, int]] = []
        for _ in range(20):
            rows += client.execute(f"SELECT {number}, toUInt32(getSetting('max_block_size'))")
        return rows

    with ThreadPoolExecutor(8) as pool:
        for number, rows in enumerate(pool.map(ask, range(8))):
            assert set(rows) == {(number, 1000 + number)}


def test_three_hundred_connections_are_served_at_once(server: Server) -> None:
    clients = [server.client() for _ in range(300)]

    assert [client.execute("SELECT 1") for client in clients] == [[(1,)]] * 300
    assert clients[0].execute("SELECT 2") == [(2,)]


@pytest.mark.timeout(60)
def test_a_long_query_does_not_hold_up_another_connection(server: Server) -> None:
    slow, observer = server.client(), server.client()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow.execute, LONG_QUERY, settings={"max_threads": 1})
        while observer.execute(RUNNING) != [(1,)]:
            time.sleep(0.01)

        assert server.client().execute("SELECT 1") == [(1,)]

        assert not running.done()
        observer.execute("KILL QUERY WHERE query LIKE '%sipHash64(number) = 1'")
        with pytest.raises(ServerException) as killed:
            running.result()
        assert killed.value.code == 394


@pytest.mark.timeout(60)
def test_cancel_ends_a_query_and_keeps_the_connection(client: Client) -> None:
    client.execute("SELECT 1")
    client.connection.send_query(LONG_QUERY)
    client.connection.send_external_tables(None)

    client.connection.send_cancel()

    assert client.receive_result() == []
    assert run_raw(client, "SELECT 1") == [(1,)]


@pytest.mark.timeout(60)
def test_a_client_that_vanishes_ends_its_query_and_no_other(server: Server) -> None:
    patient, vanishing, observer = server.client(), server.client(), server.client()
    for client in (patient, vanishing):
        client.execute("SELECT 1")
        client.connection.send_query(LONG_QUERY)
        client.connection.send_external_tables(None)
    while observer.execute(RUNNING) != [(2,)]:
        time.sleep(0.01)

    vanishing.disconnect()

    while observer.execute(RUNNING) != [(1,)]:
        time.sleep(0.01)
    patient.disconnect()
    while observer.execute(RUNNING) != [(0,)]:
        time.sleep(0.01)


def test_a_client_that_stops_reading_a_large_result_costs_only_itself(server: Server) -> None:
    stalled = server.client()
    for _ in stalled.execute_iter("SELECT repeat('x', 1000) FROM numbers(10000000)"):
        break
    stalled.disconnect()

    assert server.client().execute("SELECT 1") == [(1,)]


def test_a_stopped_server_refuses_and_a_started_one_serves_the_same_client(own_server: Server) -> None:
    client = own_server.client()
    client.execute("CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a")
    client.execute("INSERT INTO kept VALUES", [(1,)])

    own_server.child.stop()

    assert own_server.child.exit_code == 0
    with pytest.raises((NetworkError, EOFError)):
        client.execute("SELECT 1")
    own_server.child.start()
    assert client.execute("SELECT a FROM kept") == [(1,)]


@pytest.mark.timeout(60)
def test_a_stop_gives_up_a_running_query_and_is_still_in_order(own_server: Server) -> None:
    client = own_server.client()
    client.execute("SELECT 1")
    client.connection.send_query(LONG_QUERY)
    client.connection.send_external_tables(None)

    own_server.child.stop()

    assert own_server.child.exit_code == 0
