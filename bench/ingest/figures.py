"""What is measured of one contender at one setting, and what is said of all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

# What the ratios are taken at.
USUAL_CONNECTIONS, USUAL_EVENTS = 64, 50


@dataclass(frozen=True)
class Figures:
    """One contender at one setting. `rate` in events per second, `p*` in ms, all CPU in µs per event.

    `interval` is the flush interval: the ms from one insert to the next, on the mean. It is how long an insert takes
    beside the requests that come meanwhile, or what the server waits for them (`apps.ingest.writer`). `engine_cpu` is
    ClickHouse's, `load_cpu` the client's.
    """

    contender: str
    connections: int
    events: int
    rate: float
    p50: float | None
    p95: float | None
    p99: float | None
    interval: float | None
    cpu: float
    engine_cpu: float
    load_cpu: float
    rows: float
    failures: int

    @property
    def usual(self) -> bool:
        """Whether the ratios are taken at this setting."""
        return self.events == USUAL_EVENTS and (self.contender == "limit" or self.connections == USUAL_CONNECTIONS)


_WORDS = {
    "vs_go": f"our events per second to Go's, {USUAL_CONNECTIONS} connections, batches of {USUAL_EVENTS}",
    "vs_limit": "ours to the bare loop's, likewise",
    "cpu_go_vs_ours": "Go's CPU per event to ours, likewise",
    "cpu_limit_vs_ours": "the bare loop's CPU per event to ours, likewise",
    "p99_vs_interval": "our p99 to our flush interval, likewise",
    "cpu_256_vs_16": "our CPU per event at 256 connections to that at 16",
}


def summary_of(figures: Iterable[Figures]) -> dict[str, float | None]:
    """The ratios, None where not measured: each the median over the rounds, whose members ran one after the other."""
    usual = [each for each in figures if each.usual]
    ours = [each for each in usual if each.contender == "irk"]
    go = [each for each in usual if each.contender == "go"]
    limit = [each for each in usual if each.contender == "limit"]
    cpu = {each.connections: each.cpu for each in figures if each.contender == "irk" and each.events == USUAL_EVENTS}
    waits = [each.p99 / each.interval for each in ours if each.p99 and each.interval]
    return {
        "vs_go": _median(mine.rate / theirs.rate for mine, theirs in zip(ours, go, strict=False)),
        "vs_limit": _median(mine.rate / theirs.rate for mine, theirs in zip(ours, limit, strict=False)),
        "cpu_go_vs_ours": _median(theirs.cpu / mine.cpu for mine, theirs in zip(ours, go, strict=False)),
        "cpu_limit_vs_ours": _median(theirs.cpu / mine.cpu for mine, theirs in zip(ours, limit, strict=False)),
        "p99_vs_interval": _median(waits),
        "cpu_256_vs_16": cpu[256] / cpu[16] if {16, 256} <= cpu.keys() else None,
    }


def _median(ratios: Iterable[float]) -> float | None:
    known = list(ratios)
    return median(known) if known else None


def lines_of(summary: Mapping[str, float | None], figures: Iterable[Figures]) -> list[str]:
    """Ratios first, then all figures."""
    return [
        *(f"{'not measured' if each is None else f'{each:.2f}':>12}  {_WORDS[name]}" for name, each in summary.items()),
        "",
        HEADING,
        *map(line_of, figures),
    ]


HEADING = "       conns batch  events/s  p50 ms     p95     p99   flush µs CPU/ev  engine   load rows/ins"


def line_of(each: Figures) -> str:
    """One line below HEADING."""
    waits = (each.p50, each.p95, each.p99, each.interval)
    shown = " ".join(f"{'–' if wait is None else format(wait, '.1f'):>7}" for wait in waits)
    failures = f"  {each.failures} failed" if each.failures else ""
    cpu = f"{each.cpu:8.1f} {each.engine_cpu:7.1f} {each.load_cpu:6.1f}"
    setting = f"{each.contender:6} {each.connections:5} {each.events:5}"
    return f"{setting} {each.rate:9.0f} {shown} {cpu} {each.rows:8.0f}{failures}"
