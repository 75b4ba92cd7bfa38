"""Requests that have arrived in this process and are still on their way to where they wait for each other.

A server knows of a request long before a thread gets to it where many come at once: Python runs one thread at a time.
Who makes something for all of them together (`apps.ingest.writer`) can wait for those that are nearly there.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Arrivals:
    """Counts requests from their arrival until they are there. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all_there = threading.Condition(self._lock)
        self._on_their_way = 0
        # Whether this thread serves one that is on its way.
        self._mine = threading.local()

    @property
    def on_their_way(self) -> int:
        """How many have arrived and are not there."""
        return self._on_their_way

    def arrived(self) -> None:
        """To be called by whoever learns of a request, which some thread will then be `serving`."""
        with self._lock:
            self._on_their_way += 1

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The block serves one that arrived. With its end it is on its way no longer, wherever it got to."""
        self._mine.on_its_way = True
        try:
            yield
        finally:
            self.there()

    def there(self) -> None:
        """This thread's request, if it serves one, is where it is waited for."""
        if getattr(self._mine, "on_its_way", False):
            self._mine.on_its_way = False
            with self._lock:
                self._on_their_way -= 1
                if not self._on_their_way:
                    self._all_there.notify_all()

    def wait(self, *, seconds: float) -> None:
        """Returns when none is on its way, or after so long."""
        if seconds > 0 and self._on_their_way:
            with self._all_there:
                self._all_there.wait_for(lambda: not self._on_their_way, timeout=seconds)


# The process's. A fork makes a copy, of none: requests arrive in workers.
arrivals = Arrivals()
