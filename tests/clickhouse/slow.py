"""A server that is slow, but never as slow as any one wait may be."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.proxy import Passage


@dataclass
class _Slow(Passage):
    seconds: float

    def to_client(self, chunk: bytes) -> bool:
        time.sleep(self.seconds)
        return True


def slow(*, seconds: float) -> Callable[[], Passage]:
    """Each of the server's answers passes after `seconds`."""
    return lambda: _Slow(seconds)
