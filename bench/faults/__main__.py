"""`bin/faults`: the product's real processes under load, broken and healed again and again, and what must hold then.

A seed says which fault strikes when, and what is sent meanwhile: `--seed 17` repeats run 17 as far as processes can be
repeated. `--runs 200` goes through the whole matrix about twice. The exit code is 1 when anything that must hold did
not; the lines say which seed and what differs.
"""

import argparse
import json
import logging
import os
import re
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import count, islice
from pathlib import Path

from bench.faults import disks
from bench.faults.installation import Installation
from bench.faults.matrix import Scenario, matrix, scenario


def main() -> int:
    """Runs, prints, and returns the exit code."""
    options = _options()
    with_disks = disks.allowed()
    if not any(options.only in f"{fault.name}/{moment}" for fault, moment in matrix()):
        names = sorted({fault.name for fault, _ in matrix()})
        print(f"No fault is called {options.only}. There are: {', '.join(names)}.", file=sys.stderr)
        return 2
    # Whoever starts this in the background may end it only so; what was started must end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if with_disks:
        disks.keep_to_this_process()
    with tempfile.TemporaryDirectory(prefix="irk-faults-") as folder:
        print(f"Starting the engines and the product. Logs, until the end: {folder}/data/logs", flush=True)
        with Installation(Path(folder) / "data", disks=with_disks) as installation:
            os.environ.update(installation.environment(through_proxies=False))
            # The settings read the addresses, so what imports them comes after them.
            import django  # noqa: PLC0415

            django.setup()
            # Drivers and the supervisor say what breaks, which is what is done to them here.
            logging.disable(logging.CRITICAL)
            if options.outage:
                return _run_outage(installation, options)
            return _run_matrix(installation, options, with_disks=with_disks)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow it")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose name contains this, such as clickhouse-kill")
    parser.add_argument("--quick", action="store_true", help="a handful of faults, for continuous integration")
    parser.add_argument(
        "--outage", type=_seconds, metavar="30m", help="instead: so long without ClickHouse, under load"
    )
    parser.add_argument(
        "--within",
        type=float,
        default=30.0,
        help="seconds from healing to a fresh event's signal; more where other programs have the machine's cores",
    )
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser.parse_args()


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)([smh])", text)
    if found is None:
        raise argparse.ArgumentTypeError("Say how long, such as 90s, 30m or 1h.")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


# An engine and web killed under load, and a network that breaks.
_QUICK = ("clickhouse-kill/load", "postgres-reset/load", "web-kill/load")


def _chosen(options: argparse.Namespace, *, with_disks: bool) -> list[Scenario]:
    seeds = count(options.seed)
    if options.quick:
        return [next(found for seed in seeds if (found := scenario(seed)).name == name) for name in _QUICK]
    every = (scenario(seed) for seed in seeds)
    wanted = (each for each in every if options.only in each.name and (with_disks or each.fault.kind != "full-disk"))
    return list(islice(wanted, options.runs))


def _run_matrix(installation: Installation, options: argparse.Namespace, *, with_disks: bool) -> int:
    from bench.faults import projects, report, running  # noqa: PLC0415
    from bench.faults.reading import Reading  # noqa: PLC0415

    not_run = [] if with_disks else sorted({fault.name for fault, _ in matrix() if fault.kind == "full-disk"})
    if not_run:
        print(f"Not run, as mounting a small disk needs root: {', '.join(not_run)}.", flush=True)
    reading = Reading(dict(os.environ))
    chosen = _chosen(options, with_disks=with_disks)
    made = projects.make_projects(len(chosen))
    outcomes = []
    began = time.monotonic()
    for number, (each, project) in enumerate(zip(chosen, made, strict=True), start=1):
        outcome = running.run(installation, reading, project, each, within=options.within)
        outcomes.append(outcome)
        print(report.line(number, len(chosen), outcome), flush=True)
    print(f"\n{report.table(outcomes, not_run=not_run)}\n\n{report.memory(outcomes)}")
    violated = [outcome for outcome in outcomes if outcome.violations]
    print(f"{len(outcomes)} runs in {time.monotonic() - began:.0f} s, {len(violated)} with a violation", flush=True)
    if violated:
        print(f"Seeds: {', '.join(str(outcome.scenario.seed) for outcome in violated)}")
    if options.json:
        print(json.dumps(report.as_json(outcomes, not_run=not_run)))
    return 1 if violated else 0


def _run_outage(installation: Installation, options: argparse.Namespace) -> int:
    from bench.faults import outage, projects  # noqa: PLC0415
    from bench.faults.reading import Reading  # noqa: PLC0415

    [project] = projects.make_projects(1)
    came = outage.run(installation, Reading(dict(os.environ)), project, seconds=options.outage, seed=options.seed)
    print(
        f"{came.seconds:.0f} s without ClickHouse: {came.acknowledged} events acknowledged, {came.lost} of them lost, "
        f"{came.invented} others readable; the spool held {came.spool_bytes >> 20} MiB and was drained in "
        f"{came.drain_s:.0f} s, {came.drained_per_s:.0f} events/s, {came.faster:.1f} times as fast as they came "
        f"(at least {outage.FASTER}): {'ok' if came.ok else 'VIOLATION'}"
    )
    if options.json:
        print(json.dumps({**asdict(came), "drained_per_s": came.drained_per_s, "faster": came.faster, "ok": came.ok}))
    return 0 if came.ok else 1


if __name__ == "__main__":
    sys.exit(main())
