"""`bin/bench ingest`: our endpoint beside a reference in Go and the bare loop, on the same batches and engines.

The server has one core; the engines and the load have the others. Ratios come first: they say more than figures of one
machine. Where the engines or the load are what everybody waits for, rates say little, and CPU per event says what the
server could do with engines of its own. The engines' data is in memory unless `--data` names a folder, because a disk
that is slow to flush makes all servers alike. `--json` makes the last line one JSON object. `--quick` measures only
what the ratios are made of. `--profile` says instead where the time goes, `--soak` whether memory stays flat, `--noisy`
what one key far over its rate costs the others.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench.ingest import contenders, noisy, profile, soak
from bench.ingest.bodies import bodies
from bench.ingest.contenders import Server
from bench.ingest.engines import Engines, engines
from bench.ingest.figures import (
    HEADING,
    USUAL_CONNECTIONS,
    USUAL_EVENTS,
    Figures,
    line_of,
    lines_of,
    summary_of,
)
from bench.ingest.load import drive

CONNECTIONS = (1, 16, 64, 256)
EVENTS = (1, 10, 50, 500)
# How often the setting of the ratios is measured, by turns.
ROUNDS = 3
# Threads of gunicorn: as many requests can share an insert.
THREADS = 64


def main() -> int:
    """Measures, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="bin/bench ingest", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--profile", action="store_true", help="where the time of a request goes, step by step")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="full load for so long, and the server's memory")
    parser.add_argument("--noisy", action="store_true", help="one key at a hundred times its rate, beside others")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement, after one to warm up")
    parser.add_argument("--no-fsync", dest="durable", action="store_false", help="what flushing to the disk costs")
    memory = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it
    parser.add_argument("--data", type=Path, default=memory if memory.is_dir() else None, help="folder for the engines")
    options = parser.parse_args()
    os.sched_setaffinity(0, contenders.OTHER_CORES)
    with (
        tempfile.TemporaryDirectory(prefix="irk-bench-", dir=options.data) as name,
        engines(Path(name), durable=options.durable) as running,
    ):
        if options.profile:
            return profile.run(running, events=USUAL_EVENTS)
        if options.noisy:
            return noisy.run(Path(name), running.environment, seconds=options.seconds, as_json=options.json)
        if options.soak:
            with contenders.ours(
                running.environment, key=running.key, threads=THREADS, log=Path(name) / "irk.log"
            ) as ours:
                return soak.run(ours, minutes=options.soak, connections=USUAL_CONNECTIONS, events=USUAL_EVENTS)
        figures = _measure(Path(name), running, quick=options.quick, seconds=options.seconds)
    summary = summary_of(figures)
    print("\n".join(lines_of(summary, figures)))
    if options.json:
        print(json.dumps({**summary, "figures": [asdict(each) for each in figures]}))
    return 0


def _measure(folder: Path, running: Engines, *, quick: bool, seconds: float) -> list[Figures]:
    settings = [(USUAL_CONNECTIONS, USUAL_EVENTS)] * ROUNDS
    if not quick:
        settings += [(c, e) for c in CONNECTIONS for e in EVENTS if (c, e) != (USUAL_CONNECTIONS, USUAL_EVENTS)]
    figures: list[Figures] = []
    with_go = contenders.build_reference(folder / "reference")
    print(HEADING, file=sys.stderr)
    for connections, events in settings:
        usual = (connections, events) == (USUAL_CONNECTIONS, USUAL_EVENTS)
        with contenders.ours(running.environment, key=running.key, threads=THREADS, log=folder / "irk.log") as server:
            figures.append(_drive(running, server, connections=connections, events=events, seconds=seconds))
        if with_go:
            with contenders.reference(
                folder / "reference",
                running.environment,
                key=running.key,
                project_id=running.project_id,
                log=folder / "go.log",
            ) as server:
                figures.append(_drive(running, server, connections=connections, events=events, seconds=seconds))
        if usual or connections == CONNECTIONS[0]:
            figures.append(_limit(running, events=events, seconds=seconds))
    return figures


def _limit(running: Engines, *, events: int, seconds: float) -> Figures:
    loop = contenders.limit(running.environment, events=events, together=USUAL_CONNECTIONS, seconds=seconds)
    figures = Figures(
        contender="limit",
        connections=1,
        events=events,
        rate=loop["rate"],
        p50=None,
        p95=None,
        p99=None,
        interval=loop["rows"] / loop["rate"] * 1000,
        cpu=loop["cpu"] * 1e6,
        engine_cpu=0.0,
        load_cpu=0.0,
        rows=loop["rows"],
        failures=0,
    )
    print(line_of(figures), file=sys.stderr)
    return figures


def _drive(running: Engines, server: Server, *, connections: int, events: int, seconds: float) -> Figures:
    batches = bodies(events=events)
    # Connects, fills caches, and lets the engine take the first parts.
    drive(server.port, server.path, batches, connections=connections, seconds=1)
    cpu, engine, client = server.cpu_seconds(), running.clickhouse_cpu_seconds(), time.process_time()
    inserts, rows = server.inserts()
    load = drive(server.port, server.path, batches, connections=connections, seconds=seconds)
    cpu, engine = server.cpu_seconds() - cpu, running.clickhouse_cpu_seconds() - engine
    client = time.process_time() - client
    more_inserts, more_rows = server.inserts()
    inserts, stored = max(more_inserts - inserts, 1), max(more_rows - rows, 1)
    figures = Figures(
        server.name,
        connections,
        events,
        rate=len(load.latencies) * events / load.seconds,
        p50=load.quantile_ms(0.5),
        p95=load.quantile_ms(0.95),
        p99=load.quantile_ms(0.99),
        interval=seconds / inserts * 1000,
        cpu=cpu / stored * 1e6,
        engine_cpu=engine / stored * 1e6,
        load_cpu=client / stored * 1e6,
        rows=stored / inserts,
        failures=sum(load.failures.values()),
    )
    print(line_of(figures), file=sys.stderr)
    return figures


if __name__ == "__main__":
    sys.exit(main())
