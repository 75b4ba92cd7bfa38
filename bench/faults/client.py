"""A client that follows docs/ingest.md, and writes down what it sent and what was acknowledged."""

import gzip
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from bench.faults.visits import PAGE_AGE_MS, Delivery, Key

# Seconds for one request; longer than the endpoint may take for any.
_REQUEST_SECONDS = 12
# Seconds between two tries at most. The SDK waits longer: this asks more of a server that recovers.
_LONGEST_WAIT = 1.0
_THREADS = 16
# Refused for good: nothing that is sent here gives a reason for it.
_FINAL = {400, 401, 403, 404, 405, 413, 415}


@dataclass
class Ledger:
    """What was sent and what was acknowledged, and how tries ended (by status; 0: no answer). Safe for threads."""

    sent: set[Key] = field(default_factory=set)
    acknowledged: set[Key] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sending(self, keys: set[Key]) -> None:
        with self._lock:
            self.sent |= keys

    def answered(self, status: int, keys: set[Key], text: str) -> None:
        with self._lock:
            self.answers[status] += 1
            if status == 200:
                self.acknowledged |= keys
            if status in _FINAL or status == 500:
                self.refusals.append(f"{status}: {text[:300]}")


class Client:
    """Sends deliveries at their times, each until it is acknowledged or the client is told to give up."""

    def __init__(self, port: int, key: str, deliveries: Sequence[Delivery], *, seed: int) -> None:
        self.ledger = Ledger()
        self._port = port
        self._path = f"/v1/events?k={key}"
        self._random = Random(seed)
        self._queue = list(reversed(deliveries))
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        self._began = time.monotonic()
        self._origin_ms = time.time_ns() // 1_000_000 - PAGE_AGE_MS
        self._threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(_THREADS)]

    def start(self) -> None:
        """Begins to send."""
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def finish(self, *, seconds: float) -> bool:
        """Waits until everything is acknowledged. False: not within `seconds`; what is left is given up then."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        done = not any(thread.is_alive() for thread in self._threads)
        self._given_up.set()
        for thread in self._threads:
            thread.join()
        return done

    def send(self, delivery: Delivery) -> bool:
        """Sends one delivery now, until it is acknowledged. False: refused for good, or given up."""
        keys = {(delivery.visit.page, n) for n in delivery.ns}
        self.ledger.sending(keys)
        tries = 0
        while not self._given_up.is_set():
            status, text, retry_after = self._post(delivery, tries)
            self.ledger.answered(status, keys, text)
            if status == 200 or status in _FINAL:
                return status == 200
            tries += 1
            # Full jitter, as the contract asks.
            longest = min(_LONGEST_WAIT, retry_after or 0.1 * 2**tries)
            self._given_up.wait(self._random.uniform(0, longest))
        return False

    def _send_all(self) -> None:
        while not self._given_up.is_set():
            with self._lock:
                if not self._queue:
                    return
                delivery = self._queue.pop()
            self._given_up.wait(max(0.0, self._began + delivery.at - time.monotonic()))
            if not self._given_up.is_set():
                self.send(delivery)

    def _post(self, delivery: Delivery, tries: int) -> tuple[int, str, float]:
        """One try: status (0 without an answer), text, and the seconds of Retry-After (0 where there is none)."""
        now_ms = time.time_ns() // 1_000_000
        batch = {
            "v": 1,
            "sdk": "faults",
            "sid": delivery.visit.session,
            "page": delivery.visit.page,
            "try": tries,
            "origin": self._origin_ms,
            "sentMono": now_ms - self._origin_ms,
            "sentWall": now_ms,
            "ctx": {"release": "1", "environment": "faults"},
            "events": [delivery.visit.events[n] for n in delivery.ns],
        }
        body = gzip.compress(json.dumps(batch).encode(), compresslevel=1)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_REQUEST_SECONDS)
        try:
            connection.request("POST", self._path, body=body, headers={"Content-Type": "text/plain"})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            wait = response.getheader("Retry-After", "")
            return response.status, text, float(wait) if wait.isdecimal() else 0.0
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__, 0.0
        finally:
            connection.close()
