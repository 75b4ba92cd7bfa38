"""What was acknowledged while ClickHouse could not take it: kept, bounded, stored in order, read once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from apps.clickhouse import client
from apps.clickhouse.native import Part
from apps.clickhouse.native_words import Words
from apps.ingest import spool, writer
from apps.ingest.models import SpooledBatch, SpoolSize
from apps.ingest.spooled_columns import pack, unpack
from apps.ingest.tasks import drain_spool
from tests.factories import Cast
from tests.ingest.batches import EVERY_TYPE, batch, click
from tests.ingest.conftest import Send
from tests.ingest.cutting import MARKER, cutting
from tests.ingest.own_clickhouse import OwnClickHouse
from tests.proxy import through

Stored = Callable[..., list[tuple[Any, ...]]]

SECONDS = 30


def metric(name: str) -> float:
    """What /metrics says of `name`."""
    lines = Client().get("/metrics").content.decode().splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith(f"{name} ")]
    return float(value)


def test_what_is_drained_is_what_would_have_been_stored(send: Send, stored: Stored, away: Callable[[], Any]) -> None:
    events = [*EVERY_TYPE, click(99, route=None, el=None, after=None, y=-7, bg=1.25)]
    sent = batch(*events)
    assert send(sent).status == 200
    direct = stored("* EXCEPT stored_at")
    client.command("TRUNCATE TABLE events")
    with away():
        assert send(sent).body == {"accepted": len(events), "rejected": []}
    assert stored("n") == []
    assert spool.drain(seconds=SECONDS) == len(events)
    assert stored("* EXCEPT stored_at") == direct
    assert not SpooledBatch.objects.exists()
    assert SpoolSize.objects.get().bytes == 0


def test_a_clickhouse_that_refuses_the_insert_sends_it_to_the_spool(send: Send, stored: Stored) -> None:
    client.command("RENAME TABLE events TO events_away")
    try:
        assert send(batch()).status == 200
    finally:
        client.command("RENAME TABLE events_away TO events")
    drain_spool()
    assert stored("n") == [(1,)]


@pytest.mark.parametrize(
    ("seconds", "sizes"), [(1_000.0, [6, 12, 12]), (0.0, [6, 3, 1] + 20 * [1])], ids=["all are quick", "all are slow"]
)
def test_many_batches_are_drained_oldest_first_in_inserts_that_grow_after_quick_ones_and_shrink_after_slow_ones(
    send: Send, away: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, seconds: float, sizes: list[int]
) -> None:
    with away():
        for n in range(30):
            assert send(batch(click(n))).status == 200
    monkeypatch.setattr(spool, "_MOST_EVENTS", 12)
    monkeypatch.setattr(spool, "_FIRST_EVENTS", 6)
    monkeypatch.setattr(spool, "_QUICK", seconds)
    monkeypatch.setattr(spool, "_SLOW", seconds)
    assert spool.drain(seconds=0) == 0
    assert metric("irk_spool_age_seconds") > 0
    assert metric("irk_spool_bytes") == SpoolSize.objects.get().bytes > 0
    assert spool.drain(seconds=SECONDS) == 30
    inserts = [size for (size,) in client.query("SELECT count() FROM events GROUP BY stored_at ORDER BY stored_at")]
    assert inserts == sizes
    assert [n for (n,) in client.query("SELECT n FROM events ORDER BY stored_at, n")] == list(range(30))
    assert metric("irk_spool_age_seconds") == metric("irk_spool_bytes") == 0


def test_a_spool_refuses_what_goes_beyond_its_bound_and_takes_again_once_drained(
    send: Send, stored: Stored, away: Callable[[], Any], settings: Settings
) -> None:
    with away():
        assert send(batch(click(1))).status == 200
        settings.INGEST_SPOOL_BYTES = SpoolSize.objects.get().bytes * 3 // 2
        assert send(batch(click(2))).status == 503
    assert spool.drain(seconds=SECONDS) == 1
    with away():
        assert send(batch(click(1))).status == 200
    assert SpooledBatch.objects.count() == 1
    assert SpoolSize.objects.get().bytes == SpooledBatch.objects.get().bytes == len(SpooledBatch.objects.get().payload)
    assert stored("n") == [(1,)]


def test_a_batch_that_is_in_both_stores_is_read_once(
    send: Send, own_clickhouse: OwnClickHouse, settings: Settings
) -> None:
    with through(cutting(moment="after the rows were stored", cuts=2), settings):
        assert send(batch(click(1), click(2), sid=MARKER)).status == 200
    assert client.query("SELECT count() FROM events") == [(4,)]
    assert spool.drain(seconds=SECONDS) == 2
    assert client.query("SELECT count() FROM events") == [(6,)]
    once = "SELECT n FROM (SELECT * FROM events ORDER BY stored_at LIMIT 1 BY project_id, page_id, n) ORDER BY n"
    assert client.query(once) == [(1,), (2,)]


def test_while_clickhouse_is_away_it_is_not_asked_for_every_batch(
    send: Send, own_clickhouse: OwnClickHouse, settings: Settings
) -> None:
    with through(cutting(moment="before the rows arrive", cuts=1000), settings) as proxy:
        for n in range(10):
            assert send(batch(click(n), sid=MARKER)).status == 200
    assert proxy.connections == 2
    assert spool.drain(seconds=SECONDS) == 10


@pytest.mark.parametrize(
    "damage",
    [b"", b"nonsense", {"retention_days": b""}, {"type": b"c"}, {"n": Words(values=("1",), places=b"\0")}],
    ids=["empty", "no zlib", "a column without a value", "texts for words", "words for numbers"],
)
def test_a_batch_that_cannot_be_read_back_is_set_aside_and_its_neighbours_are_stored(
    send: Send, stored: Stored, away: Callable[[], Any], damage: bytes | dict[str, Part]
) -> None:
    with away():
        for n in range(3):
            assert send(batch(click(n))).status == 200
    damaged = SpooledBatch.objects.order_by("pk")[1]
    if isinstance(damage, dict):
        events = unpack(bytes(damaged.payload))
        damage = pack(msgspec.structs.replace(events, parts={**events.parts, **damage}))
    SpooledBatch.objects.filter(pk=damaged.pk).update(payload=damage)
    spool.drain(seconds=SECONDS)
    assert stored("n") == [(0,), (2,)]
    left = SpooledBatch.objects.get()
    assert (left.pk, bool(left.set_aside)) == (damaged.pk, True)
    assert SpoolSize.objects.get().bytes == left.bytes
    assert (metric("irk_spool_set_aside_batches"), metric("irk_spool_age_seconds")) == (1, 0)


@contextmanager
def clickhouse_that_refuses(events: str) -> Iterator[None]:
    """Every insert that holds one of `events`, a condition, is refused as a whole within the block."""
    client.command(f"ALTER TABLE events ADD CONSTRAINT refused CHECK NOT ({events})")
    try:
        yield
    finally:
        client.command("ALTER TABLE events DROP CONSTRAINT refused")


def spool_clicks(send: Send, away: Callable[[], Any], ns: Sequence[int]) -> None:
    with away():
        for n in ns:
            assert send(batch(click(n))).status == 200


@pytest.mark.parametrize("ns", [range(7), [3]], ids=["among others", "alone"])
def test_a_batch_whose_values_clickhouse_refuses_is_set_aside_and_its_neighbours_are_stored(
    send: Send, stored: Stored, away: Callable[[], Any], ns: Sequence[int]
) -> None:
    spool_clicks(send, away, ns)
    refused = SpooledBatch.objects.order_by("pk")[ns.index(3)].pk
    with clickhouse_that_refuses("n = 3"):
        assert spool.drain(seconds=SECONDS) == len(ns) - 1
        assert stored("n") == [(n,) for n in ns if n != 3]
    left = SpooledBatch.objects.get()
    assert left.pk == refused
    assert "The event store cannot take it" in left.set_aside
    assert "refused" in left.set_aside
    assert SpoolSize.objects.get().bytes == left.bytes


def test_a_batch_that_is_refused_for_what_may_pass_is_stored_later_and_holds_up_nobody(
    send: Send, stored: Stored, away: Callable[[], Any]
) -> None:
    spool_clicks(send, away, range(5))
    # Division by zero: an error that does not say whose fault it is.
    with clickhouse_that_refuses("intDiv(1, toInt64(n) - 2) > 5"):
        assert spool.drain(seconds=SECONDS) == 4
        assert stored("n") == [(0,), (1,), (3,), (4,)]
        assert SpooledBatch.objects.waiting().count() == 1
        assert SpoolSize.objects.get().bytes == SpooledBatch.objects.get().bytes
    assert spool.drain(seconds=SECONDS) == 1
    assert len(stored("n")) == 5


@pytest.mark.parametrize("refused", [range(5), range(4, 9), range(15, 20)], ids=["first", "among others", "last"])
def test_several_that_are_refused_in_a_row_are_not_taken_for_a_clickhouse_that_refuses_everything(
    send: Send, stored: Stored, away: Callable[[], Any], refused: Sequence[int]
) -> None:
    spool_clicks(send, away, range(20))
    # Division by zero again.
    with clickhouse_that_refuses(f"intDiv(1, toInt64(n < {refused[0]} OR n > {refused[-1]})) > 5"):
        assert spool.drain(seconds=SECONDS) == 15
        assert stored("n") == [(n,) for n in range(20) if n not in refused]
    assert SpooledBatch.objects.waiting().count() == 5
    assert spool.drain(seconds=SECONDS) == 5


def test_a_table_whose_types_have_moved_sets_nothing_aside_and_costs_nothing(
    send: Send, stored: Stored, away: Callable[[], Any]
) -> None:
    client.command("ALTER TABLE events MODIFY COLUMN x Int64")
    try:
        assert [send(batch(click(n))).status for n in range(3)] == [200] * 3
        assert spool.drain(seconds=SECONDS) == 0
        assert SpooledBatch.objects.waiting().count() == 3
    finally:
        client.command("ALTER TABLE events MODIFY COLUMN x Int32")
    assert spool.drain(seconds=SECONDS) == 3
    assert stored("n", "x") == [(n, 712) for n in range(3)]


def test_a_clickhouse_that_refuses_everything_makes_nothing_be_set_aside(
    send: Send, stored: Stored, away: Callable[[], Any]
) -> None:
    spool_clicks(send, away, range(20))
    client.command("RENAME TABLE events TO events_away")
    try:
        assert spool.drain(seconds=SECONDS) == 0
    finally:
        client.command("RENAME TABLE events_away TO events")
    assert SpooledBatch.objects.waiting().count() == 20
    assert spool.drain(seconds=SECONDS) == 20
    assert stored("n") == [(n,) for n in range(20)]


def test_what_another_process_drains_is_left_to_it(send: Send, stored: Stored, away: Callable[[], Any]) -> None:
    with away():
        assert send(batch()).status == 200
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parameters[name] for name in names}) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", spool._LOCK)
        assert spool.drain(seconds=SECONDS) == 0
        assert stored("n") == []
    assert spool.drain(seconds=SECONDS) == 1


def test_without_postgres_and_clickhouse_nothing_is_acknowledged(send: Send, away: Callable[[], Any]) -> None:
    assert send(batch(click(1))).status == 200

    def refuse(execute: Any, sql: str, *args: Any) -> Any:
        if "ingest_spool" in sql:
            raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, *args)

    with away(), connection.execute_wrapper(refuse):
        assert send(batch(click(2))).status == 503
    assert not SpooledBatch.objects.exists()


def test_a_group_is_kept_whole_or_not_at_all(
    cast: Cast, settings: Settings, send: Send, away: Callable[[], Any]
) -> None:
    with away():
        assert send(batch()).status == 200
    columns = unpack(bytes(SpooledBatch.objects.get().payload))
    size = SpoolSize.objects.get().bytes
    settings.INGEST_SPOOL_BYTES = 3 * size - 1
    with pytest.raises(spool.SpoolFullError):
        spool.put([columns, columns])
    assert (SpooledBatch.objects.count(), SpoolSize.objects.get().bytes) == (1, size)
    settings.INGEST_SPOOL_BYTES = 3 * size
    spool.put([columns, columns])
    assert (SpooledBatch.objects.count(), SpoolSize.objects.get().bytes) == (3, 3 * size)


def test_a_writer_comes_back_to_clickhouse_after_its_pause(
    send: Send, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_PAUSE", 0.0)
    client.command("RENAME TABLE events TO events_away")
    try:
        assert send(batch(click(1))).status == 200
    finally:
        client.command("RENAME TABLE events_away TO events")
    assert send(batch(click(2))).status == 200
    assert stored("n") == [(2,)]
    assert SpooledBatch.objects.count() == 1
