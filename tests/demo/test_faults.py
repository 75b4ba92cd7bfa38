"""kill -9 of one part while the visits are replayed: the end is the same as without it."""

import os
import signal
from dataclasses import dataclass
from threading import Thread
from time import monotonic, sleep, time, time_ns
from typing import Any

import pytest

from apps.demo import recording
from apps.demo.replay import Progress, as_one_run, replay
from apps.demo.sending import Endpoint
from tests.demo.running import TICK_MS, Running, without_names

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

VISITS = recording.load()
# Seconds: its supervisor's first pauses, the start itself, and a slow machine.
RESTARTED_WITHIN = 30
# ms: shorter than any part needs to start again, long enough for the kill itself.
KILLED_BEFORE_MS = 50


@dataclass(frozen=True)
class End:
    """What is left when everything has been decided."""

    signals: list[dict[str, Any]]
    incidents: list[dict[str, Any]]


@pytest.fixture(scope="module")
def undisturbed(product: Running) -> End:
    return _run(product, kill=None)


@pytest.mark.parametrize("part", ["worker", "beat", "web", "clickhouse"])
def test_the_end_is_the_same_when_a_part_is_killed_during_the_replay(
    product: Running, undisturbed: End, part: str
) -> None:
    assert undisturbed.incidents

    assert _run(product, kill=part) == undisturbed


def _run(product: Running, *, kill: str | None) -> End:
    demo = product.new_demo()
    starts_ms = time_ns() // 1_000_000 + 500
    run_id = f"project {demo.id}"
    visits = as_one_run(VISITS, run_id=run_id, starts_ms=starts_ms)
    progress = Progress(batches=sum(len(visit.batches) for visit in visits))
    endpoint = Endpoint(product.url, demo.key)
    failures: list[Exception] = []

    def send() -> None:
        try:
            replay(visits, endpoint, progress, stop=lambda: False)
        except Exception as failure:  # noqa: BLE001 handed to the test's thread, which raises it
            failures.append(failure)

    spooled = product.figure("irk_events_spooled_total")
    sending = Thread(target=send)
    sending.start()
    if kill:
        # In the middle of the arrivals, just before a batch is due: some are stored, that one must meet the fault.
        due_ms = sorted(visit.began_ms + batch.at_ms for visit in visits for batch in visit.batches)
        sleep((due_ms[len(due_ms) // 3] - KILLED_BEFORE_MS) / 1000 - time())
        _kill(product, kill)
        assert progress.sent < progress.batches
        # And again in the middle of a tick, most of which take some 100 ms: beat gives them out on the 10 s grid.
        sleep((TICK_MS - time_ns() // 1_000_000 % TICK_MS + 80) / 1000)
        _kill(product, kill)
    sending.join()
    assert not failures, failures
    assert progress.sent == progress.batches
    if kill in {"web", "clickhouse"}:
        met = progress.retries > 0 or product.figure("irk_events_spooled_total") > spooled
        assert met, "No batch met the fault, so nothing was tried."
    product.wait_until_drained()
    product.wait_until_decided(demo)
    signals = without_names(product.signals(demo), VISITS, run_id=run_id, starts_ms=starts_ms)
    return End(
        signals, sorted(product.incidents(demo), key=lambda incident: (incident["threshold"], str(incident["group"])))
    )


def _kill(product: Running, part: str) -> None:
    """kill -9 from outside, as the kernel's OOM killer would; returns when its supervisor has started it anew."""
    child = product.product.stack.clickhouse if part == "clickhouse" else product.product.children[part]
    killed = child.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    deadline = monotonic() + RESTARTED_WITHIN
    while child.pid in {None, killed}:
        assert monotonic() < deadline, f"{part} was not started anew within {RESTARTED_WITHIN} s."
        sleep(0.05)
