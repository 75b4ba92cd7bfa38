"""How many requests a key may send: a count per minute in Redis, shared by every process.

Without Redis each process counts for itself: a limit too generous by the number of processes, but still a limit.
"""

import threading
import time

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

_WINDOW = 60
# Seconds. Counting must never be what a request waits for.
_REDIS_TIMEOUT = 0.25
# Seconds for which Redis is not asked again after it failed.
_REDIS_PAUSE = 5.0


class Counter:
    """Requests per key and minute."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=_REDIS_TIMEOUT,
            socket_timeout=_REDIS_TIMEOUT,
            # The driver's default is to try again for seconds.
            retry=Retry(NoBackoff(), 0),
        )
        self._paused_until = 0.0
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[int, int] = {}

    def count(self, key_id: int, *, now: float, monotonic: float) -> int:
        """Counts one request of `key_id` and returns how many it sent in the minute of `now` (seconds since 1970)."""
        window = int(now // _WINDOW)
        if monotonic >= self._paused_until:
            try:
                return self._count_in_redis(key_id, window)
            except redis.RedisError as error:
                self._paused_until = monotonic + _REDIS_PAUSE
                log.warning("ingest.rate.redis_unavailable", error=type(error).__name__)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            self._counts[key_id] = self._counts.get(key_id, 0) + 1
            return self._counts[key_id]

    def _count_in_redis(self, key_id: int, window: int) -> int:
        name = f"ingest:requests:{key_id}:{window}"
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.incr(name)
            pipeline.expire(name, 2 * _WINDOW)
            count, _ = pipeline.execute()
        return int(count)


_counters: dict[str, Counter] = {}


def seconds_to_wait(key_id: int) -> int | None:
    """Counts one request of the key. None when it may pass, else in how many seconds the next may."""
    counter = _counters.get(settings.REDIS_URL)
    if counter is None:
        counter = _counters.setdefault(settings.REDIS_URL, Counter(settings.REDIS_URL))
    # The wall clock, so that all processes mean the same minute. It decides about admission only, never about a row.
    now = time.time()
    if counter.count(key_id, now=now, monotonic=time.monotonic()) <= settings.INGEST_REQUESTS_PER_MINUTE:
        return None
    return int(_WINDOW - now % _WINDOW) + 1
