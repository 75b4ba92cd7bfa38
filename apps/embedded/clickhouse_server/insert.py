"""An insert's blocks, set down as they arrive and handed to the engine as one file when the client is done.

So a client that vanishes has not touched the table at all. chDB's own streaming insert is not used because it swallows
failures: in chdb-core 26.9, `insert_done` reports success when a constraint, a materialized view or the limit of
partitions has stopped the insert. `INSERT … FROM INFILE` reports them.
"""

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from apps.embedded.clickhouse_server.engine import Outcome, Session
from apps.embedded.clickhouse_server.statement import Statement

MEMORY_BYTES: Final = 64 << 20  # a larger insert is set down on disk; the product's inserts are a few MB

# Where a process finds its own open files by number: as paths without a name, they cannot be taken for a glob pattern.
_OPEN_FILES: Final = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")


class Insert:
    """The blocks of one insert. Used as a context manager, it leaves nothing behind."""

    def __init__(self, session: Session, asked: Statement, *, folder: Path) -> None:
        self._session = session
        self._asked = asked
        self._folder = folder
        self._file = _memory_file() or _disk_file(folder)
        self._in_memory = hasattr(os, "memfd_create")
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, native: bytes) -> None:
        """Add one block in `FORMAT Native`.

        Raises OSError when the disk is full.
        """
        self._size += len(native)
        if self._in_memory and self._size > MEMORY_BYTES:
            self._move_to_disk()
        self._file.write(native)

    def commit(self) -> Outcome:
        """Insert them all; when this returns, the rows are in parts on disk.

        Raises EngineError.
        """
        if not self._size:
            return Outcome(b"", 0, 0)
        self._file.flush()
        self._file.seek(0)
        path = _OPEN_FILES / str(self._file.fileno())
        asked = self._asked
        return self._session.run(f"{asked.text} FROM INFILE '{path}' {asked.settings} FORMAT Native")

    def _move_to_disk(self) -> None:
        on_disk = _disk_file(self._folder)
        self._file.seek(0)
        shutil.copyfileobj(self._file, on_disk)
        self._file.close()
        self._file, self._in_memory = on_disk, False


def _memory_file() -> IO[bytes] | None:
    """A file that is never written to a disk; None where there is none (macOS)."""
    return os.fdopen(os.memfd_create("insert"), "w+b") if hasattr(os, "memfd_create") else None


def _disk_file(folder: Path) -> IO[bytes]:
    """A file without a name, which disappears with the process."""
    return tempfile.TemporaryFile(dir=folder)
