"""The whole product as processes, and what a test may ask it: through its stores and its commands, never in-process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

import psycopg

from apps.clickhouse.client import ClickHouseError, Pool
from apps.demo.recording import Visit
from apps.demo.replay import as_one_run
from apps.embedded import ports
from apps.embedded.product import CHECKOUT, Product

# A tick is due each 10 s and sees what was stored 3 s before it (config/settings/base.py).
TICK_MS, SETTLE_MS = 10_000, 3_000

_SIGNAL_FIELDS = (
    *("kind", "session_id", "page_id", "n", "ts", "ended_at", "route", "element", "element_label", "device", "release"),
    *("count", "detail", "event_pages", "event_ns"),
)
# Sort key: one project's rows are one range.
_SIGNALS = """
SELECT kind, session_id, page_id, n, toUnixTimestamp64Milli(ts), toUnixTimestamp64Milli(ended_at), route, element,
       element_label, device, release, count, detail, event_pages, event_ns
FROM signals FINAL
WHERE project_id = %(project)s AND NOT retracted
"""
_PAGES = """
SELECT any(subtype), any(route) FROM events WHERE project_id = %(project)s AND type = 'page'
GROUP BY page_id, n ORDER BY any(ts), n
"""
_LAST_STORED = """
SELECT toUnixTimestamp64Milli(max(stored_at)) FROM events WHERE project_id = %(project)s HAVING count() > 0
"""


@dataclass(frozen=True)
class DemoProject:
    """The project that the shop reports to. `login` signs its owner in, once."""

    id: int
    key: str
    login: str


class Running:
    """A running product."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._clickhouse = Pool(product.stack.environment()["CLICKHOUSE_URL"], seconds=10)

    @property
    def url(self) -> str:
        """Its address."""
        return self.product.url

    def environment(self) -> dict[str, str]:
        """What a command beside the product needs, and where the browser is."""
        chromium = {name: value for name, value in os.environ.items() if name == "IRK_CHROMIUM"}
        return {**self.product.environment(), **chromium}

    def close(self) -> None:
        """Gives its connections back."""
        self._clickhouse.close()

    def new_demo(self) -> DemoProject:
        """A demo project that nobody has visited, with the shop reporting to it."""
        output = subprocess.run(
            [sys.executable, "manage.py", "seed_demo", "--unvisited", "--json"],
            cwd=CHECKOUT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        seeded = json.loads(output.splitlines()[-1])
        return DemoProject(id=seeded["project"], key=seeded["key"], login=seeded["login"])

    def events(self, demo: DemoProject, type_: str) -> int:
        """How many different events of a type are stored."""
        return int(
            self._ask(
                "SELECT uniqExact(page_id, n) FROM events WHERE project_id = %(project)s AND type = %(type)s",
                {"project": demo.id, "type": type_},
            )[0][0]
        )

    def sessions_by_release(self, demo: DemoProject) -> dict[str, int]:
        """How many sessions each release has."""
        rows = self._ask(
            "SELECT release, uniqExact(session_id) FROM events WHERE project_id = %(project)s GROUP BY release",
            {"project": demo.id},
        )
        return dict(rows)

    def pages(self, demo: DemoProject) -> list[tuple[str, str]]:
        """How each page or route came to be shown (`load`, `push`, …), and its route, in order of time."""
        rows = self._ask(_PAGES, {"project": demo.id})
        return [(nav, route) for nav, route in rows]

    def signals(self, demo: DemoProject) -> list[dict[str, Any]]:
        """The signals in force: the highest version of each, without the retracted ones."""
        rows = self._ask(_SIGNALS, {"project": demo.id})
        names = _SIGNAL_FIELDS
        return [dict(zip(names, row, strict=True)) for row in rows]

    def incidents(self, demo: DemoProject) -> list[dict[str, Any]]:
        """The incidents, each with its threshold's name and the states it went through."""
        with psycopg.connect(self.product.stack.environment()["DATABASE_URL"]) as connection:
            rows = connection.execute(
                """
                SELECT t.name, i."group", i.state, i.severity, i.sentence,
                       array(SELECT x.to_state::text FROM incidents_transition x
                             WHERE x.incident_id = i.id ORDER BY x.at, x.id)
                FROM incidents_incident i JOIN thresholds_threshold t ON t.id = i.threshold_id
                WHERE i.project_id = %s
                """,
                [demo.id],
            ).fetchall()
        names = ("threshold", "group", "state", "severity", "sentence", "transitions")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def figure(self, name: str) -> float:
        """What /metrics says of `name`, which has no labels; 0 before anything was counted."""
        with urlopen(f"{self.url}/metrics", timeout=10) as answer:  # noqa: S310 our own address
            lines = answer.read().decode().splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), 0.0)

    def wait_until_drained(self, *, within_seconds: float = 60) -> None:
        """Waits until everything that was kept for ClickHouse is stored."""
        deadline = monotonic() + within_seconds
        while self.figure("irk_spool_age_seconds") > 0:
            assert monotonic() < deadline, f"Events still wait in the spool after {within_seconds} s."
            sleep(0.2)

    def wait_until_decided(self, demo: DemoProject, *, within_seconds: float = 90) -> None:
        """Returns when two ticks have seen every event that is stored by now; fails when that takes too long."""
        deadline = monotonic() + within_seconds
        while not self._is_decided(demo):
            assert monotonic() < deadline, f"No two ticks saw every event within {within_seconds} s: {self._how_far()}"
            sleep(0.25)

    def _is_decided(self, demo: DemoProject) -> bool:
        try:
            stored = self._ask(_LAST_STORED, {"project": demo.id})
        except ClickHouseError:
            # It was killed a moment ago; the deadline bounds how often we ask.
            return False
        evaluated = self._how_far()
        return bool(stored) and evaluated is not None and stored[0][0] < evaluated - SETTLE_MS - TICK_MS

    def _how_far(self) -> int | None:
        """as_of of the last committed tick in ms; None before the first."""
        with psycopg.connect(self.product.stack.environment()["DATABASE_URL"]) as connection:
            row = connection.execute(
                "SELECT (extract(epoch FROM last_as_of) * 1000)::bigint FROM incidents_evaluatedshard"
            ).fetchone()
        return int(row[0]) if row else None

    def _ask(self, sql: str, params: dict[str, object]) -> list[tuple[Any, ...]]:
        with self._clickhouse.connection() as client:
            rows: list[tuple[Any, ...]] = client.execute(sql, params)
            return rows


