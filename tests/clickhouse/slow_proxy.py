"""A TCP proxy before a server that is slow, but never as slow as any one wait may be."""

import time
from dataclasses import dataclass

from tests.proxy import Passage, Proxy


@dataclass
class _Slow(Passage):
    seconds: float

    def to_client(self, chunk: bytes) -> bool:
        time.sleep(self.seconds)
        return True


def slow_proxy(port: int, *, seconds: float) -> Proxy:
    """Passes each of the server's answers after `seconds`."""
    return Proxy(port, lambda: _Slow(seconds))
