"""A long time without ClickHouse: load at a steady rate that the spool keeps, and how fast it is drained afterwards."""

import threading
import time
from dataclasses import dataclass
from random import Random

from bench.faults import visits
from bench.faults.client import Client
from bench.faults.installation import SPOOL_BYTES, Installation
from bench.faults.projects import FaultProject
from bench.faults.reading import Reading
from bench.faults.visits import Key

# Events a second.
RATE = 200
# Seconds of load in one client. Each keeps its events in memory.
_SLICE = 20.0
# Events of a visit, on average.
_EVENTS = 17
# Times the arrival rate at which the spool must be drained.
FASTER = 10


@dataclass(frozen=True)
class Outage:
    """What came of it. Seconds and bytes; `drained_per_s` in events."""

    seconds: float
    acknowledged: int
    lost: int
    invented: int
    spool_bytes: int
    drain_s: float

    @property
    def drained_per_s(self) -> float:
        return self.acknowledged / self.drain_s

    @property
    def faster(self) -> float:
        """Drained per second, in arrivals per second."""
        return self.drained_per_s / (self.acknowledged / self.seconds)

    @property
    def ok(self) -> bool:
        return not self.lost and not self.invented and self.spool_bytes <= SPOOL_BYTES and self.faster >= FASTER


def run(installation: Installation, reading: Reading, project: FaultProject, *, seconds: float, seed: int) -> Outage:
    """Kills ClickHouse, sends for `seconds`, starts it again and waits until the spool is empty."""
    clickhouse = installation.children["clickhouse"]
    clickhouse.kill()
    began = time.monotonic()
    sent: set[Key] = set()
    acknowledged: set[Key] = set()
    number = 0
    while time.monotonic() - began < seconds:
        client = _send_slice(installation, project, number=number, seed=seed)
        sent |= client.ledger.sent
        acknowledged |= client.ledger.acknowledged
        number += 1
        print(f"{time.monotonic() - began:.0f} s: {len(acknowledged)} events acknowledged", flush=True)
    took = time.monotonic() - began
    size = reading.spool_bytes()
    threading.Thread(target=clickhouse.start, daemon=True).start()
    drain_s = _wait_until_drained(reading)
    stored = set(reading.events(project.id))
    return Outage(
        seconds=took,
        acknowledged=len(acknowledged),
        lost=len(acknowledged - stored),
        invented=len(stored - sent),
        spool_bytes=size,
        drain_s=drain_s,
    )


def _send_slice(installation: Installation, project: FaultProject, *, number: int, seed: int) -> Client:
    random = Random(f"{seed} {number}")
    sessions = int(RATE * _SLICE / _EVENTS)
    made = visits.make_visits(random, run=f"{seed}-{number}", sessions=sessions)
    client = Client(installation.web_port, project.key, visits.spread(random, made, seconds=_SLICE), seed=seed)
    client.start()
    client.finish(seconds=_SLICE + 60)
    return client


def _wait_until_drained(reading: Reading) -> float:
    began = time.monotonic()
    while left := reading.spooled_batches():
        print(f"drained for {time.monotonic() - began:.0f} s: {left} batches left", flush=True)
        time.sleep(2)
    return time.monotonic() - began
