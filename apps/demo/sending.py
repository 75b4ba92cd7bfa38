"""Sending a batch over HTTP as the SDK does: gzip, and the same batch again until the product has stored it."""

import gzip
import http.client
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep, time_ns
from urllib.parse import quote, urlsplit

from apps.demo.recording import Body

# Seconds for one request, and for one batch with all its retries. The second leaves room for a part of the product to
# be killed, started again and recovered.
REQUEST_SECONDS = 10
BATCH_SECONDS = 90
# Seconds. The SDK waits 1 to 60 between tries; a replay on one machine has nobody to spare and somebody waiting.
LONGEST_WAIT_SECONDS = 2.0
# docs/ingest.md: refused for good, and sending it again cannot help.
_FINAL = {400, 401, 403, 404, 413, 415}


class RefusedError(Exception):
    """The product will not take the batch, now or later."""


class UnreachableError(Exception):
    """The product did not take the batch in time."""


@dataclass(frozen=True)
class Endpoint:
    """Where batches go. `product_url` is http://host:port, `key` a project's plain API key."""

    product_url: str
    key: str

    def send(self, body: Body, *, on_retry: Callable[[str], None] = lambda reason: None) -> int:
        """Sends `body` until it is stored and returns the number of accepted events. Thread-safe.

        Calls `on_retry` with the reason before each new try. Raises RefusedError, UnreachableError.
        """
        deadline = monotonic() + BATCH_SECONDS
        longest = 0.25
        while True:
            status, text, retry_after = self._post(_sent_now(body))
            if status == 200:
                return _accepted(text, sent=len(_events(body)))
            if status in _FINAL:
                raise RefusedError(f"The product refused a recorded batch with {status}: {text[:300]}")
            if monotonic() > deadline:
                raise UnreachableError(f"A batch was not stored within {BATCH_SECONDS} s: {text[:300]}")
            on_retry(f"{status or 'no connection'}: {text[:120]}")
            # Full jitter, so that the shoppers do not come back all at once.
            sleep(min(retry_after, LONGEST_WAIT_SECONDS) or random.uniform(0.05, longest))  # noqa: S311 not a secret
            longest = min(longest * 2, LONGEST_WAIT_SECONDS)

    def _post(self, data: bytes) -> tuple[int, str, float]:
        """One try: status (0 without an answer), text, and the seconds of Retry-After (0 where there is none)."""
        parts = urlsplit(self.product_url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=REQUEST_SECONDS)
        try:
            connection.request(
                "POST",
                f"/v1/events?k={quote(self.key)}",
                body=data,
                headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"},
            )
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            wait = response.getheader("Retry-After", "")
            return response.status, text, float(wait) if wait.isdecimal() else 0.0
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__, 0.0
        finally:
            connection.close()


def _sent_now(body: Body) -> bytes:
    """The batch as it goes out now: a late one says so on both clocks, or its events would pass for skewed."""
    mono, wall = body["sentMono"], body["sentWall"]
    if not isinstance(mono, int | float) or not isinstance(wall, int):
        raise RefusedError("A recorded batch does not say when it was sent.")
    late_ms = max(0, time_ns() // 1_000_000 - wall)
    sent = {**body, "sentMono": mono + late_ms, "sentWall": wall + late_ms}
    return gzip.compress(json.dumps(sent, ensure_ascii=False).encode(), mtime=0)


def _events(body: Body) -> list[object]:
    events = body["events"]
    return list(events) if isinstance(events, list) else []


def _accepted(text: str, *, sent: int) -> int:
    answer = json.loads(text)
    if rejected := answer["rejected"]:
        raise RefusedError(f"The product rejected {len(rejected)} of {sent} recorded events: {rejected[:3]}")
    return int(answer["accepted"])
