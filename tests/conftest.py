"""Fixtures that every test may use."""

from datetime import UTC, datetime

import pytest

from apps.clickhouse import client, migrator

# The frozen moment of tests that need one: a Monday, on the tick's 10 s grid.
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def _clickhouse_schema() -> None:
    migrator.migrate()


@pytest.fixture
def clickhouse(_clickhouse_schema: None) -> None:
    """The migrated event store with empty tables."""
    for table in ("events", "signals", "signal_history", "presences"):
        client.command(f"TRUNCATE TABLE {table}")
