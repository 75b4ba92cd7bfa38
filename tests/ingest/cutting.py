"""Cutting connections where an insert's outcome is known to the test and to nobody else."""

from collections.abc import Callable
from itertools import count
from typing import Final, Literal

from tests.proxy import Passage

# Stands in a batch's session id; lz4 leaves a text that it sees for the first time as it is.
MARKER: Final = "cut-here-0001"

Moment = Literal["before the rows arrive", "after the rows were stored"]


class _Cut(Passage):
    def __init__(self, moment: Moment, may_cut: Callable[[], bool]) -> None:
        self._moment = moment
        self._may_cut = may_cut
        self._seen = b""
        self._armed = False

    def to_server(self, chunk: bytes) -> bool:
        self._seen = (self._seen + chunk)[-200_000:]
        if MARKER.encode() not in self._seen or not self._may_cut():
            return True
        self._seen = b""
        self._armed = self._moment == "after the rows were stored"
        return self._armed

    def to_client(self, chunk: bytes) -> bool:
        # The server answers only after the last block: what it says now is that the rows are stored.
        return not self._armed


def cutting(*, moment: Moment, cuts: int) -> Callable[[], Passage]:
    """The next `cuts` connections that carry MARKER are cut."""
    # Taking the next number is one step, however many connections do.
    carrying = count()
    return lambda: _Cut(moment, lambda: next(carrying) < cuts)
