"""Stopping before the disk is full.

chdb-core 26.9 does not notice that a write failed. Without space it renames parts into place whose files are empty, of
merges and of inserts that it then reports as done (strace shows each write fail with ENOSPC and the rename follow, on
ext4 as on tmpfs). So

* the engine is told to leave `KEPT_BYTES` free: it refuses inserts and merges below that, in order;
* where something else fills the disk, the process ends at once, as by kill -9. A thread looks every PERIOD_SECONDS, and
  nothing is acknowledged without a look;
* it does not start before `KEPT_BYTES` are free. The engine then sets aside parts that are broken and takes up again
  those that they were merged from, which it keeps for eight minutes (`old_parts_lifetime`).
"""

import logging
import os
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

KEPT_BYTES: Final = 64 << 20
FEWEST_BYTES: Final = 16 << 20  # far more than the engine writes in one period
PERIOD_SECONDS: Final = 0.02
_START_PERIOD_SECONDS: Final = 1.0


class FreeSpace:
    """The space that is left where `folder` is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wait(self) -> None:
        """Returns once there is enough to start with."""
        while (free := self._bytes()) < KEPT_BYTES:
            log.warning("%d MiB are free at %s, %d are needed to start.", free >> 20, self._folder, KEPT_BYTES >> 20)
            time.sleep(_START_PERIOD_SECONDS)

    def watch(self) -> None:
        """Looks again and again, in a thread of its own."""
        threading.Thread(target=self._look_on, name="free space", daemon=True).start()

    def look(self) -> None:
        """Returns if there is enough; else nothing of this process goes on."""
        if self._bytes() < FEWEST_BYTES:
            log.critical("The disk at %s is full. Stopping, as the engine would not notice.", self._folder)
            os.kill(os.getpid(), signal.SIGKILL)

    def _look_on(self) -> None:
        while True:
            self.look()
            time.sleep(PERIOD_SECONDS)

    def _bytes(self) -> int:
        return shutil.disk_usage(self._folder).free
