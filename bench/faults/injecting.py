"""Making a fault, and healing it."""

import signal
import time
from collections.abc import Callable
from random import Random

from apps.embedded.supervisor import Child
from bench.faults import processes
from bench.faults.installation import Installation
from bench.faults.matrix import Scenario

# Seconds. A web that is told to stop may answer what it began for 20 s (config/gunicorn.py).
_STARTED_ANEW_WITHIN = 40.0


class NotHealedError(Exception):
    """A part was not started again."""


def inject(installation: Installation, scenario: Scenario) -> float:
    """Makes the scenario's fault and heals it. Returns when it was healed, as `time.monotonic()`.

    Healed is when a part runs again, not when it serves again: what it needs from there on is the product's own time.
    Raises NotHealedError.
    """
    _FAULTS[scenario.fault.kind](installation, scenario)
    return time.monotonic()


def _kill(installation: Installation, scenario: Scenario) -> None:
    child = installation.children[scenario.fault.part]
    main = child.pid
    hit = _hit(child, scenario)
    processes.send(hit, signal.SIGKILL)
    if main not in hit:
        return
    if scenario.seconds:
        child.kill()
        time.sleep(scenario.seconds)
        child.start()
    else:
        _wait_for_another(child, main)


def _stop(installation: Installation, scenario: Scenario) -> None:
    hit = _hit(installation.children[scenario.fault.part], scenario)
    processes.send(hit, signal.SIGSTOP)
    time.sleep(scenario.seconds)
    processes.send(hit, signal.SIGCONT)


def _term(installation: Installation, scenario: Scenario) -> None:
    child = installation.children[scenario.fault.part]
    main = child.pid
    child.signal(signal.SIGTERM)
    _wait_for_another(child, main)


def _fill_disk(installation: Installation, scenario: Scenario) -> None:
    disk = installation.disks[scenario.fault.part]
    disk.fill()
    time.sleep(scenario.seconds)
    disk.empty()


def _disturb_network(installation: Installation, scenario: Scenario) -> None:
    proxy = installation.proxies[scenario.fault.part]
    match scenario.fault.kind:
        case "reset" | "half-close" | "delay" as mode:
            proxy.disturb(mode, delay=scenario.delay, seed=scenario.seed)
    time.sleep(scenario.seconds)
    proxy.heal()


def _nothing(installation: Installation, scenario: Scenario) -> None:
    """Undisturbed, or disturbed by how the client delivers."""


_FAULTS: dict[str, Callable[[Installation, Scenario], None]] = {
    "kill": _kill,
    "stop": _stop,
    "term": _term,
    "full-disk": _fill_disk,
    "reset": _disturb_network,
    "half-close": _disturb_network,
    "delay": _disturb_network,
    "deliveries": _nothing,
    "nothing": _nothing,
}


def _hit(child: Child, scenario: Scenario) -> list[int]:
    """All of the part's processes, or its main one, or one of the others if it has any."""
    everything = processes.tree(child.pid)
    if scenario.processes == "child" and len(everything) > 1:
        return [Random(scenario.seed).choice(everything[1:])]
    return everything if scenario.processes == "all" else everything[:1]


def _wait_for_another(child: Child, before: int | None) -> None:
    deadline = time.monotonic() + _STARTED_ANEW_WITHIN
    while child.pid in {before, None}:
        if time.monotonic() > deadline:
            raise NotHealedError(f"{child.name} was not started again within {_STARTED_ANEW_WITHIN:.0f} s.")
        time.sleep(0.01)
