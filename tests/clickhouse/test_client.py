"""Errors and limits of the client, against the real engine."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit, urlunsplit

import pytest
from pytest_django import Settings

from apps.clickhouse import client, native
from apps.clickhouse.client import ClickHouseError, ClickHouseUnavailableError, QueryFailedError
from apps.clickhouse.inserting import EncodedBlock
from tests.clickhouse.slow import slow
from tests.proxy import Passage, at_port, through


def insert_lists() -> None:
    client.insert("events", {"n": [1], "retention_days": [1]})


def insert_encoded() -> None:
    block = EncodedBlock(1, [native.UINT32.part([1], 1), native.UINT16.part([1], 1)])
    client.insert_encoded("events", {"n": "UInt32", "retention_days": "UInt16"}, lambda: block)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where somebody takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_failed_query_says_why_and_leaves_the_connection_usable() -> None:
    with pytest.raises(QueryFailedError, match="nonsense") as caught:
        client.query("SELECT nonsense")
    assert caught.value.code == 47
    assert "Stack trace" not in str(caught.value)
    assert client.query("SELECT 1") == [(1,)]


def test_parameters_are_bound_as_values() -> None:
    hostile = "'; DROP TABLE events; --\\"
    assert client.query("SELECT %(text)s, %(number)s, '100%%'", {"text": hostile, "number": 7}) == [
        (hostile, 7, "100%")
    ]


def test_a_closed_port_is_reported_as_unavailable(settings: Settings, closed_port: int) -> None:
    settings.CLICKHOUSE_URL = at_port(settings.CLICKHOUSE_URL, closed_port)
    with pytest.raises(ClickHouseUnavailableError):
        client.query("SELECT 1")
    for insert in (insert_lists, insert_encoded):
        with pytest.raises(ClickHouseUnavailableError):
            insert()


def test_an_insert_of_events_into_a_server_that_hangs_is_given_up_by_a_limit_below_the_settle_time(
    settings: Settings, silent_port: int
) -> None:
    settings.CLICKHOUSE_URL = at_port(settings.CLICKHOUSE_URL, silent_port)
    with pytest.raises(ClickHouseUnavailableError, match="SocketTimeoutError"):
        insert_encoded()
    # How long the connection waited for the server: that of the only pool there is to this address.
    [waited] = [seconds for url, seconds in client._pools if url == settings.CLICKHOUSE_URL]
    assert waited == client.INSERT_SECONDS < settings.SETTLE_SECONDS


def test_an_insert_of_events_that_took_longer_than_its_limit_in_all_is_given_up_although_its_rows_arrived(
    settings: Settings, clickhouse: None
) -> None:
    assert client.INSERT_SECONDS < settings.SETTLE_SECONDS
    # Three answers at least: to the greeting, with the columns wanted, and at the end.
    answers = slow(seconds=client.INSERT_SECONDS * 0.4)
    with through(answers, settings), pytest.raises(ClickHouseUnavailableError, match="took longer than"):
        insert_encoded()
    assert client.query("SELECT n FROM events") == [(1,)]


def test_what_a_tick_writes_may_take_longer_than_an_insert_of_events(settings: Settings, clickhouse: None) -> None:
    with through(slow(seconds=client.INSERT_SECONDS * 0.4), settings):
        insert_lists()
    assert client.query("SELECT n FROM events") == [(1,)]


class _Overheard(Passage):
    """Keeps what the server is told."""

    def __init__(self, said: list[bytes]) -> None:
        self._said = said

    def to_server(self, chunk: bytes) -> bool:
        self._said.append(chunk)
        return True


@pytest.mark.parametrize("insert", [insert_lists, insert_encoded])
def test_an_insert_is_never_acknowledged_out_of_a_buffer_whatever_the_server_s_default_is(
    settings: Settings, clickhouse: None, insert: Callable[[], None]
) -> None:
    said: list[bytes] = []
    settings.CLICKHOUSE_URL += "?async_insert=1&wait_for_async_insert=0&distributed_foreground_insert=0"
    with through(lambda: _Overheard(said), settings):
        insert()
    # Names and values as texts, each after its length and the former also before a flag.
    told = re.findall(rb"\b(async_insert|distributed_foreground_insert).{1,2}([01])", b"".join(said), re.DOTALL)
    assert (b"async_insert", b"0") in told
    assert (b"async_insert", b"1") not in told
    assert (b"distributed_foreground_insert", b"1") in told


class _Mortal(Passage):
    """Can be told to die of the next word."""

    def __init__(self) -> None:
        self.dies = False

    def to_server(self, chunk: bytes) -> bool:
        return not self.dies


def _noted(passages: list[_Mortal]) -> _Mortal:
    passages.append(_Mortal())
    return passages[-1]


def test_only_an_insert_of_events_trusts_a_connection_and_only_one_that_was_used_just_now(
    settings: Settings, clickhouse: None
) -> None:
    passages: list[_Mortal] = []
    with through(lambda: _noted(passages), settings):
        insert_encoded()
        passages[0].dies = True
        with pytest.raises(ClickHouseUnavailableError):
            insert_encoded()
        insert_encoded()
        passages[1].dies = True
        [idle] = client.pool(seconds=client.INSERT_SECONDS)._idle.queue
        idle.used -= 60
        insert_encoded()
        assert client.query("SELECT count() FROM events") == [(3,)]
        passages[3].dies = True
        assert client.query("SELECT count() FROM events") == [(3,)]
    assert len(passages) == 5


def test_a_connection_that_breaks_takes_the_idle_ones_with_it(settings: Settings, clickhouse: None) -> None:
    passages: list[_Mortal] = []
    with through(lambda: _noted(passages), settings):
        pool = client.pool(seconds=client.INSERT_SECONDS)
        with pool.connection() as one, pool.connection() as two:
            one.execute("SELECT 1")
            two.execute("SELECT 1")
        # As when the server was restarted.
        for each in passages:
            each.dies = True
        with pytest.raises(ClickHouseUnavailableError):
            insert_encoded()
        insert_encoded()
        assert client.query("SELECT count() FROM events") == [(1,)]


def test_an_insert_that_fails_stores_nothing(clickhouse: None) -> None:
    with pytest.raises(ClickHouseError):
        client.insert("events", {"n": [1], "no_such_column": [1]})
    assert client.insert("events", {"n": []}) == 0
    assert client.query("SELECT count() FROM events") == [(0,)]


def test_values_that_the_driver_cannot_write_are_the_querys_fault_and_not_the_servers(clickhouse: None) -> None:
    with pytest.raises(QueryFailedError) as failure:
        client.insert("events", {"n": [2**40], "page_id": ["page-view-0001"]})
    # TYPE_MISMATCH
    assert failure.value.code == 53
    assert client.query("SELECT count() FROM events") == [(0,)]


def test_threads_share_a_pool_and_get_their_own_answers() -> None:
    answers: dict[int, list[tuple[int, ...]]] = {}

    def ask(number: int) -> None:
        answers[number] = client.query("SELECT %(number)s + sleepEachRow(0.01)", {"number": number})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert answers == {number: [(number,)] for number in range(40)}


@pytest.mark.parametrize("name", ["", "a-b", "a;DROP", "1a", "a" * 65])
def test_a_database_name_that_is_not_plain_is_refused(settings: Settings, name: str) -> None:
    settings.CLICKHOUSE_URL = urlunsplit(urlsplit(settings.CLICKHOUSE_URL)._replace(path=f"/{name}"))
    with pytest.raises(ClickHouseError, match="letters, digits"):
        client.create_database()


def test_a_sessions_tables_are_its_own_and_end_with_it() -> None:
    with client.session() as session, client.session() as other:
        for number, each in enumerate((session, other)):
            each.query("CREATE TEMPORARY TABLE mine ENGINE = Memory AS SELECT %(number)s AS number", {"number": number})
        assert session.query("SELECT number FROM mine") == [(0,)]
        assert other.query("SELECT number FROM mine") == [(1,)]
    # As many as the pool has connections, so that both of those are among them.
    with ExitStack() as stack:
        for _ in range(16):
            connection = stack.enter_context(client.pool().connection())
            assert connection.execute("EXISTS TEMPORARY TABLE mine") == [(0,)]


def test_a_session_in_which_a_statement_fails_leaves_nothing_behind() -> None:
    def fail_with_a_table() -> None:
        with client.session() as session:
            session.query("CREATE TEMPORARY TABLE mine ENGINE = Memory AS SELECT 1 AS number")
            session.query("SELECT nonsense FROM mine")

    with pytest.raises(QueryFailedError, match="nonsense"):
        fail_with_a_table()
    with client.session() as session:
        assert session.query("EXISTS TEMPORARY TABLE mine") == [(0,)]


def test_a_sessions_statements_keep_their_limits() -> None:
    with pytest.raises(QueryFailedError) as caught, client.session() as session:
        session.query("SELECT count() FROM numbers(100000)", limits={"max_rows_to_read": 10})
    assert caught.value.code == 158
