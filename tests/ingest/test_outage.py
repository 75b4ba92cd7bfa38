"""What becomes of batches while ClickHouse dies, hangs and comes back."""

import signal
import time

import pytest

from apps.clickhouse import client
from apps.clickhouse.client import ClickHouseError
from tests.ingest.batches import batch, click
from tests.ingest.conftest import Send
from tests.ingest.own_clickhouse import OwnClickHouse


def numbers() -> list[int]:
    return [n for (n,) in client.query("SELECT DISTINCT n FROM events ORDER BY n")]


def test_what_was_acknowledged_before_a_kill_is_there_after_it_and_the_rest_can_be_sent_again(
    send: Send, own_clickhouse: OwnClickHouse
) -> None:
    for n in range(10):
        assert send(batch(click(n))).status == 200
    own_clickhouse.kill()
    for _ in range(2):
        answer = send(batch(click(10)))
        assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    own_clickhouse.start()
    assert numbers() == list(range(10))
    assert send(batch(click(10))).status == 200
    assert numbers() == list(range(11))


def test_a_server_that_hangs_is_answered_with_503_and_its_batch_can_be_sent_again(
    send: Send, own_clickhouse: OwnClickHouse
) -> None:
    assert send(batch(click(1))).status == 200
    own_clickhouse.signal(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        assert send(batch(click(2))).status == 503
        # At most: asking the connection, connecting anew, and the server's greeting.
        assert time.monotonic() - begin < 10
    finally:
        own_clickhouse.signal(signal.SIGCONT)
    assert send(batch(click(2))).status == 200
    assert numbers() == [1, 2]


def test_reading_says_unavailable_while_the_server_is_away(own_clickhouse: OwnClickHouse) -> None:
    own_clickhouse.kill()
    with pytest.raises(ClickHouseError):
        client.query("SELECT 1")
    own_clickhouse.start()
    assert client.query("SELECT 1") == [(1,)]
