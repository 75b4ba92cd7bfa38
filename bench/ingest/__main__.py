"""`bin/bench ingest`: our endpoint beside a reference in Go and the bare loop, on the same batches and engines.

The server has one core; the engines and the load have the others. Ratios come first: they say more than figures of one
machine. Where the engines or the load are what everybody waits for, rates say little, and CPU per event says what the
server could do with engines of its own. The engines' data is in memory unless `--data` names a folder, because a disk
that is slow to flush makes all servers alike. `--json` makes the last line one JSON object. `--quick` measures only
what the ratios are made of.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from apps.embedded.stack import Stack
from bench.ingest import contenders
from bench.ingest.bodies import bodies
from bench.ingest.contenders import ROOT, Server
from bench.ingest.load import drive

CONNECTIONS = (1, 16, 64, 256)
EVENTS = (1, 10, 50, 500)
# What the ratios are taken at.
USUAL_CONNECTIONS, USUAL_EVENTS = 64, 50
# Threads of gunicorn: as many requests can share an insert.
THREADS = 64


@dataclass(frozen=True)
class Figures:
    """One contender at one setting. `rate` in events per second, `p*` in ms, `cpu` in µs per event."""

    contender: str
    connections: int
    events: int
    rate: float
    p50: float | None
    p95: float | None
    p99: float | None
    cpu: float
    rows: float
    failures: int


def main() -> int:
    """Measures, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="bin/bench ingest", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement, after one to warm up")
    memory = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it
    parser.add_argument("--data", type=Path, default=memory if memory.is_dir() else None, help="folder for the engines")
    options = parser.parse_args()
    settings = [(USUAL_CONNECTIONS, USUAL_EVENTS)]
    if not options.quick:
        settings += [(connections, USUAL_EVENTS) for connections in CONNECTIONS if connections != USUAL_CONNECTIONS]
        settings += [(USUAL_CONNECTIONS, events) for events in EVENTS if events != USUAL_EVENTS]
    os.sched_setaffinity(0, contenders.OTHER_CORES)
    with (
        tempfile.TemporaryDirectory(prefix="irk-bench-", dir=options.data) as name,
        _engines(Path(name)) as environment,
    ):
        figures = _measure(Path(name), environment, settings, seconds=options.seconds)
    summary = _summary(figures)
    _print(figures, summary)
    if options.json:
        print(json.dumps({**summary, "figures": [asdict(each) for each in figures]}))
    return 0


def _measure(
    folder: Path, environment: Mapping[str, str], settings: list[tuple[int, int]], *, seconds: float
) -> list[Figures]:
    key, project_id = _make_key(environment)
    figures: list[Figures] = []
    with_go = contenders.build_reference(folder / "reference")
    for connections, events in settings:
        with contenders.ours(environment, key=key, threads=THREADS, log=folder / "irk.log") as server:
            figures.append(_drive(server, connections=connections, events=events, seconds=seconds))
        if with_go:
            binary = folder / "reference"
            with contenders.reference(
                binary, environment, key=key, project_id=project_id, log=folder / "go.log"
            ) as server:
                figures.append(_drive(server, connections=connections, events=events, seconds=seconds))
    for events in {events for _, events in settings}:
        loop = contenders.limit(environment, events=events, together=USUAL_CONNECTIONS, seconds=seconds)
        figures.append(Figures("limit", 1, events, loop["rate"], None, None, None, loop["cpu"] * 1e6, loop["rows"], 0))
    return figures


def _drive(server: Server, *, connections: int, events: int, seconds: float) -> Figures:
    batches = bodies(events=events)
    # Connects, fills caches, and lets the engine take the first parts.
    drive(server.port, server.path, batches, connections=connections, seconds=1)
    cpu, (inserts, rows) = server.cpu_seconds(), server.inserts()
    load = drive(server.port, server.path, batches, connections=connections, seconds=seconds)
    cpu, (more_inserts, more_rows) = server.cpu_seconds() - cpu, server.inserts()
    stored = max(more_rows - rows, 1)
    figures = Figures(
        server.name,
        connections,
        events,
        rate=len(load.latencies) * events / load.seconds,
        p50=load.quantile_ms(0.5),
        p95=load.quantile_ms(0.95),
        p99=load.quantile_ms(0.99),
        cpu=cpu / stored * 1e6,
        rows=stored / max(more_inserts - inserts, 1),
        failures=sum(load.failures.values()),
    )
    print(_line(figures), file=sys.stderr)
    return figures


