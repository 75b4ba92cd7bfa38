"""Loading projects, events and signals into fresh engines."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management import call_command

from apps.clickhouse import client, migrator
from apps.core import clock
from apps.organizations.models import Organization
from apps.projects.models import Project
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.versions import create_defaults

HERE = Path(__file__).parent
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
WEEK_MS = 7 * DAY_MS
# More rows an INSERT take memory, and no less time.
ROWS_AN_INSERT = 5_000_000
# A session has 25 events, and one session in 100 is in trouble (events.sql).
EVENTS_A_TROUBLE = 2_500


def make_tables() -> None:
    """Makes all tables of the product."""
    call_command("migrate", verbosity=0)
    migrator.migrate()


def make_projects(count: int, *, before_ms: int) -> int:
    """Makes projects with the default thresholds, in force long before the ticks; returns the first one's id."""
    organization = Organization.objects.create(name="Bench", slug="bench")
    projects = Project.objects.bulk_create(
        [Project(organization=organization, name=f"Project {number}", slug=f"p{number}") for number in range(count)]
    )
    for project in projects:
        create_defaults(project, None)
    ThresholdVersion.objects.update(created_at=clock.from_ms(before_ms - 30 * DAY_MS))
    return projects[0].pk


def load_week(events: int, *, projects: int, first_project: int, before_ms: int) -> None:
    """Loads events of the week before, and what ticks over them wrote: signals, who was there, and which releases."""
    # Nothing arrives after `before_ms`, however late.
    week = {"begun_from_ms": before_ms - WEEK_MS, "begun_within_ms": WEEK_MS - 2 * HOUR_MS}
    where = {"projects": projects, "first_project": first_project, **week}
    for part, start in enumerate(range(0, events, ROWS_AN_INSERT)):
        load_events(f"past{part}", min(ROWS_AN_INSERT, events - start), stored_from_ms=0, **where)
    load_signals("past", events // EVENTS_A_TROUBLE, kinds=("rage_click", "dead_click", "error_click"), **where)
    for written_down in ("presences.sql", "releases.sql"):
        _execute(written_down, {})


def load_events(name: str, events: int, **where: int) -> None:
    """Loads events; where and when: events.sql."""
    _execute("events.sql", {"name": name, "events": events, **where})


def load_signals(name: str, troubles: int, *, kinds: tuple[str, ...], buttons: int = 200, **where: int) -> None:
    """Loads as many signals of each kind; where and when: signals.sql."""
    _execute("signals.sql", {"name": name, "troubles": troubles, "kinds": list(kinds), "buttons": buttons, **where})


def settle() -> None:
    """Waits until ClickHouse has merged what it wants to merge now, so that nothing is measured beside it."""
    give_up_at = time.monotonic() + 120
    while client.query("SELECT count() FROM system.merges") != [(0,)] and time.monotonic() < give_up_at:
        time.sleep(0.2)


def _execute(file: str, params: Mapping[str, Any]) -> None:
    client.command((HERE / file).read_text(encoding="utf-8"), params, seconds=600)
