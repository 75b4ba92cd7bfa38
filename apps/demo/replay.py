"""Replaying the recorded visits: as new shoppers, now, at the pace at which they were recorded."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import blake2b
from time import sleep, time_ns

from apps.demo.recording import Batch, Visit
from apps.demo.sending import Endpoint

# ms between one shopper's arrival and the next one's: they overlap, as in a real shop.
STAGGER_MS = 600


@dataclass
class Progress:
    """What has been sent so far. Read it from any thread."""

    batches: int
    sent: int = 0
    events: int = 0
    retries: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def stored(self, events: int) -> None:
        """Counts a batch that the product stored."""
        with self._lock:
            self.sent += 1
            self.events += events

    def retried(self, _reason: str) -> None:
        """Counts a try that has to be made again."""
        with self._lock:
            self.retries += 1


def moved(visit: Visit, *, run_id: str, starts_ms: int) -> Visit:
    """`visit` as if it had begun at `starts_ms` (ms since 1970), by a shopper of its own.

    Session and page view ids are derived from `run_id`, so that two runs never meet and one run can be repeated. Both
    clocks of each batch move by the same amount, so that intervals and skew stay what they were.
    """
    shift = starts_ms - visit.began_ms
    return Visit(name=visit.name, batches=tuple(_moved(batch, run_id=run_id, shift=shift) for batch in visit.batches))


def as_one_run(visits: Sequence[Visit], *, run_id: str, starts_ms: int) -> tuple[Visit, ...]:
    """`visits` moved to one run in which the shoppers arrive STAGGER_MS apart."""
    return tuple(
        moved(visit, run_id=run_id, starts_ms=starts_ms + place * STAGGER_MS) for place, visit in enumerate(visits)
    )


def replay(visits: Sequence[Visit], endpoint: Endpoint, progress: Progress, *, stop: Callable[[], bool]) -> None:
    """Sends every batch of `visits` when its time has come, the visits side by side, each in its order.

    Returns when all are stored, or early when `stop` says so. Raises what Endpoint.send raises.
    """
    with ThreadPoolExecutor(max_workers=len(visits), thread_name_prefix="shopper") as shoppers:
        runs = [shoppers.submit(_send, visit, endpoint, progress, stop) for visit in visits]
    for run in runs:
        run.result()


def _send(visit: Visit, endpoint: Endpoint, progress: Progress, stop: Callable[[], bool]) -> None:
    for batch in visit.batches:
        due_ms = visit.began_ms + batch.at_ms
        while not stop() and (left_ms := due_ms - time_ns() // 1_000_000) > 0:
            sleep(min(left_ms, 200) / 1000)
        if stop():
            return
        progress.stored(endpoint.send(batch.body, on_retry=progress.retried))


def _moved(batch: Batch, *, run_id: str, shift: int) -> Batch:
    body = {
        **batch.body,
        "sid": _fresh(batch.text("sid"), run_id),
        "page": _fresh(batch.text("page"), run_id),
        "origin": batch.integer("origin") + shift,
        "sentWall": batch.integer("sentWall") + shift,
    }
    return replace(batch, body=body)


def _fresh(recorded_id: str, run_id: str) -> str:
    return blake2b(f"{run_id}/{recorded_id}".encode(), digest_size=16).hexdigest()
