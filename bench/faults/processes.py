"""A part's processes, from /proc (Linux)."""

import os
import signal
from pathlib import Path


def tree(pid: int | None) -> list[int]:
    """`pid` and all processes below it, parents first; empty when it is gone."""
    if pid is None:
        return []
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return [pid, *(each for child in children for each in tree(child))]


def send(pids: list[int], number: signal.Signals) -> None:
    """Sends a signal to each that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def resident_mib(pid: int) -> int:
    """MiB of its own that the process has resident; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    # Without what it shares with others, which Postgres's processes have in common.
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssFile:"))) // 1024
