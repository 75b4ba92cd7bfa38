"""What becomes of batches while ClickHouse dies, hangs and comes back."""

import signal

import pytest
from django.test import Client
from pytest_django import Settings

from apps.clickhouse import client
from apps.clickhouse.client import ClickHouseError
from apps.ingest import spool, writer
from apps.ingest.models import SpooledBatch
from tests.clickhouse.slow import slow
from tests.ingest.batches import batch, click
from tests.ingest.conftest import Send
from tests.ingest.own_clickhouse import OwnClickHouse
from tests.proxy import through

SECONDS = 30


def numbers() -> list[int]:
    return [n for (n,) in client.query("SELECT DISTINCT n FROM events ORDER BY n")]


def test_what_was_acknowledged_before_during_and_after_an_outage_is_readable_once_it_was_drained(
    send: Send, own_clickhouse: OwnClickHouse
) -> None:
    for n in range(10):
        assert send(batch(click(n))).status == 200
    own_clickhouse.kill()
    for n in range(10, 20):
        assert send(batch(click(n))).status == 200
    assert spool.drain(seconds=SECONDS) == 0
    own_clickhouse.start()
    assert numbers() == list(range(10))
    assert spool.drain(seconds=SECONDS) == 10
    assert numbers() == list(range(20))
    writer.forget()
    assert send(batch(click(20))).status == 200
    assert numbers() == list(range(21))


def test_the_first_batch_after_a_restart_is_stored_although_its_connection_is_dead(
    send: Send, own_clickhouse: OwnClickHouse
) -> None:
    assert send(batch(click(1))).status == 200
    own_clickhouse.kill()
    own_clickhouse.start()
    assert send(batch(click(2))).status == 200
    assert numbers() == [1, 2]
    assert not SpooledBatch.objects.exists()


def test_a_server_that_hangs_costs_no_batch(send: Send, own_clickhouse: OwnClickHouse) -> None:
    assert send(batch(click(1))).status == 200
    own_clickhouse.signal(signal.SIGSTOP)
    try:
        assert [send(batch(click(n))).status for n in range(2, 12)] == [200] * 10
    finally:
        own_clickhouse.signal(signal.SIGCONT)
    assert spool.drain(seconds=SECONDS) == 10
    assert numbers() == list(range(1, 12))


def test_a_flush_that_is_given_up_is_sent_anew_and_read_once_even_if_it_arrived(
    send: Send, own_clickhouse: OwnClickHouse, settings: Settings
) -> None:
    with through(slow(seconds=client.INSERT_SECONDS * 0.4), settings):
        assert send(batch(click(1), click(2))).status == 200
    # Stored, but too late for a tick to have counted on it: so it waits in the spool too.
    assert numbers() == [1, 2]
    assert SpooledBatch.objects.count() == 1
    assert spool.drain(seconds=SECONDS) == 2
    assert client.query("SELECT n, count() FROM events GROUP BY n ORDER BY n") == [(1, 2), (2, 2)]
    assert numbers() == [1, 2]


def test_without_a_spool_a_stopped_server_is_a_503_that_says_when_to_come_back_and_readiness_names_it(
    send: Send, own_clickhouse: OwnClickHouse, settings: Settings
) -> None:
    settings.INGEST_SPOOL_BYTES = 0
    own_clickhouse.kill()
    answer = send(batch(click(1)))
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.body["error"]["code"] == "unavailable"
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["down"]) == (503, ["clickhouse"])
    own_clickhouse.start()
    writer.forget()
    assert numbers() == []
    assert send(batch(click(1))).status == 200
    assert numbers() == [1]


def test_reading_says_unavailable_while_the_server_is_away(own_clickhouse: OwnClickHouse) -> None:
    own_clickhouse.kill()
    with pytest.raises(ClickHouseError):
        client.query("SELECT 1")
    own_clickhouse.start()
    assert client.query("SELECT 1") == [(1,)]