def _summary(figures: list[Figures]) -> dict[str, float | None]:
    rate = {each.contender: each.rate for each in figures if each.events == USUAL_EVENTS and _is_usual(each)}
    cpu = {each.connections: each.cpu for each in figures if each.contender == "irk" and each.events == USUAL_EVENTS}
    per_event = {each.contender: each.cpu for each in figures if each.events == USUAL_EVENTS and _is_usual(each)}
    return {
        "cpu_go_vs_ours": per_event["go"] / per_event["irk"] if "go" in per_event else None,
        "cpu_limit_vs_ours": per_event["limit"] / per_event["irk"],
        "vs_go": rate["irk"] / rate["go"] if "go" in rate else None,
        "vs_limit": rate["irk"] / rate["limit"],
        "cpu_256_vs_16": cpu[256] / cpu[16] if 256 in cpu else None,
    }


def _is_usual(figures: Figures) -> bool:
    return figures.contender == "limit" or figures.connections == USUAL_CONNECTIONS


def _print(figures: list[Figures], summary: Mapping[str, float | None]) -> None:
    words = {
        "vs_go": f"our events per second to Go's, {USUAL_CONNECTIONS} connections, batches of {USUAL_EVENTS}",
        "vs_limit": "ours to the bare loop's, likewise",
        "cpu_go_vs_ours": "Go's CPU per event to ours, likewise",
        "cpu_limit_vs_ours": "the bare loop's CPU per event to ours, likewise",
        "cpu_256_vs_16": "our CPU per event at 256 connections to that at 16",
    }
    for name, ratio in summary.items():
        print(f"{'not measured' if ratio is None else f'{ratio:.2f}':>12}  {words[name]}")
    print("\n       conns batch  events/s  p50 ms     p95     p99 µs CPU/ev rows/ins")
    for each in figures:
        print(_line(each))


def _line(each: Figures) -> str:
    waits = " ".join(f"{'–' if wait is None else format(wait, '.1f'):>7}" for wait in (each.p50, each.p95, each.p99))
    failures = f"  {each.failures} failed" if each.failures else ""
    sizes = f"{each.contender:6} {each.connections:5} {each.events:5}"
    return f"{sizes} {each.rate:9.0f} {waits} {each.cpu:9.1f} {each.rows:8.0f}{failures}"


@contextmanager
def _engines(folder: Path) -> Iterator[dict[str, str]]:
    with Stack(folder / "data", progress=lambda _: None) as stack:
        environment = {
            **os.environ,
            **stack.environment(),
            "DJANGO_SETTINGS_MODULE": "config.settings.ingest",
            "SECRET_KEY": "for-this-measurement-only-and-long-enough-to-pass-every-check",
            "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            # Counted, but never reached.
            "INGEST_REQUESTS_PER_MINUTE": "1000000000",
            "INGEST_ORGANIZATION_REQUESTS_PER_MINUTE": "1000000000",
            "INGEST_ADDRESS_REQUESTS_PER_MINUTE": "1000000000",
        }
        for command in ("migrate", "migrate_clickhouse"):
            subprocess.run(
                [sys.executable, "manage.py", command],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        yield environment


_MAKE_KEY = """
import django; django.setup()
from apps.organizations.models import Organization
from apps.projects import keys
from apps.projects.models import Project
organization = Organization.objects.create(name="Bench", slug="bench")
project = Project.objects.create(organization=organization, name="Bench", slug="bench")
print(keys.create(project=project, name="bench", actor=None).plain, project.pk)
"""


def _make_key(environment: Mapping[str, str]) -> tuple[str, int]:
    output = subprocess.run(
        [sys.executable, "-c", _MAKE_KEY], cwd=ROOT, env=dict(environment), check=True, stdout=subprocess.PIPE
    ).stdout
    key, project_id = output.decode().split()
    return key, int(project_id)


if __name__ == "__main__":
    sys.exit(main())
