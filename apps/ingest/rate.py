"""How many requests a key, an organization and an address may send in a minute.

Each process counts for itself and tells Redis every fifth of a second, in one go, what it counted; Redis answers with
what all of them counted. So a limit is overshot by no more than a fifth of a second's requests, a request never costs a
round trip of its own, and one over a limit costs nothing at all: it is refused before its body is read, and what is
refused is not counted. Without Redis each process's own count remains: too generous by the number of processes, but
still a limit.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

WINDOW = 60
# Seconds between two exchanges with Redis.
_INTERVAL = 0.2
# Seconds. Every _INTERVAL one request waits for the exchange.
_REDIS_TIMEOUT = 0.25
# Seconds for which Redis is not asked again after it failed.
_REDIS_PAUSE = 5.0
# Counts of one kind that a process keeps in a minute. Addresses can be made up; keys and organizations cannot.
_MOST_COUNTS = 50_000
# Counts in one exchange; the others follow with the next.
_MOST_EXCHANGED = 2_000

# unknown: look-ups of keys that do not exist, by address.
Kind = Literal["key", "organization", "address", "unknown"]


@dataclass(frozen=True)
class Subject:
    """Who is counted, and how many requests it may send in a minute."""

    kind: Kind
    name: str | int
    limit: int


@dataclass
class _Count:
    everywhere: int = 0
    unsent: int = 0


class Rates:
    """Requests by subject in the current minute. Safe for threads. `now` is in seconds since 1970, `monotonic` too."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=_REDIS_TIMEOUT,
            socket_timeout=_REDIS_TIMEOUT,
            # The driver's default is to try again for seconds.
            retry=Retry(NoBackoff(), 0),
        )
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[Kind, dict[str | int, _Count]] = {}
        # Those with something unsent, oldest first.
        self._unsent: dict[tuple[Kind, str | int], _Count] = {}
        self._exchanging = threading.Lock()
        self._next_exchange = 0.0

    def over(self, subject: Subject, *, now: float) -> bool:
        """Whether `subject` has no request left in this minute."""
        with self._lock:
            self._begin_window(now)
            count = self._counts.get(subject.kind, {}).get(subject.name)
            return count is not None and count.everywhere + count.unsent >= subject.limit

    def count(self, *subjects: Subject, now: float, monotonic: float) -> None:
        """Counts one request of each of `subjects`."""
        with self._lock:
            self._begin_window(now)
            for subject in subjects:
                counts = self._counts.setdefault(subject.kind, {})
                count = counts.get(subject.name)
                if count is None:
                    if len(counts) >= _MOST_COUNTS:
                        continue
                    count = counts[subject.name] = _Count()
                count.unsent += 1
                self._unsent[subject.kind, subject.name] = count
        # Whoever finds an exchange under way goes on without it.
        if monotonic >= self._next_exchange and self._exchanging.acquire(blocking=False):
            try:
                self._exchange(monotonic)
            finally:
                self._exchanging.release()

    def _begin_window(self, now: float) -> None:
        window = int(now // WINDOW)
        if window != self._window:
            self._window, self._counts, self._unsent = window, {}, {}

    def _exchange(self, monotonic: float) -> None:
        """Tells Redis what was counted here, and learns what was counted everywhere."""
        with self._lock:
            window = self._window
            sent = [(kind, name, count, count.unsent) for (kind, name), count in self._unsent.items()][:_MOST_EXCHANGED]
        try:
            totals = self._add(window, [(f"{kind}:{name}", unsent) for kind, name, _, unsent in sent])
        except redis.TimeoutError as error:
            # A Redis that is only slow counts them after we have gone: told anew each time, they would add up to many
            # times what was sent, and refuse people once it is quick again.
            totals = [count.everywhere + unsent for _, _, count, unsent in sent]
            self._leave_alone(monotonic, error)
        except redis.RedisError as error:
            self._leave_alone(monotonic, error)
            return
        else:
            self._next_exchange = monotonic + _INTERVAL
        with self._lock:
            for (kind, name, count, unsent), total in zip(sent, totals, strict=True):
                count.everywhere = total
                count.unsent -= unsent
                if count.unsent == 0 and window == self._window:
                    self._unsent.pop((kind, name), None)

    def _leave_alone(self, monotonic: float, error: redis.RedisError) -> None:
        self._next_exchange = monotonic + _REDIS_PAUSE
        log.warning("ingest.rate.redis_unavailable", error=type(error).__name__)

    def _add(self, window: int, counts: Sequence[tuple[str, int]]) -> list[int]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for name, unsent in counts:
                key = f"ingest:requests:{name}:{window}"
                pipeline.incrby(key, unsent)
                pipeline.expire(key, 2 * WINDOW)
            return [int(total) for total in pipeline.execute()[::2]]


_rates: dict[str, Rates] = {}


def current() -> Rates:
    """The process's counts, shared through settings.REDIS_URL. Made when first needed, so after a fork."""
    url = settings.REDIS_URL
    return _rates.get(url) or _rates.setdefault(url, Rates(url))


def forget() -> None:
    """Forgets what this process counted, for example between tests."""
    _rates.clear()


def seconds_left(subject: Subject) -> int | None:
    """None while `subject` has a request left in this minute, else the seconds until the next minute begins.

    By the wall clock, so that all processes mean the same minute. It decides about admission only, never about a row.
    """
    now = time.time()
    return int(WINDOW - now % WINDOW) + 1 if current().over(subject, now=now) else None


def count(*subjects: Subject) -> None:
    """Counts one request of each of `subjects`."""
    current().count(*subjects, now=time.time(), monotonic=time.monotonic())
