"""`bin/bench engine`: loads events, ticks over them, and prints what it cost."""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict

from bench.engine.scenario import Measured, Scenario

# What the engine is to hold on two cores.
MOST_SECONDS_A_MILLION, MOST_HISTORY_RATIO, MOST_PROJECTS_RATIO = 5.0, 1.2, 1.5
HISTORY_TIMES = 100
_COLUMNS = "{:<16}{:>12}{:>13}{:>9}{:>9}{:>12}{:>12}{:>10}   {}"
_TITLES = ("scenario", "new events", "stored", "tick s", "CPU s", "events/s", "ClickHouse", "process")


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
    command = [sys.executable, "-m", "bench.engine.scenario", json.dumps(asdict(scenario))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


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
    found = figures(options.events, measured)
    print(
        f"\n{found['tick_events_per_s']:,} events per second through one tick "
        f"(asked: {1_000_000 / MOST_SECONDS_A_MILLION:,.0f})\n"
        f"{HISTORY_TIMES} × the history costs {found['history_ratio']} times as much (asked: {MOST_HISTORY_RATIO})\n"
        f"1,000 projects cost {found['projects_ratio']} times as much as 10 (asked: {MOST_PROJECTS_RATIO})\n"
        f"In CPU time: {found['history_cpu_ratio']} and {found['projects_cpu_ratio']}; compare these on a busy machine."
    )
    if options.json:
        print(json.dumps(found))
    return 0


def figures(events: int, measured: dict[str, Measured]) -> dict[str, object]:
    """What --json prints. Ratios are of the fastest ticks; memory is that of the throughput run."""
    throughput, once, often, few, many = measured.values()
    return {
        "tick_events_per_s": round(events / throughput.seconds),
        "tick_s": round(throughput.seconds, 3),
        "history_ratio": round(often.seconds / once.seconds, 3),
        "projects_ratio": round(many.seconds / few.seconds, 3),
        "history_cpu_ratio": _cpu_ratio(often, once),
        "projects_cpu_ratio": _cpu_ratio(many, few),
        "peak_clickhouse_mib": throughput.clickhouse_mib,
        "peak_process_mib": throughput.process_mib,
        "ticks_s": {name: [round(seconds, 3) for seconds in each.tick_s] for name, each in measured.items()},
    }


def _cpu_ratio(one: Measured, other: Measured) -> float | None:
    if one.cpu_seconds is None or not other.cpu_seconds:
        return None
    return round(one.cpu_seconds / other.cpu_seconds, 3)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench engine", description="What a tick costs, with fresh engines.")
    parser.add_argument("--events", type=int, default=1_000_000, help="new events a tick (default: 1,000,000)")
    parser.add_argument("--ticks", type=int, default=3, help="ticks measured; the fastest counts (default: 3)")
    parser.add_argument(
        "--fewer", type=int, default=10, help="the two history runs take so many times fewer events (default: 10)"
    )
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


def _memory(mib: int | None) -> str:
    return "unknown" if mib is None else f"{mib:,} MiB"


if __name__ == "__main__":
    sys.exit(main())