@contextmanager
def running_product(data_dir: Path) -> Iterator[Running]:
    """Starts the whole product in `data_dir`; afterwards stops it and removes the folder."""
    product = Product(data_dir, port=ports.choose(), progress=lambda text: None)
    try:
        product.start()
        with closing(Running(product)) as running:
            yield running
    finally:
        product.stop()
        product.stack.remove()


def without_names(
    signals: list[dict[str, Any]], recorded: tuple[Visit, ...], *, run_id: str, starts_ms: int
) -> list[dict[str, Any]]:
    """`signals` of a replay in terms of the recording: recorded ids, times from the run's start. Sorted."""
    names: dict[str, str] = {}
    for before, after in zip(recorded, as_one_run(recorded, run_id=run_id, starts_ms=starts_ms), strict=True):
        for old, new in zip(before.batches, after.batches, strict=True):
            names |= {new.text("sid"): old.text("sid"), new.text("page"): old.text("page")}
    plain = [
        {
            **signal,
            "session_id": names[signal["session_id"]],
            "page_id": names[signal["page_id"]],
            "event_pages": [names[page] for page in signal["event_pages"]],
            "ts": signal["ts"] - starts_ms,
            "ended_at": signal["ended_at"] - starts_ms,
        }
        for signal in signals
    ]
    return sorted(plain, key=lambda signal: (signal["kind"], signal["session_id"], signal["page_id"], signal["n"]))
