"""What asks for a page gives up a server that does not greet, and nothing else sooner than before."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from apps.clickhouse import client, pages
from apps.clickhouse.client import ClickHouseUnavailableError
from tests.proxy import Passage, at_port, through


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Set after 20 s, or at the test's end: until then what hangs says nothing."""
    event = threading.Event()
    timer = threading.Timer(20, event.set)
    timer.start()
    yield event
    timer.cancel()
    event.set()


@dataclass
class _Hanging(Passage):
    """Says nothing from when `hangs` is set until `released`."""

    hangs: threading.Event
    released: threading.Event

    def to_client(self, chunk: bytes) -> bool:
        if self.hangs.is_set():
            self.released.wait()
        return True


@dataclass
class _LateGreeting(Passage):
    """Its first word comes later than a page waits for one."""

    greeted: bool = False

    def to_client(self, chunk: bytes) -> bool:
        if not self.greeted:
            self.greeted = True
            threading.Event().wait(pages.GREETING_SECONDS + 1)
        return True


def test_a_server_that_begins_to_hang_is_given_up_by_a_page_and_not_asked_again(
    settings: Settings, released: threading.Event
) -> None:
    hangs = threading.Event()
    with through(lambda: _Hanging(hangs, released), settings) as proxy:
        with pages.making():
            assert client.query("SELECT 1") == [(1,)]
            hangs.set()
            for _ in range(3):
                with pytest.raises(ClickHouseUnavailableError, match="SocketTimeoutError"):
                    client.query("SELECT 1")
            with pytest.raises(ClickHouseUnavailableError), client.session() as session:
                session.query("SELECT 1")
        assert not released.is_set()
        # The one that broke, and the one attempt to have another.
        assert proxy.connections == 2


def test_the_next_page_asks_anew(settings: Settings) -> None:
    direct = settings.CLICKHOUSE_URL
    settings.CLICKHOUSE_URL = at_port(direct, 1)  # nothing listens there
    with pages.making(), pytest.raises(ClickHouseUnavailableError):
        client.query("SELECT 1")
    settings.CLICKHOUSE_URL = direct
    with pages.making():
        assert client.query("SELECT 1") == [(1,)]


def test_a_query_that_fails_is_no_reason_not_to_ask_again() -> None:
    with pages.making():
        with pytest.raises(client.QueryFailedError):
            client.query("SELECT nonsense")
        assert client.query("SELECT 1") == [(1,)]


def test_a_page_waits_for_a_query_longer_than_for_the_greeting(settings: Settings) -> None:
    with through(Passage, settings), pages.making():
        # A new connection: its greeting's limit must end with the greeting. ClickHouse sleeps 3 s at most.
        assert client.query("SELECT sleep(%(seconds)s)", {"seconds": pages.GREETING_SECONDS + 0.9}) == [(0,)]


def test_what_is_no_page_waits_for_the_greeting_as_ever(settings: Settings) -> None:
    with through(_LateGreeting, settings):
        with pages.making(), pytest.raises(ClickHouseUnavailableError):
            client.query("SELECT 1")
        assert client.query("SELECT 1") == [(1,)]


def test_a_page_that_writes_waits_for_the_greeting_as_ever(settings: Settings, clickhouse: None) -> None:
    with through(_LateGreeting, settings), pages.making():
        assert client.insert("events", {"n": [1], "retention_days": [1]}) == 1
