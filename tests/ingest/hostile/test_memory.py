"""No single request, whatever it holds, makes a worker take more than a few megabytes over what it has when idle."""

import gzip
import re
from pathlib import Path

import pytest

from apps.projects.keys import NewKey
from tests.ingest.batches import batch, click, encoded
from tests.ingest.hostile.large import INFLATED, LARGE, bombs
from tests.ingest.own_server import Server, chunked, head

pytestmark = pytest.mark.django_db(transaction=True)

# MiB over idle. What a body may have inflated is 2 of them.
MOST = 8


class Worker:
    """The one worker of a gunicorn, as the kernel sees it."""

    def __init__(self, server: Server) -> None:
        arbiter = server.process.pid
        [self._pid] = Path(f"/proc/{arbiter}/task/{arbiter}/children").read_text().split()

    def forget_peak(self) -> None:
        """From now on the peak is counted anew."""
        # proc(5): 5 resets the peak resident set size to what is resident now.
        Path(f"/proc/{self._pid}/clear_refs").write_text("5")

    def megabytes(self, name: str) -> float:
        """`VmRSS` or `VmHWM`, its peak, in MiB."""
        [kilobytes] = re.findall(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{self._pid}/status").read_text(), re.MULTILINE)
        return int(kilobytes) / 1024


@pytest.fixture(scope="module")
def worker(shared_server: Server) -> Worker:
    return Worker(shared_server)


def peak_of(request: bytes, *, server: Server, key: NewKey, worker: Worker) -> tuple[int, float]:
    """The status that `request` gets, and by how many MiB the worker rises over idle meanwhile."""
    ordinary = encoded(batch(click(1)))
    # A thread makes its connections with its first request; they are not this request's.
    for _ in range(3):
        assert server.exchange(head(key, f"Content-Length: {len(ordinary)}") + ordinary)[0] == 200
    worker.forget_peak()
    idle = worker.megabytes("VmRSS")
    status = server.exchange(request)[0]
    return status, worker.megabytes("VmHWM") - idle


@pytest.mark.parametrize("name", LARGE)
def test_a_large_body_takes_little_more_memory_than_itself(
    server: Server, key: NewKey, worker: Worker, name: str
) -> None:
    body, expected = LARGE[name]
    assert len(body) <= INFLATED
    packed = gzip.compress(body, compresslevel=1)
    status, rise = peak_of(head(key, f"Content-Length: {len(packed)}") + packed, server=server, key=key, worker=worker)
    assert status == expected
    assert rise < MOST


@pytest.mark.parametrize("name", bombs())
@pytest.mark.parametrize("how", ["with its length", "in chunks"])
def test_a_bomb_takes_little_more_memory_than_what_is_allowed(
    server: Server, key: NewKey, worker: Worker, name: str, how: str
) -> None:
    packed, expected = bombs()[name]
    if how == "in chunks":
        request = head(key, "Transfer-Encoding: chunked") + chunked(packed, size=4096)
    else:
        request = head(key, f"Content-Length: {len(packed)}") + packed
    status, rise = peak_of(request, server=server, key=key, worker=worker)
    assert status == expected
    assert rise < MOST
