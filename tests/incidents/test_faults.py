"""What a tick does when its engines do not do what they should, and when somebody else has the shard."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import override_settings
from prometheus_client import REGISTRY

from apps.clickhouse import client
from apps.clickhouse.client import ClickHouseUnavailableError, QueryFailedError
from apps.incidents import schedule
from apps.incidents.models import EvaluatedShard, Incident
from apps.incidents.tasks import tick_shard
from apps.incidents.tick import run_due_ticks
from tests.conftest import NOW, NOW_MS
from tests.factories import dead_clicks, make_cast, make_threshold, store_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pay_button(clickhouse: None, transactional_db: None) -> None:
    """A threshold, and a visitor who is about to breach it at NOW."""
    project = make_cast().project
    make_threshold(project)
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=NOW - timedelta(seconds=10))
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8_000, stored_ms=NOW_MS - 4_000))


@pytest.mark.usefixtures("pay_button")
def test_a_store_that_is_away_fails_the_tick_and_the_next_run_begins_there() -> None:
    # Nothing listens on the port "discard".
    nowhere = override_settings(CLICKHOUSE_URL="clickhouse://irk:irk@127.0.0.1:9/irk")
    with nowhere, pytest.raises(ClickHouseUnavailableError):
        run_due_ticks(0, 1, now=NOW)
    assert EvaluatedShard.objects.get().last_as_of == NOW - timedelta(seconds=10)
    run_due_ticks(0, 1, now=NOW + timedelta(minutes=3))
    assert Incident.objects.get().opened_at == NOW


@pytest.mark.usefixtures("pay_button")
def test_a_failed_query_is_never_taken_for_clear() -> None:
    # Events can be read and signals cannot: the tick fails halfway.
    client.command("RENAME TABLE signals TO signals_elsewhere")
    try:
        with pytest.raises(QueryFailedError):
            run_due_ticks(0, 1, now=NOW)
    finally:
        client.command("RENAME TABLE signals_elsewhere TO signals")
    assert EvaluatedShard.objects.get().last_as_of == NOW - timedelta(seconds=10)
    run_due_ticks(0, 1, now=NOW)
    assert Incident.objects.get().opened_at == NOW


@contextmanager
def _somebody_else_at_work() -> Iterator[None]:
    """The shard is claimed by another connection, as if another worker were in the middle of its tick."""
    taken, leave = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            assert schedule.claim(0, 1, due_ms=NOW_MS) is not None
            taken.set()
            leave.wait(timeout=30)
        connection.close()

    owner = Thread(target=hold)
    owner.start()
    assert taken.wait(timeout=30)
    try:
        yield
    finally:
        leave.set()
        owner.join()


@pytest.mark.usefixtures("pay_button")
def test_whoever_finds_the_shard_taken_leaves_at_once_and_a_dead_owner_leaves_no_lock() -> None:
    with _somebody_else_at_work():
        assert run_due_ticks(0, 1, now=NOW) == 0
    assert run_due_ticks(0, 1, now=NOW) == 1


@pytest.mark.usefixtures("pay_button")
def test_a_layout_is_not_replaced_while_a_tick_runs() -> None:
    with _somebody_else_at_work():
        assert run_due_ticks(0, 2, now=NOW) == 0
        assert EvaluatedShard.objects.get().shards == 1
    assert run_due_ticks(0, 2, now=NOW) + run_due_ticks(1, 2, now=NOW) == 2
    assert Incident.objects.count() == 1


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.usefixtures("pay_button")
def test_a_tick_counts_what_it_found_and_how_long_it_took() -> None:
    opened = {"kind": "rage_click", "severity": "high"}
    before = [sample("irk_signals_total", kind="rage_click"), sample("irk_incidents_opened_total", **opened)]
    ticks = sample("irk_tick_seconds_count")
    run_due_ticks(0, 1, now=NOW)
    after = [sample("irk_signals_total", kind="rage_click"), sample("irk_incidents_opened_total", **opened)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]
    assert sample("irk_tick_seconds_count") == ticks + 1


@pytest.mark.usefixtures("pay_button")
def test_the_task_runs_the_ticks_that_are_due() -> None:
    EvaluatedShard.objects.all().delete()
    tick_shard.apply(args=(0, 1), throw=True)
    # By the engine's clock, which is long past NOW or long before it; either way the shard has been evaluated.
    assert EvaluatedShard.objects.get().tick_seconds > 0
