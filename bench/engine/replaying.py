"""Backtests over a week of one project, with the product's own functions."""

import os
import time
from dataclasses import replace

from apps.backtests import backtest
from apps.backtests.backtest import Candidate
from apps.backtests.replay import Span
from apps.core import clock
from apps.embedded.supervisor import Child
from apps.incidents.lifecycle import Policy
from apps.thresholds.evaluation import Rule
from apps.thresholds.windows import cell_of
from bench.engine import loading, processes
from bench.engine.scenario import Replayed, Week

_HOUR_MS = loading.HOUR_MS


def rules(week: Week) -> dict[str, tuple[Rule, Policy]]:
    """What is in force, by name. Each draft asks for half as much again."""
    elements = Rule(
        threshold_id=1,
        version_id=1,
        version=1,
        signals=("dead_click", "error_click", "rage_click"),
        group_by="route_element",
        metric="sessions",
        window_ms=_HOUR_MS // 4,
        at_least=1,
    )
    everything = replace(elements, group_by="nothing", window_ms=_HOUR_MS)
    an_hour = max(week.signals_of_one_group // (7 * 24), 2)
    quiet = Policy(_HOUR_MS)
    return {
        "elements": (elements, quiet),
        "one group": (replace(everything, metric="signals", window_ms=_HOUR_MS // 4, at_least=an_hour // 4), quiet),
        "3 of 30": (replace(everything, at_least=an_hour, breaches_needed=3, breaches_among=30), quiet),
        "day to day": (
            replace(everything, window_ms=24 * _HOUR_MS, factor_percent=101, earlier_ms=24 * _HOUR_MS),
            quiet,
        ),
        "share": (
            replace(elements, group_by="route", metric="share", window_ms=_HOUR_MS, at_least=100),
            Policy(_HOUR_MS, minimum_exposure=20),
        ),
    }


def measure(week: Week, *, clickhouse: Child) -> Replayed:
    """Migrates, loads the week, and runs one backtest after the other."""
    loading.make_tables()
    last_ms = cell_of(clock.to_ms(clock.now()))
    project_id = loading.make_projects(1, before_ms=last_ms)
    loading.load_week(week.events, projects=1, first_project=project_id, before_ms=last_ms)
    loading.load_signals(
        "busy",
        week.signals_of_one_group,
        kinds=("rage_click",),
        buttons=1,
        projects=1,
        first_project=project_id,
        begun_from_ms=last_ms - loading.WEEK_MS,
        begun_within_ms=loading.WEEK_MS - 2 * _HOUR_MS,
    )
    loading.settle()
    span = Span(first_ms=last_ms - loading.WEEK_MS, last_ms=last_ms)
    processes.reset_peak(clickhouse.pid)
    processes.reset_peak(os.getpid())
    backtests_s, cpu_s, incidents, signals = {}, {}, {}, 0
    for name, (rule, policy) in rules(week).items():
        draft = replace(rule, at_least=-(-rule.at_least * 3 // 2), version=2)
        cpu_before, started = processes.cpu_s_with(clickhouse.pid), time.perf_counter()
        found = backtest.run(
            project_id=project_id, now=Candidate(rule, policy), then=Candidate(draft, policy), span=span
        )
        backtests_s[name] = time.perf_counter() - started
        cpu_after = processes.cpu_s_with(clickhouse.pid)
        cpu_s[name] = cpu_after - cpu_before if cpu_before is not None and cpu_after is not None else None
        difference = found.difference
        incidents[name] = len(difference.opens) + len(difference.closes) + len(difference.stays)
        signals = max(signals, found.signals)
    return Replayed(
        backtests_s=backtests_s,
        cpu_s=cpu_s,
        incidents=incidents,
        signals=signals,
        clickhouse_mib=processes.peak_mib(clickhouse.pid),
        process_mib=processes.peak_mib(os.getpid()),
    )
