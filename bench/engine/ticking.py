"""Loading events and ticking over them, with the product's own functions."""

import os
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

from apps.clickhouse import client, migrator
from apps.core import clock
from apps.embedded.supervisor import Child
from apps.incidents.models import EvaluatedShard, Incident
from apps.incidents.schedule import SETTLE_MS
from apps.incidents.tick import run_due_ticks
from apps.organizations.models import Organization
from apps.projects.models import Project
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.versions import create_defaults
from apps.thresholds.windows import GRID_MS, cell_of
from bench.engine import processes
from bench.engine.scenario import Measured, Scenario

HERE = Path(__file__).parent
DAY_MS = 86_400_000
# The history lies in the week before the ticks.
HISTORY_DAYS = 7
# More rows an INSERT take memory, and no less time.
ROWS_AN_INSERT = 5_000_000
# A session has 25 events, and one session in 100 is in trouble (events.sql).
EVENTS_A_TROUBLE = 2_500


def measure(scenario: Scenario, *, clickhouse: Child) -> Measured:
    """Migrates, loads the history, and runs the ticks one after the other. Raises RuntimeError where none ran."""
    call_command("migrate", verbosity=0)
    migrator.migrate()
    last_ms = cell_of(clock.to_ms(clock.now())) - GRID_MS * scenario.ticks
    first_project = _make_projects(scenario.projects, before_ms=last_ms)
    _load_history(scenario, first_project, before_ms=last_ms)
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=clock.from_ms(last_ms))
    tick_s, cpu_s = [], []
    peaks_mib: list[tuple[int | None, int | None]] = []
    for number in range(scenario.ticks):
        since_ms, as_of_ms = last_ms + number * GRID_MS, last_ms + (number + 1) * GRID_MS
        _load(
            f"tick{number}",
            scenario.events,
            projects=scenario.projects,
            first_project=first_project,
            stored_from_ms=since_ms - SETTLE_MS,
            stored_within_ms=GRID_MS,
        )
        _settle()
        processes.reset_peak(clickhouse.pid)
        processes.reset_peak(os.getpid())
        cpu_before = _cpu_s(clickhouse.pid)
        started = time.perf_counter()
        ran = run_due_ticks(0, 1, now=clock.from_ms(as_of_ms))
        tick_s.append(time.perf_counter() - started)
        cpu_after = _cpu_s(clickhouse.pid)
        cpu_s.append(cpu_after - cpu_before if cpu_before is not None and cpu_after is not None else None)
        peaks_mib.append((processes.peak_mib(clickhouse.pid), processes.peak_mib(os.getpid())))
        if ran != 1:
            raise RuntimeError(f"{ran} ticks ran instead of one.")
    [(signals,)] = client.query("SELECT count() FROM signals WHERE version > %(last_ms)s", {"last_ms": last_ms})
    return Measured(
        tick_s=tick_s,
        cpu_s=cpu_s,
        clickhouse_mib=max((mib for mib, _ in peaks_mib if mib is not None), default=None),
        process_mib=max((mib for _, mib in peaks_mib if mib is not None), default=None),
        signals=int(signals),
        incidents=Incident.objects.count(),
    )


def _cpu_s(clickhouse_pid: int | None) -> float | None:
    engine, evaluator = processes.cpu_s(clickhouse_pid), processes.cpu_s(os.getpid())
    return engine + evaluator if engine is not None and evaluator is not None else None


def _make_projects(count: int, *, before_ms: int) -> int:
    """Makes projects with the default thresholds, in force long before the ticks; returns the first one's id."""
    organization = Organization.objects.create(name="Bench", slug="bench")
    projects = Project.objects.bulk_create(
        [Project(organization=organization, name=f"Project {number}", slug=f"p{number}") for number in range(count)]
    )
    for project in projects:
        create_defaults(project, None)
    ThresholdVersion.objects.update(created_at=clock.from_ms(before_ms - 30 * DAY_MS))
    return projects[0].pk


def _load_history(scenario: Scenario, first_project: int, *, before_ms: int) -> None:
    span = {"stored_from_ms": before_ms - HISTORY_DAYS * DAY_MS, "stored_within_ms": HISTORY_DAYS * DAY_MS - 60_000}
    where = {"projects": scenario.projects, "first_project": first_project, **span}
    for part, start in enumerate(range(0, scenario.history, ROWS_AN_INSERT)):
        _load(f"past{part}", min(ROWS_AN_INSERT, scenario.history - start), **where)
    _execute("signals.sql", {"name": "past0", "troubles": scenario.history // EVENTS_A_TROUBLE, **where})


def _load(name: str, events: int, **where: int) -> None:
    _execute("events.sql", {"name": name, "events": events, **where})


def _execute(file: str, params: dict[str, Any]) -> None:

    client.command((HERE / file).read_text(encoding="utf-8"), params, seconds=600)


def _settle() -> None:
    """Waits until ClickHouse has merged what it wants to merge now, so that a tick is not measured beside it."""

    give_up_at = time.monotonic() + 120
    while client.query("SELECT count() FROM system.merges") != [(0,)] and time.monotonic() < give_up_at:
        time.sleep(0.2)
