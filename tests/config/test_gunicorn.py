"""What gunicorn does with the figures of processes that are gone, and with a worker's memory."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from config import gunicorn

SEVEN = """
import sys
from prometheus_client import Gauge
Gauge('queued', 'Seven.', multiprocess_mode='livesum').set(7)
print('set', flush=True)
sys.stdin.read()
"""

HEAPS_OF_SIXTEEN_THREADS = """
import ctypes, sys, threading
from config import gunicorn
if sys.argv[1] == "as in a worker":
    gunicorn.post_worker_init(None)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(16)
def allocate():
    together.wait()
    libc.malloc(100_000)
threads = [threading.Thread(target=allocate) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no heaps to count")
def test_the_threads_of_a_worker_share_two_heaps() -> None:
    heaps = {
        where: subprocess.run(
            [sys.executable, "-c", HEAPS_OF_SIXTEEN_THREADS, where], check=True, capture_output=True, text=True
        ).stdout.count("<heap nr=")
        for where in ("as in a worker", "elsewhere")
    }

    assert heaps["as in a worker"] == 2
    assert heaps["elsewhere"] > 2


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has open is told by Linux")
def test_the_queues_of_workers_that_died_with_their_master_are_not_counted_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", SEVEN], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    # A process that lives has the number of one that is gone.
    (tmp_path / f"gauge_livesum_{os.getpid()}.db").touch()
    with subprocess.Popen([sys.executable, "-c", SEVEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"set\n"
        gunicorn.on_starting(None)
        assert [path.name for path in tmp_path.iterdir()] == [f"gauge_livesum_{worker.pid}.db"]
