"""Which signals a project's suppressions hide. Pure: no Django, no driver, no clock.

A suppression hides the signals that *begin* while it is in force, by the time of their first event. So what it hides
depends on neither the order of arrival nor the tick that looks, and ending it brings nothing back that it hid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from apps.detection.patterns import matches
from apps.detection.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiding:
    """A suppression as rules see it. Empty `kind`, `route_pattern` and `element_pattern` fit everything.

    In force in [from_ms, until_ms), ms since 1970.
    """

    id: int
    kind: str
    route_pattern: str
    element_pattern: str
    from_ms: int
    until_ms: int


# Project → its suppressions, in order of their ids.
HidingByProject: TypeAlias = Mapping[int, Sequence[Hiding]]

NOTHING_HIDDEN: HidingByProject = {}


def hidden_by(signal: Signal, hidings: Iterable[Hiding]) -> int:
    """The id of the first of `hidings` that hides the signal; 0 where none does."""
    for hiding in hidings:
        if (
            hiding.from_ms <= signal.ts_ms < hiding.until_ms
            and hiding.kind in {"", signal.kind}
            and matches(hiding.route_pattern, signal.route)
            and matches(hiding.element_pattern, signal.element)
        ):
            return hiding.id
    return 0
