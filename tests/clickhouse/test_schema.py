"""What the tables promise to those who read them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.clickhouse import client

NOW_MS = 1_795_435_200_000  # 2026-11-23 12:00 UTC


def store(
    *, rows: int = 1, session: str = "'session-0001'", stored_ago_days: int = 0, retention_days: int = 90
) -> None:
    """Stores `rows` clicks of project 1, numbered from 0, as if that many days ago. `session` is SQL."""
    client.command(
        f"""
        INSERT INTO events (project_id, session_id, page_id, n, stored_at, evaluable, retention_days)
        SELECT 1, {session}, 'page-view-0001', number, now64(3) - toIntervalDay(%(ago)s), true, %(retention)s
        FROM numbers(%(rows)s)
        """,  # noqa: S608 the tests' own text
        {"rows": rows, "ago": stored_ago_days, "retention": retention_days},
    )


def explained(sql: str, params: dict[str, Any]) -> str:
    return "\n".join(line for (line,) in client.query(f"EXPLAIN projections = 1, indexes = 1 {sql}", params))


def test_a_tick_finds_new_rows_through_the_projection(clickhouse: None) -> None:
    # Enough rows of many sessions that reading all of them would be dearer than the few new ones.
    store(rows=200_000, session="toString(number)", stored_ago_days=1)
    store(rows=10, session="'new'")
    tick = (Path(__file__).parents[2] / "apps/detection/tick_sessions.sql").read_text()
    params = {"arrived_from_ms": 0, "arrived_to_ms": 2**42, "shard": 1, "shards": 2}
    [(now_ms,)] = client.query("SELECT toUnixTimestamp64Milli(now64(3))")
    params |= {"arrived_from_ms": now_ms - 10_000, "arrived_to_ms": now_ms + 10_000}
    assert client.query(tick, params) == [(1, "new")]
    plan = explained(tick, params)
    assert "by_arrival" in plan, plan


def test_a_session_s_timeline_reads_a_small_part_of_the_table(clickhouse: None) -> None:
    store(rows=200_000, session="toString(number)")
    plan = explained("SELECT n FROM events WHERE project_id = 1 AND session_id = '77777' ORDER BY page_id, n", {})
    read, of = (int(part) for part in plan.split("Granules: ")[-1].split()[0].split("/"))
    assert of >= 20
    assert read <= 2, plan


@contextmanager
def deletion(table: str) -> Iterator[None]:
    """Lets the table delete what is past its retention, which tests otherwise keep (conftest.py)."""
    client.command(f"SYSTEM START TTL MERGES {table}")
    yield
    client.command(f"SYSTEM STOP TTL MERGES {table}")


@pytest.mark.parametrize(("age", "left"), [(9, 1), (11, 0)])
def test_a_row_is_deleted_when_its_own_retention_has_passed(clickhouse: None, age: int, left: int) -> None:
    store(stored_ago_days=age, retention_days=10)
    store(stored_ago_days=age, retention_days=400)
    with deletion("events"):
        client.command("OPTIMIZE TABLE events FINAL")
    assert client.query("SELECT retention_days FROM events ORDER BY retention_days") == [(10,)] * left + [(400,)]


def test_parts_are_made_by_day_of_arrival(clickhouse: None) -> None:
    for ago in (0, 1, 2):
        store(stored_ago_days=ago)
    mine = "database = currentDatabase() AND table = 'events' AND active"
    assert client.query(f"SELECT uniqExact(partition) FROM system.parts WHERE {mine}") == [(3,)]  # noqa: S608


def test_an_insert_is_on_the_disk_before_it_is_acknowledged(clickhouse: None) -> None:
    definitions = client.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%%Tree'"
    )
    assert {name for name, _ in definitions} == {
        "events",
        "signals",
        "signal_history",
        "presences",
        "releases",
        "schema_migrations",
    }
    for name, definition in definitions:
        assert "fsync_after_insert = 1, fsync_part_directory = 1" in definition, name
