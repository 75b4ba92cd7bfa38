"""The spool while several put and drain at the same time, and while a drain dies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection
from pytest_django import Settings

from apps.clickhouse import client
from apps.events.store import EncodedEvents
from apps.ingest import spool
from apps.ingest.models import SpooledBatch, SpoolSize
from apps.ingest.spool import SpoolFullError
from apps.ingest.spooled_columns import pack
from tests.ingest.batches import as_stored, batch, click, encoded

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 30


def events(*ns: int) -> EncodedEvents:
    """Clicks with these numbers, as a request encodes them."""
    return as_stored(encoded(batch(*map(click, ns), origin=0)))


def copies() -> list[tuple[int, int]]:
    """Each number with how many rows it has."""
    return client.query("SELECT n, count() FROM events GROUP BY n ORDER BY n")


def in_threads(calls: list[Callable[[], Any]]) -> list[Any]:
    """What `calls` return, each made in a thread with a connection of its own."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_bound_is_exact_however_many_put_at_the_same_time(settings: Settings) -> None:
    one = events(1)
    settings.INGEST_SPOOL_BYTES = 5 * len(pack(one))

    def put() -> bool:
        try:
            spool.put([one])
        except SpoolFullError:
            return False
        return True

    assert sum(in_threads([put] * 12)) == 5
    assert SpooledBatch.objects.count() == 5
    assert SpoolSize.objects.get().bytes == settings.INGEST_SPOOL_BYTES


def test_what_is_put_while_two_drain_is_stored_once_and_no_byte_of_it_stays_counted(clickhouse: None) -> None:
    for n in range(20):
        spool.put([events(n)])

    def put(first: int) -> None:
        for n in range(first, first + 10):
            spool.put([events(n)])

    def drain() -> None:
        for _ in range(10):
            spool.drain(seconds=SECONDS)

    in_threads([drain, drain, lambda: put(20), lambda: put(30)])
    spool.drain(seconds=SECONDS)
    assert copies() == [(n, 1) for n in range(40)]
    assert not SpooledBatch.objects.exists()
    assert SpoolSize.objects.get().bytes == 0


def test_a_drain_that_dies_between_its_insert_and_its_deletion_costs_copies_and_no_event(clickhouse: None) -> None:
    spool.put([events(1, 2), events(3)])
    size = SpoolSize.objects.get().bytes

    def die(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("DELETE"):
            raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, *args)

    with connection.execute_wrapper(die), pytest.raises(DatabaseError):
        spool.drain(seconds=SECONDS)
    assert copies() == [(1, 1), (2, 1), (3, 1)]
    assert (SpooledBatch.objects.waiting().count(), SpoolSize.objects.get().bytes) == (2, size)
    assert spool.drain(seconds=SECONDS) == 3
    assert copies() == [(1, 2), (2, 2), (3, 2)]
    once = "SELECT count() FROM (SELECT * FROM events ORDER BY stored_at LIMIT 1 BY project_id, page_id, n)"
    assert client.query(once) == [(3,)]
    assert SpoolSize.objects.get().bytes == 0
