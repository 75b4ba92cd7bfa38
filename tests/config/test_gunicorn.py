"""What gunicorn does with figures of processes that are gone, a worker's memory, and requests that nobody answered."""

import json
import logging
import os
import platform
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

from apps.core.arrivals import arrivals
from config import gunicorn
from config.gunicorn_worker import Worker

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


def test_a_failure_that_no_view_answered_is_a_500_in_the_form_of_every_refusal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker.__new__(Worker)
    worker.log = logging.getLogger("gunicorn.error.test")
    ours, client = socket.socketpair()
    with ours, client:
        worker.handle_error(None, ours, ("192.0.2.1", 1), RuntimeError("a secret detail"))
        head, _, body = client.recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert json.loads(body)["error"]["code"] == "internal"
    assert "secret" not in body.decode()
    assert "a secret detail" in caplog.text


class Poller:
    """Where a worker's connections are watched."""

    def unregister(self, client: object) -> None:
        """Nobody is."""


class Alone(Worker):
    """Handles requests as they come, and tells how many were on their way each time."""

    def __init__(self, *, threads: int, served: int) -> None:
        self.log, self.cfg, self.poller = logging.getLogger("gunicorn.error.test"), Config(), Poller()
        self.cfg.set("threads", threads)
        self.keepalived_conns: deque[TConn] = deque()
        self.pending_conns: deque[TConn] = deque([None])
        self.nr_conns = served + 1
        self.on_their_way: list[int] = []

    def enqueue_req(self, conn: TConn) -> None:
        """Without a pool of threads."""
        self.on_their_way.append(arrivals.on_their_way)
        self.handle(conn)


@pytest.mark.parametrize(("served", "counted"), [(0, 1), (3, 1), (4, 0)])
def test_requests_of_known_connections_that_a_thread_is_free_for_are_counted_until_they_are_handled(
    served: int, counted: int
) -> None:
    worker = Alone(threads=4, served=served)
    ours, client = socket.socketpair()
    with ours, client:
        conn = TConn(worker.cfg, ours, ("192.0.2.1", 1), ("192.0.2.2", 2))
        conn.init()
        worker.keepalived_conns.append(conn)
        worker.nr_conns += 1
        # It has gone, which the poller tells as something to read.
        client.close()
        worker.on_client_socket_readable(conn, ours)
        # A new connection is handled without having been heard.
        worker.enqueue_req(conn)
    assert worker.on_their_way == [counted, 0]
    assert arrivals.on_their_way == 0
