"""What an earlier, uncleanly ended start may have left: a lock that nobody holds, or processes that still hold one."""

import fcntl
import json
import logging
import os
import signal
import time
from pathlib import Path
from typing import Final

from apps.embedded.warden import started_at

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.05
_EXTRA_SECONDS: Final = 5.0  # beyond the grace that a warden gives its command


class StillRunningError(Exception):
    """A process of an earlier start cannot be ended."""


def clear(lock: Path, *, name: str, patience_seconds: float) -> None:
    """Return once nothing holds `lock`, the lock that a warden and its command share.

    After a supervisor's death its wardens stop their commands by themselves, so this waits first; what is left then is
    killed, if it is certainly the process that the lock names.

    Raises StillRunningError.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    if _is_free(lock):
        return
    log.warning("%s of an earlier start still runs; waiting for it to stop.", name)
    if _becomes_free(lock, patience_seconds + _EXTRA_SECONDS):
        return
    pid, start = _holder(lock)
    if pid and start == started_at(pid):
        log.warning("%s of an earlier start (process %d) does not stop and is killed.", name, pid)
        os.kill(pid, signal.SIGKILL)
    if not _becomes_free(lock, _EXTRA_SECONDS):
        raise StillRunningError(
            f"A process of an earlier start of {name} still holds {lock}. "
            f"Find it with `fuser {lock}`, stop it and try again."
        )


def _is_free(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _becomes_free(lock: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not _is_free(lock):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _holder(lock: Path) -> tuple[int, str]:
    try:
        pid, start = json.loads(lock.read_text())
    except (OSError, ValueError):
        return 0, ""
    return pid, start
