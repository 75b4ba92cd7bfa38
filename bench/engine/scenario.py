"""One scenario with engines of its own: a history and a few ticks over new events, or a week and backtests over it.

`python -m bench.engine.scenario '{"name": …}'` prints one JSON object, the fields of `Measured`, or of `Replayed` for a
week. A process of its own, because Django's settings need the engines' addresses before anything of the product is
imported, and so that memory and caches are the scenario's alone.
"""

import json
import logging
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
class Week:
    """A week of one project with `events`, and besides their signals so many in one group."""

    events: int
    signals_of_one_group: int


@dataclass(frozen=True)
class Replayed:
    """Seconds and CPU seconds of each backtest, the incidents that it compared, and the most signals that one took.

    Peak memory in MiB is that of all of them, with what the processes had before.
    """

    backtests_s: dict[str, float]
    cpu_s: dict[str, float | None]
    incidents: dict[str, int]
    signals: int
    clickhouse_mib: int | None
    process_mib: int | None

    @property
    def seconds(self) -> float:
        """The slowest backtest."""
        return max(self.backtests_s.values())


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


def run(asked: Scenario | Week) -> Measured | Replayed:
    """Starts engines, loads, measures, and removes what it started."""
    stack = Stack(ROOT / ".data" / "bench" / str(os.getpid()), durable=False, progress=lambda _: None)
    stack.start()
    try:
        os.environ.update(stack.environment(), DJANGO_SETTINGS_MODULE="config.settings.test")
        # The settings read the addresses, so these come after them.
        import django  # noqa: PLC0415

        django.setup()
        # The log has a line for each incident.
        logging.disable(logging.INFO)
        from bench.engine import replaying, ticking  # noqa: PLC0415

        if isinstance(asked, Week):
            return replaying.measure(asked, clickhouse=stack.clickhouse)
        return ticking.measure(asked, clickhouse=stack.clickhouse)
    finally:
        stack.remove()


def _asked(fields: dict[str, Any]) -> Scenario | Week:
    return Scenario(**fields) if "ticks" in fields else Week(**fields)


if __name__ == "__main__":
    print(json.dumps(asdict(run(_asked(json.loads(sys.argv[1]))))))
