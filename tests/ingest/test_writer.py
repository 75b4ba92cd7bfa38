"""Concurrent requests share an insert, and an insert whose outcome nobody knows is sent anew."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest
from prometheus_client import REGISTRY
from pytest_django import Settings

from apps.clickhouse import client
from apps.core.arrivals import arrivals
from apps.events import store as event_store
from apps.ingest.writer import NotStoredError, Writer
from tests.ingest.batches import as_stored, batch, click, encoded
from tests.ingest.conftest import Send
from tests.ingest.cutting import MARKER, Moment, cutting
from tests.ingest.own_clickhouse import OwnClickHouse
from tests.proxy import through

SECONDS = 30


def store(writer: Writer, n: int) -> None:
    """Stores one click with the number `n`."""
    body = encoded(batch(click(n)))
    writer.store(as_stored(body), size=len(body))


def metric(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


def until(value: float, name: str) -> None:
    deadline = time.monotonic() + SECONDS
    while metric(name) != value:
        assert time.monotonic() < deadline, f"{name} is {metric(name)}, not {value}"
        time.sleep(0.001)


@contextmanager
def hanging(clickhouse: OwnClickHouse) -> Iterator[None]:
    clickhouse.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        clickhouse.signal(signal.SIGCONT)


def stored_copies() -> list[tuple[int, int]]:
    """Each number with how many rows it has."""
    return client.query("SELECT n, count() FROM events GROUP BY n ORDER BY n")


def test_clickhouse_need_not_sort_what_an_insert_brings(clickhouse: None) -> None:
    def found_sorted() -> int:
        counted = "SELECT sum(value) FROM system.events WHERE event = 'MergeTreeDataWriterBlocksAlreadySorted'"
        count: int = client.query(counted)[0][0]
        return count

    before = found_sorted()
    sessions = ("session-3", "session-1", "session-2")
    event_store.append(*(as_stored(encoded(batch(click(1), click(2), sid=sid))) for sid in sessions))
    assert found_sorted() == before + 1


def test_requests_that_come_before_clickhouse_is_ready_share_an_insert(own_clickhouse: OwnClickHouse) -> None:
    writer = Writer(queue_bytes=1_000_000)
    store(writer, 0)
    inserts, events = metric("irk_insert_rows_count"), metric("irk_insert_rows_sum")
    with ThreadPoolExecutor(9) as pool:
        with hanging(own_clickhouse):
            calls: list[Future[None]] = []
            for n in range(1, 10):
                calls.append(pool.submit(store, writer, n))
                until(n, "irk_ingest_queued_rows")
        for call in calls:
            call.result(SECONDS)
    assert stored_copies() == [(n, 1) for n in range(10)]
    assert (metric("irk_insert_rows_count") - inserts, metric("irk_insert_rows_sum") - events) == (1, 9)
    assert metric("irk_ingest_queued_rows") == metric("irk_ingest_queued_bytes") == 0


def test_an_insert_waits_for_requests_that_have_arrived_but_never_longer_than_its_interval(clickhouse: None) -> None:
    def serve(n: int, may_decode: threading.Event) -> None:
        with arrivals.serving():
            assert may_decode.wait(SECONDS)
            store(writer, n)

    inserts = metric("irk_insert_rows_count")
    go, later = threading.Event(), threading.Event()
    go.set()
    writer = Writer(queue_bytes=1_000_000, interval=SECONDS)
    with ThreadPoolExecutor(3) as pool:
        # Whoever comes alone, and with whom nobody else has arrived, waits for nobody.
        arrivals.arrived()
        pool.submit(serve, 1, go).result(SECONDS)
        for _ in range(2):
            arrivals.arrived()
        second, third = pool.submit(serve, 2, go), pool.submit(serve, 3, later)
        assert wait([second], timeout=0.3).done == set()
        later.set()
        second.result(SECONDS)
        third.result(SECONDS)
        assert metric("irk_insert_rows_count") - inserts == 2
        # One that never gets there is waited for as long as the interval, not longer.
        writer = Writer(queue_bytes=1_000_000, interval=0.01)
        later.clear()
        for _ in range(3):
            arrivals.arrived()
        pool.submit(serve, 4, go).result(SECONDS)
        fifth = pool.submit(serve, 5, later)
        pool.submit(serve, 6, go).result(SECONDS)
        later.set()
        fifth.result(SECONDS)
    assert arrivals.on_their_way == 0
    assert stored_copies() == [(n, 1) for n in range(1, 7)]


def test_a_full_queue_refuses_at_once_and_harms_nobody_in_it(own_clickhouse: OwnClickHouse) -> None:
    writer = Writer(queue_bytes=1)
    store(writer, 0)
    with ThreadPoolExecutor(1) as pool:
        with hanging(own_clickhouse):
            under_way = pool.submit(store, writer, 1)
            until(1, "irk_ingest_queued_rows")
            with pytest.raises(NotStoredError):
                store(writer, 2)
            assert not under_way.done()
        under_way.result(SECONDS)
    assert stored_copies() == [(0, 1), (1, 1)]


@pytest.mark.parametrize(("moment", "copies"), [("before the rows arrive", 1), ("after the rows were stored", 2)])
def test_an_insert_cut_off_is_sent_anew_and_each_event_is_readable_once(
    send: Send, own_clickhouse: OwnClickHouse, settings: Settings, moment: Moment, copies: int
) -> None:
    with through(cutting(moment=moment, cuts=1), settings) as proxy:
        assert send(batch(click(1), click(2), sid=MARKER)).status == 200
    assert proxy.connections == 2
    assert stored_copies() == [(1, copies), (2, copies)]
    once = "SELECT n FROM (SELECT * FROM events ORDER BY stored_at LIMIT 1 BY project_id, page_id, n) ORDER BY n"
    assert client.query(once) == [(1,), (2,)]
