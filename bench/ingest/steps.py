"""The steps of a request, timed one by one in one process without a server. Argument: events in a batch.

What a step takes is the least of several runs, in CPU time. Then the functions in which a whole request spends its
time, as cProfile sees them: it slows down calls of Python functions most, so their share is too large.
"""

import cProfile
import io
import os
import pstats
import sys
import time
from collections.abc import Callable

import django

django.setup()

from apps.events import store  # noqa: E402 settings first
from apps.events.store import EncodedEvents  # noqa: E402
from apps.ingest import body, decoding, limits, writer  # noqa: E402
from apps.ingest.rows import columns_of  # noqa: E402
from bench.ingest.bodies import DIFFERENT, bodies  # noqa: E402
from config.ingest_wsgi import application  # noqa: E402

_TIMES, _RUNS = 300, 5
# Batches in an insert.
_TOGETHER = 32


class _Nowhere(writer.Writer):
    """Stores nothing: inserts are timed apart."""

    def store(self, events: EncodedEvents, *, size: int) -> None:
        """Does nothing."""


def main() -> None:
    """Prints the steps, then the functions."""
    events = int(sys.argv[1])
    now = time.time_ns() // 1_000_000
    sent, current = bodies(events=events), limits.current()
    texts = [body.inflate(each, encoding="", limits=current) for each in sent]
    decoded = [decoding.decode(text, current) for text in texts]
    columns = [columns_of(each, project_id=1, retention_days=90, received=now) for each in decoded]
    encoded = [store.encode(each) for each in columns]
    nowhere = _Nowhere(queue_bytes=0)
    writer.current = lambda: nowhere
    steps: dict[str, Callable[[int], object]] = {
        "inflate": lambda n: body.inflate(sent[n], encoding="", limits=current),
        "decode": lambda n: decoding.decode(texts[n], current),
        "columns": lambda n: columns_of(decoded[n], project_id=1, retention_days=90, received=now),
        "encode": lambda n: store.encode(columns[n]),
        "whole request, not stored": lambda n: _request(sent[n]),
    }
    print("µs CPU an event")
    for name, step in steps.items():
        print(f"{_least(step, times=_TIMES) / events * 1e6:8.2f}  {name}")
    insert = _least(lambda _: store.append(*encoded[:_TOGETHER]), times=10)
    print(f"{insert / events / _TOGETHER * 1e6:8.2f}  join and insert, {_TOGETHER} batches")
    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(lambda: [_request(sent[n % DIFFERENT]) for n in range(_TIMES)])
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(25)


def _least(step: Callable[[int], object], *, times: int) -> float:
    """Seconds of CPU that one call takes, in the best of `_RUNS` runs of `times` calls."""
    least = float("inf")
    for _ in range(_RUNS):
        begin = time.process_time()
        for number in range(times):
            step(number % DIFFERENT)
        least = min(least, (time.process_time() - begin) / times)
    return least


def _request(sent: bytes) -> bytes:
    """The answer to one request as gunicorn makes it. Raises SystemExit when it is refused."""
    statuses: list[str] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        statuses.append(status)
        return sys.stdout.buffer.write

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/events",
        "QUERY_STRING": f"k={os.environ['IRK_KEY']}",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent),
        "wsgi.url_scheme": "http",
    }
    answer = b"".join(application(environ, start_response))
    if statuses != ["200 OK"]:
        raise SystemExit(f"A request was refused: {statuses} {answer.decode()}")
    return answer


if __name__ == "__main__":
    main()
