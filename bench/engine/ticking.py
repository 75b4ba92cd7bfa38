"""Ticking over events, with the product's own functions."""

import os
import time

from apps.clickhouse import client
from apps.core import clock
from apps.embedded.supervisor import Child
from apps.incidents.models import EvaluatedShard, Incident
from apps.incidents.schedule import SETTLE_MS
from apps.incidents.tick import run_due_ticks
from apps.thresholds.windows import GRID_MS, cell_of
from bench.engine import loading, processes
from bench.engine.scenario import Measured, Scenario

# The sessions of a tick began so long before it, and last 100 s (events.sql).
BEGUN_BEFORE_MS, BEGUN_WITHIN_MS = 120_000, 10_000


def measure(scenario: Scenario, *, clickhouse: Child) -> Measured:
    """Migrates, loads the history, and runs the ticks one after the other. Raises RuntimeError where none ran."""
    loading.make_tables()
    last_ms = cell_of(clock.to_ms(clock.now())) - GRID_MS * scenario.ticks
    where = {
        "projects": scenario.projects,
        "first_project": loading.make_projects(scenario.projects, before_ms=last_ms),
    }
    loading.load_week(scenario.history, before_ms=last_ms, **where)
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=clock.from_ms(last_ms))
    tick_s, cpu_s = [], []
    peaks_mib: list[tuple[int | None, int | None]] = []
    for number in range(scenario.ticks):
        since_ms, as_of_ms = last_ms + number * GRID_MS, last_ms + (number + 1) * GRID_MS
        loading.load_events(
            f"tick{number}",
            scenario.events,
            stored_from_ms=since_ms - SETTLE_MS,
            begun_from_ms=since_ms - SETTLE_MS - BEGUN_BEFORE_MS,
            begun_within_ms=BEGUN_WITHIN_MS,
            **where,
        )
        loading.settle()
        processes.reset_peak(clickhouse.pid)
        processes.reset_peak(os.getpid())
        cpu_before = processes.cpu_s_with(clickhouse.pid)
        started = time.perf_counter()
        ran = run_due_ticks(0, 1, now=clock.from_ms(as_of_ms))
        tick_s.append(time.perf_counter() - started)
        cpu_after = processes.cpu_s_with(clickhouse.pid)
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
