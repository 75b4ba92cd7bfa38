"""Gunicorn's settings, for every way of starting it: `gunicorn -c config/gunicorn.py config.wsgi`.

Its own lines become JSON like everybody's. The numbers can be changed on the command line.
"""

import ctypes
import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from prometheus_client import multiprocess

from apps.core import logs

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
    from gunicorn.workers.base import Worker  # type: ignore[import-untyped]


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger without an access log.

    Where logging is configured by a dict, gunicorn puts an access line together for each request, to nobody: 3 % of
    what the ingest endpoint costs.
    """

    access_log_enabled = False


worker_class = "config.gunicorn_worker.Worker"
workers = 2
threads = 8
graceful_timeout = 20
# By default a proxy on the same machine may set SCRIPT_NAME by a header, so a client could send one through it, which
# gunicorn answers with 500. The product lives at the root of its host.
forwarder_headers = ""
# Nothing here is driven from outside, so no socket for it.
control_socket_disable = True
# django-structlog writes one line a request, with its id; gunicorn's access log would be a second one.
accesslog = None
logger_class = QuietLogger
logconfig_dict = logs.configure(level=os.environ.get("LOG_LEVEL", "INFO"))
logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": ["stderr"], "level": "INFO", "propagate": False}


def on_starting(server: "Arbiter") -> None:
    """Takes the queues of workers that died together with their master out of the sums in /metrics."""
    # Linux tells which files a process has open.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ or not Path("/proc/self/maps").exists():
        return
    for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not _uses(pid, file):
            multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _uses(pid: int, file: Path) -> bool:
    """Whether a process of this number has the file open; its number alone may be another's by now."""
    try:
        return file.name in Path(f"/proc/{pid}/maps").read_text()
    except FileNotFoundError:
        return False
    except PermissionError:
        # Another user's, so not a worker that died here.
        return True


def child_exit(server: "Arbiter", worker: "Worker") -> None:
    """Takes a dead worker's queues out of the sums in /metrics; its counters stay."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: "Worker") -> None:
    """Makes memory that large requests took go back at once, keeps few heaps, and collects garbage rarely."""
    _return_large_blocks()
    _keep_few_heaps()
    _collect_rarely()


# glibc's numbers (malloc.h) for the size from which a block has pages of its own, and for how many heaps there may be.
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
# Bytes.
_LARGE_BLOCK = 256 * 1024
_HEAPS = 2


def _return_large_blocks() -> None:
    """Gives the pages of a large block back when it is freed.

    Left alone, glibc raises that size with every large block it sees freed, up to 32 MiB, and each thread keeps the
    largest it ever had: 5 MiB a thread after one full-sized body each.
    """
    _mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def _keep_few_heaps() -> None:
    """Has the threads share heaps, which they hardly ever need at once: Python lets one of them run at a time.

    Left alone, glibc gives eight heaps to each core, and each fills up with what any of its threads ever needed at
    once: with 64 threads on two cores a worker grew by 45 MiB, for hours (`bin/bench ingest --soak`).
    """
    _mallopt(_M_ARENA_MAX, _HEAPS)


def _mallopt(number: int, value: int) -> None:
    # Other C libraries do not have it.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(number, value)


def _collect_rarely() -> None:
    """Spares the garbage collector what lives as long as the worker, and the short lives of requests.

    Reference counts free nearly all that a request makes. Looking for cycles after every 700 new objects, Python's
    default, took a sixth of the ingest endpoint's time and more (`bin/bench ingest`); 50,000 objects are some 10 MB.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
