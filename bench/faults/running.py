"""One run: load, a fault, healing, and the checks."""

import threading
import time
from dataclasses import dataclass, field
from random import Random

import psycopg
import redis

from apps.clickhouse.client import ClickHouseError
from bench.faults import caps, checking, moments, visits
from bench.faults.checking import Violations
from bench.faults.client import Client
from bench.faults.injecting import NotHealedError, inject
from bench.faults.installation import Installation
from bench.faults.matrix import Scenario
from bench.faults.projects import FaultProject
from bench.faults.reading import Reading
from bench.faults.visits import Delivery, Visit

# Seconds after which a run gives up waiting.
_PATIENCE = 120.0
# Sessions; with some 17 events each in `_LOAD_SECONDS`, that is 300 events a second.
_SESSIONS = {"idle": 60, "load": 110, "tick": 160, "drain": 160}
_LOAD_SECONDS = {"idle": 3.0, "load": 6.0, "tick": 9.0, "drain": 9.0}
# A tick sees what was stored this long before it (config/settings/base.py).
_SETTLE_MS = 3_000


@dataclass
class Outcome:
    """What came of a run. `through`: seconds from healing to a fresh event's signal; None: not in time at all."""

    scenario: Scenario
    violations: Violations = field(default_factory=dict)
    through: float | None = None
    met: bool = True
    seconds: float = 0.0
    events: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)


def run(
    installation: Installation, reading: Reading, project: FaultProject, scenario: Scenario, *, within: float
) -> Outcome:
    """Runs `scenario` over `project`, which nobody has sent anything to.

    `within`: seconds after healing by which a fresh event must be a signal.
    """
    began = time.monotonic()
    outcome = Outcome(scenario)
    random = Random(scenario.seed)
    name = f"{scenario.seed}-{project.id}"
    planned = visits.make_visits(random, run=name, sessions=_SESSIONS[scenario.moment])
    client = Client(installation.web_port, project.key, _deliveries(random, planned, scenario), seed=scenario.seed)
    probe = visits.make_probe(name)
    with caps.Watch(installation) as watch:
        if scenario.moment != "idle":
            client.start()
        outcome.met = moments.wait_for(installation, reading, scenario)
        try:
            healed_at = inject(installation, scenario)
        except NotHealedError as error:
            outcome.violations[checking.THROUGH] = [str(error)]
            healed_at = time.monotonic()
        if scenario.moment == "idle":
            client.start()
        try:
            outcome.through = _send_probe(client, reading, project, probe, healed_at=healed_at)
            _settle(client, reading, project, outcome)
            found = checking.check(reading, [*planned, probe], client.ledger, project_id=project.id)
        except (ClickHouseError, psycopg.Error, redis.RedisError) as error:
            found = {checking.READABLE: [f"a store cannot be read after healing: {error}"]}
    outcome.events, outcome.answers, outcome.peaks = len(client.ledger.sent), dict(client.ledger.answers), watch.peaks
    if client.ledger.refusals:
        outcome.violations[checking.ANSWERS] = sorted(set(client.ledger.refusals))[:3]
    if outcome.through is None or outcome.through > within:
        took = "never" if outcome.through is None else f"after {outcome.through:.0f} s"
        outcome.violations.setdefault(checking.THROUGH, []).append(f"a fresh event was a signal {took}")
    for invariant, words in found.items():
        outcome.violations.setdefault(invariant, []).extend(words)
    if above := caps.exceeded(installation, reading, watch.peaks):
        outcome.violations[checking.CAPS] = above
    outcome.seconds = time.monotonic() - began
    return outcome


def _deliveries(random: Random, planned: list[Visit], scenario: Scenario) -> list[Delivery]:
    deliveries = visits.spread(random, planned, seconds=_LOAD_SECONDS[scenario.moment])
    match scenario.order:
        case "plain":
            return deliveries
        case "duplicated":
            return visits.duplicated(random, deliveries)
        case "regrouped":
            return visits.regrouped(random, deliveries)
        case "reordered":
            return visits.reordered(random, deliveries)


def _send_probe(
    client: Client, reading: Reading, project: FaultProject, probe: Visit, *, healed_at: float
) -> float | None:
    """Sends a fresh visit and returns the seconds from healing to its signal; None: not within the patience."""
    sending = threading.Thread(target=client.send, args=(Delivery(0, probe, tuple(sorted(probe.events))),), daemon=True)
    sending.start()
    while time.monotonic() - healed_at < _PATIENCE:
        if reading.has_signal(project.id, probe.session):
            sending.join()
            return time.monotonic() - healed_at
        time.sleep(0.2)
    return None


def _settle(client: Client, reading: Reading, project: FaultProject, outcome: Outcome) -> None:
    """Returns when everything is acknowledged, in the event store and evaluated; says where it does not become so."""
    problems = outcome.violations.setdefault(checking.THROUGH, [])
    if not client.finish(seconds=_PATIENCE):
        problems.append(f"not everything was acknowledged {_PATIENCE:.0f} s after healing")
    deadline = time.monotonic() + _PATIENCE
    while (waiting := reading.spooled_batches()) and time.monotonic() < deadline:
        time.sleep(0.2)
    if waiting:
        problems.append(f"{waiting} batches are still in the spool")
    seen_by_ms = reading.last_stored_ms(project.id) + _SETTLE_MS
    while (evaluated := reading.evaluated_ms()) <= seen_by_ms and time.monotonic() < deadline:
        time.sleep(0.2)
    if evaluated <= seen_by_ms:
        problems.append(f"the last tick is {seen_by_ms - evaluated} ms too early to have seen everything")
    if not problems:
        del outcome.violations[checking.THROUGH]
