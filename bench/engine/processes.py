"""Peak memory and CPU time of a process, where the system tells them (Linux)."""

import os
from pathlib import Path


def reset_peak(pid: int | None) -> None:
    """Begins anew. Where that is not possible, the peak will be that of the process's whole life."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_mib(pid: int | None) -> int | None:
    """The most MiB that the process had resident since; None where nobody tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM:")), None)


def cpu_s(pid: int | None) -> float | None:
    """The CPU seconds that the process has used in its life; None where nobody tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    # proc(5): the name in brackets may hold spaces; utime and stime are the 14th and 15th field, in clock ticks.
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def cpu_s_with(pid: int | None) -> float | None:
    """The CPU seconds that the process and this one have used."""
    its, ours = cpu_s(pid), cpu_s(os.getpid())
    return its + ours if its is not None and ours is not None else None
