"""Fixtures that every test may use."""

from datetime import UTC, datetime

import hypothesis
import pytest

from apps.clickhouse import client, migrator
from apps.core.clock import to_ms
from apps.projects.models import Project
from tests.factories import Cast, make_cast

# The frozen moment of tests that need one: a Monday, on the tick's 10 s grid.
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
NOW_MS = to_ms(NOW)
# In ms.
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

# No test asserts a time: whoever runs tests may have given the cores to other programs.
hypothesis.settings.register_profile("irk", deadline=None)
hypothesis.settings.load_profile("irk")


@pytest.fixture(scope="session")
def _clickhouse_schema() -> None:
    migrator.migrate()
    # By the server's clock, which moves away from NOW, whatever is stored there would soon be past its retention.
    client.command("SYSTEM STOP TTL MERGES")


@pytest.fixture
def clickhouse(_clickhouse_schema: None) -> None:
    """The migrated event store with empty tables."""
    for table in ("events", "signals", "signal_history", "presences", "releases"):
        client.command(f"TRUNCATE TABLE {table}")


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def project(cast: Cast) -> Project:
    """Alice's."""
    return cast.project
