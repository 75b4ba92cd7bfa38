"""`bin/bench engine`: loads events, ticks over them, and prints what it cost."""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from bench.engine.scenario import Measured, Replayed, Scenario, Week

# What the engine is to hold on two cores.
MOST_SECONDS_A_MILLION, MOST_HISTORY_RATIO, MOST_PROJECTS_RATIO, MOST_BACKTEST_SECONDS = 5.0, 1.2, 1.5, 30.0
HISTORY_TIMES = 100
_COLUMNS = "{:<16}{:>12}{:>13}{:>9}{:>9}{:>12}{:>12}{:>10}   {}"
_BACKTEST_COLUMNS = "{:<16}{:>12}{:>13}   {}"


def scenarios(options: argparse.Namespace) -> list[Scenario]:
    """The throughput run, and the two pairs that differ in one thing each."""
    events, ticks, fewer = options.events, options.ticks, options.events // options.fewer
    return [
        Scenario("throughput", events, 100, events, ticks),
        Scenario("history × 1", fewer, 100, fewer, ticks),
        Scenario(f"history × {HISTORY_TIMES}", fewer, 100, fewer * HISTORY_TIMES, ticks),
        Scenario("10 projects", events, 10, events, ticks),
        Scenario("1,000 projects", events, 1000, events, ticks),
    ]


def measure(scenario: Scenario) -> Measured:
    """Runs the scenario in a process of its own. Raises CalledProcessError where it fails; it has said why."""
    return Measured(**_in_its_own_process(scenario))


def replay(week: Week) -> Replayed:
    """Runs backtests over the week in a process of its own. Raises CalledProcessError as `measure` does."""
    return Replayed(**_in_its_own_process(week))


def _in_its_own_process(asked: Scenario | Week) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.engine.scenario", json.dumps(asdict(asked))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    fields: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return fields


def main() -> int:
    """Prints a table, and with --json one object on the last line."""
    options = _options()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    print(
        _COLUMNS.format("scenario", "new events", "stored", "tick s", "CPU s", "events/s", "ClickHouse", "process", "")
    )
    measured = {}
    for scenario in scenarios(options):
        measured[scenario.name] = measure(scenario)
        print(_line(scenario, measured[scenario.name]), flush=True)
    week = Week(options.week, options.busy)
    replayed = replay(week)
    _print_backtests(week, replayed)
    found = figures(options.events, measured, replayed)
    print(
        f"\n{found['tick_events_per_s']:,} events per second through one tick "
        f"(asked: {1_000_000 / MOST_SECONDS_A_MILLION:,.0f})\n"
        f"{HISTORY_TIMES} × the history costs {found['history_ratio']} times as much (asked: {MOST_HISTORY_RATIO})\n"
        f"1,000 projects cost {found['projects_ratio']} times as much as 10 (asked: {MOST_PROJECTS_RATIO})\n"
        f"{found['backtest_s']} seconds take the slowest of the backtests (asked: {MOST_BACKTEST_SECONDS:.0f})\n"
        f"In CPU time: {found['history_cpu_ratio']} and {found['projects_cpu_ratio']}; compare these on a busy machine."
    )
    if options.json:
        print(json.dumps(found))
    return 0


def figures(events: int, measured: dict[str, Measured], replayed: Replayed) -> dict[str, object]:
    """What --json prints. Ratios are of the fastest ticks, `backtest_s` is the slowest backtest's.

    Memory is that of the throughput run and of all backtests.
    """
    throughput, once, often, few, many = measured.values()
    return {
        "tick_events_per_s": round(events / throughput.seconds),
        "tick_s": round(throughput.seconds, 3),
        "history_ratio": round(often.seconds / once.seconds, 3),
        "projects_ratio": round(many.seconds / few.seconds, 3),
        "history_cpu_ratio": _cpu_ratio(often, once),
        "projects_cpu_ratio": _cpu_ratio(many, few),
        "backtest_s": round(replayed.seconds, 3),
        "peak_clickhouse_mib": throughput.clickhouse_mib,
        "peak_process_mib": throughput.process_mib,
        "backtest_peak_clickhouse_mib": replayed.clickhouse_mib,
        "backtest_peak_process_mib": replayed.process_mib,
        "backtests_s": {name: round(seconds, 3) for name, seconds in replayed.backtests_s.items()},
        "ticks_s": {name: [round(seconds, 3) for seconds in each.tick_s] for name, each in measured.items()},
    }


def _cpu_ratio(one: Measured, other: Measured) -> float | None:
    if one.cpu_seconds is None or not other.cpu_seconds:
        return None
    return round(one.cpu_seconds / other.cpu_seconds, 3)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench engine", description="What a tick and a backtest cost, with fresh engines."
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="new events a tick (default: 1,000,000)")
    parser.add_argument("--ticks", type=int, default=3, help="ticks measured; the fastest counts (default: 3)")
    parser.add_argument(
        "--fewer", type=int, default=10, help="the two history runs take so many times fewer events (default: 10)"
    )
    parser.add_argument(
        "--week", type=int, default=10_000_000, help="events of the week that is backtested (default: 10,000,000)"
    )
    parser.add_argument("--busy", type=int, default=100_000, help="signals of the week in one group (default: 100,000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    return parser.parse_args()


def _line(scenario: Scenario, measured: Measured) -> str:
    return _COLUMNS.format(
        scenario.name,
        f"{scenario.events:,}",
        f"{scenario.history:,}",
        f"{measured.seconds:.2f}",
        "unknown" if measured.cpu_seconds is None else f"{measured.cpu_seconds:.2f}",
        f"{scenario.events / measured.seconds:,.0f}",
        _memory(measured.clickhouse_mib),
        _memory(measured.process_mib),
        f"{measured.signals:,} signals, {measured.incidents:,} incidents",
    )


def _print_backtests(week: Week, replayed: Replayed) -> None:
    print(f"\nBacktests over 7 days with {week.events:,} events and {replayed.signals:,} signals")
    print(_BACKTEST_COLUMNS.format("threshold", "backtest s", "CPU s", ""))
    for name, seconds in replayed.backtests_s.items():
        cpu_s = replayed.cpu_s[name]
        cpu = "unknown" if cpu_s is None else f"{cpu_s:.2f}"
        print(_BACKTEST_COLUMNS.format(name, f"{seconds:.2f}", cpu, f"{replayed.incidents[name]:,} incidents"))
    print(f"Peak memory: ClickHouse {_memory(replayed.clickhouse_mib)}, process {_memory(replayed.process_mib)}")


def _memory(mib: int | None) -> str:
    return "unknown" if mib is None else f"{mib:,} MiB"


if __name__ == "__main__":
    sys.exit(main())
