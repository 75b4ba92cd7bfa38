"""One scenario: an engine of its own, a history, and a few ticks over new events.

`python -m bench.engine.scenario '{"name": …}'` prints one JSON object, the fields of `Measured`. A process of its own,
because Django's settings need the engines' addresses before anything of the product is imported, and so that memory
and caches are the scenario's alone.
"""

import json
import logging
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from apps.embedded.stack import Stack

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Scenario:
    """`events` new ones for each of `ticks` ticks, over `projects`, with `history` events stored before."""

    name: str
    events: int
    projects: int
    history: int
    ticks: int


@dataclass(frozen=True)
class Measured:
    """Seconds of each tick; CPU seconds, and peak memory in MiB, of ClickHouse and of the evaluating process.

    CPU and memory are None where the system does not tell them. CPU time is what to compare on a busy machine.
    `signals` and `incidents` show that the ticks had something to find.
    """

    tick_s: list[float]
    cpu_s: list[float | None]
    clickhouse_mib: int | None
    process_mib: int | None
    signals: int
    incidents: int

    @property
    def seconds(self) -> float:
        """The fastest tick: other programs on the machine can only slow one down."""
        return min(self.tick_s)

    @property
    def cpu_seconds(self) -> float | None:
        """The CPU time of the tick that took least."""
        return min((seconds for seconds in self.cpu_s if seconds is not None), default=None)


def run(scenario: Scenario) -> Measured:
    """Starts engines, loads, ticks, and removes what it started."""
    stack = Stack(ROOT / ".data" / "bench" / str(os.getpid()), durable=False, progress=lambda _: None)
    stack.start()
    try:
        os.environ.update(stack.environment(), DJANGO_SETTINGS_MODULE="config.settings.test")
        # The settings read the addresses, so these come after them.
        import django  # noqa: PLC0415

        django.setup()
        # The log has a line for each incident.
        logging.disable(logging.INFO)
        from bench.engine import ticking  # noqa: PLC0415

        return ticking.measure(scenario, clickhouse=stack.clickhouse)
    finally:
        stack.remove()


if __name__ == "__main__":
    print(json.dumps(asdict(run(Scenario(**json.loads(sys.argv[1]))))))
