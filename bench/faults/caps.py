"""Memory and queues while faults come and go, against their caps."""

import threading
import time
from types import TracebackType
from typing import Self

from bench.faults import processes
from bench.faults.installation import SPOOL_BYTES, Installation
from bench.faults.reading import Reading

# MiB resident of any one process of a part. The undisturbed product needs about a half of each; ClickHouse's is what
# the embedded engine may take for all queries together.
MEMORY_MIB = {"web": 250, "worker": 300, "beat": 200, "clickhouse": 4096, "redis": 64, "postgres": 256}
# Tasks in Redis: a minute without a worker asks for six ticks and twelve drains.
QUEUED_TASKS = 50
_INTERVAL = 0.5


class Watch:
    """Looks at the processes' memory while the block runs. `peaks`: MiB by part."""

    def __init__(self, installation: Installation) -> None:
        self.peaks = dict.fromkeys(MEMORY_MIB, 0)
        self._installation = installation
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._ended.wait(_INTERVAL):
            for part in self.peaks:
                pids = processes.tree(self._installation.children[part].pid)
                self.peaks[part] = max([self.peaks[part], *(processes.resident_mib(pid) for pid in pids)])


def exceeded(installation: Installation, reading: Reading, peaks: dict[str, int]) -> list[str]:
    """What is above its cap, or still held though all has been answered. Call it when nothing is under way."""
    found = [
        f"{part}: {peak} MiB in one process, {MEMORY_MIB[part]} allowed"
        for part, peak in peaks.items()
        if peak > MEMORY_MIB[part]
    ]
    if (tasks := reading.queued_tasks()) > QUEUED_TASKS:
        found.append(f"{tasks} tasks wait in Redis, {QUEUED_TASKS} allowed")
    if (size := reading.spool_bytes()) != 0:
        found.append(f"the empty spool says that it holds {size} bytes of {SPOOL_BYTES}")
    if (held := _held(installation)) != 0:
        found.append(f"web says that it still holds {held:.0f} bytes of events")
    return found


def _held(installation: Installation) -> float:
    """Bytes that web says are not durable yet; asked again for a moment, as an answer is sent before it is counted."""
    deadline = time.monotonic() + 5
    while True:
        try:
            held = installation.figure("irk_ingest_queued_bytes")
        except OSError:
            held = -1.0
        if held == 0 or time.monotonic() > deadline:
            return held
        time.sleep(0.2)
