"""A session's frustration score. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from apps.detection.catalog import DEFINITIONS


@dataclass(frozen=True, slots=True)
class Part:
    """What the signals of one kind add to the score: `count` times `weight`."""

    title: str
    count: int
    weight: int

    @property
    def points(self) -> int:
        """Their share of the score."""
        return self.count * self.weight


def parts_of_score(kinds: Iterable[str]) -> list[Part]:
    """The score of a session with signals of these kinds, in parts, the largest first; their points add up to it.

    The weights are the definitions': fixed and published (docs/signals.md), never learned. A kind that this release
    does not have adds nothing.
    """
    counts = Counter(kinds)
    parts = [
        Part(definition.title, counts[definition.name], definition.weight)
        for definition in DEFINITIONS
        if definition.name in counts
    ]
    return sorted(parts, key=lambda part: (-part.points, part.title))
