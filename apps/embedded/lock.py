"""One stack per data directory."""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunningError(Exception):
    """Another process runs a stack over the same data directory."""


class DirectoryLock:
    """Held by a running stack; the kernel gives it back however that process ends, so that no stale lock exists."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises AlreadyRunningError, which names the process that has it.
        """
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise AlreadyRunningError(
                f"The stack in {self._path.parent} is already running (process {holder}). "
                "Stop that one first, or give this one another data directory: IRK_DATA_DIR=<folder>."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give it back; does nothing when it is not held."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # emptied for people who look; the kernel's lock is what counts
                self._file.truncate(0)
            self._file.close()
            self._file = None
