"""When an event happened, given what the browser said and when its batch came in. Pure; everything in ms since 1970.

Integers throughout, so that no time however absurd overflows before it is judged.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

# Up to this skew a client's clock is taken at its word, so that an event's time does not depend on its batch.
TRUSTED_SKEW: Final = 30_000
OLDEST: Final = 7 * 86_400_000
NEWEST: Final = 5 * 60_000

# The range of ClickHouse's DateTime64(3): 1900-01-01 to 2299-12-31, UTC.
_EARLIEST_STORABLE: Final = -2_208_988_800_000
_LATEST_STORABLE: Final = 10_413_791_999_999


class Placing(NamedTuple):
    """An event on the common timeline. `evaluable` is false when it is too old or too new for any rule to look at."""

    client_ts: int
    ts: int
    flags: tuple[str, ...]

    @property
    def evaluable(self) -> bool:
        """Whether rules may see the event."""
        return "too_old" not in self.flags and "too_new" not in self.flags


def skew_of(*, origin: int, sent_mono: int, received: int) -> int:
    """By how many ms the client's timeline lags ours; 0 while that is within TRUSTED_SKEW.

    It is taken from the page's own timeline (origin + monotonic time), not from the wall clock at sending: a laptop
    that slept has a right wall clock and a page whose events all lie hours back. The time on the network is part of it;
    that is seconds, and the trusted span swallows it.
    """
    skew = received - (origin + sent_mono)
    return 0 if abs(skew) <= TRUSTED_SKEW else skew


def place(*, origin: int, t: int, skew: int, received: int) -> Placing:
    """Places an event that happened `t` ms after `origin` and whose batch came in at `received` with `skew`."""
    client_ts = origin + t
    ts = client_ts + skew
    flags: tuple[str, ...] = ("skew_corrected",) if skew else ()
    if ts < received - OLDEST:
        flags += ("too_old",)
    elif ts > received + NEWEST:
        flags += ("too_new",)
    return Placing(client_ts=_storable(client_ts), ts=_storable(ts), flags=flags)


class Placings(NamedTuple):
    """The placings of a batch's events, by column."""

    client_ts: list[int]
    ts: list[int]
    flags: list[tuple[str, ...]]
    evaluable: list[bool]


def place_all(*, origin: int, ts: Sequence[int], skew: int, received: int) -> Placings:
    """What `place` says of each t in `ts`, faster where all of them are neither too old nor too new."""
    if not ts:
        return Placings([], [], [], [])
    first, last = origin + min(ts), origin + max(ts)
    ordinary = first + skew >= received - OLDEST and last + skew <= received + NEWEST
    if ordinary and _storable(first) == first and _storable(last) == last:
        client_ts = [origin + t for t in ts]
        flags: tuple[str, ...] = ("skew_corrected",) if skew else ()
        return Placings(
            client_ts=client_ts,
            ts=[moment + skew for moment in client_ts] if skew else client_ts,
            flags=[flags] * len(ts),
            evaluable=[True] * len(ts),
        )
    placings = [place(origin=origin, t=t, skew=skew, received=received) for t in ts]
    return Placings(
        client_ts=[placing.client_ts for placing in placings],
        ts=[placing.ts for placing in placings],
        flags=[placing.flags for placing in placings],
        evaluable=[placing.evaluable for placing in placings],
    )


def _storable(milliseconds: int) -> int:
    return min(max(milliseconds, _EARLIEST_STORABLE), _LATEST_STORABLE)
