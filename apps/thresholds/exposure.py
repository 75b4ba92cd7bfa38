"""How many sessions there were at all, with a signal or without: what a share is a share of. Pure.

The unit is the presence: a session had an event on a route in a 10 s cell (apps/detection/presences.sql). A
session counts once in a window, however many presences it has there.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from apps.detection.patterns import matches
from apps.thresholds.evaluation import LAG_MS, Rule
from apps.thresholds.matching import Group
from apps.thresholds.windows import GRID_MS, Step

# What is known of a cell later than this after its beginning came too late for the first window that holds it.
LATE_AFTER_MS = GRID_MS + LAG_MS


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose presences count: those that pass the rule's filters, on the group's route where it groups by route."""

    project_id: int
    route: str | None
    route_pattern: str
    environment: str
    release: str
    device: str

    def holds(self, *, route: str, environment: str, release: str, device: str) -> bool:
        """Whether presences of these traits count."""
        return (
            (route == self.route if self.route is not None else matches(self.route_pattern, route))
            and self.environment in {"", environment}
            and self.release in {"", release}
            and self.device in {"", device}
        )


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One session in one 10 s cell, and the tick that came to know of it. Times in ms since 1970."""

    session_id: str
    cell_ms: int
    known_ms: int

    @property
    def late(self) -> bool:
        """Whether the first window that holds the cell had been judged by the tick that came to know of it."""
        return self.known_ms > self.cell_ms + LATE_AFTER_MS


class Levels:
    """The number of sessions in the window at every window end, so that a stretch of ends is found at once."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        changes: defaultdict[int, int] = defaultdict(int)
        for step in steps:
            changes[step.end_ms] += step.change
        self._ends = sorted(changes)
        self._levels = list(accumulate(changes[end] for end in self._ends))

    def steps(self, *, first_ms: int, last_ms: int) -> list[Step]:
        """The steps that lead to the level at the end `first_ms`, and those after it up to `last_ms`."""
        begin, end = bisect_right(self._ends, first_ms), bisect_right(self._ends, last_ms)
        level = self._levels[begin - 1] if begin else 0
        found = [Step(first_ms, level)]
        for place in range(begin, end):
            found.append(Step(self._ends[place], self._levels[place] - level))
            level = self._levels[place]
        return found


@dataclass(frozen=True, slots=True)
class Exposure:
    """An audience's sessions over time, for windows of one length.

    `levels` is of the sessions of which everything was known in time, `late` of all others: what of them was known
    depends on the tick that asks.
    """

    levels: Levels = field(default_factory=Levels)
    late: Sequence[Seen] = ()

    def steps(self, *, window_ms: int, first_ms: int, last_ms: int, as_of_ms: int) -> list[Step]:
        """The steps for the window ends from `first_ms` to `last_ms`, as the tick `as_of_ms` knew them."""
        known = [seen for seen in self.late if seen.known_ms <= as_of_ms]
        found = self.levels.steps(first_ms=first_ms, last_ms=last_ms)
        return found + (Levels(steps_of(known, window_ms=window_ms)).steps(first_ms=first_ms, last_ms=last_ms))


NOBODY = Exposure()


def audience_of(rule: Rule, project_id: int, group: Group) -> Audience:
    """Whose sessions the group's are compared with. The element and the kind of signal do not narrow it down."""
    route = dict(group).get("route")
    return Audience(
        project_id=project_id,
        route=route,
        # A group's route has passed the pattern already.
        route_pattern=rule.route_pattern if route is None else "",
        environment=rule.environment,
        release=rule.release,
        device=rule.device,
    )


def steps_of(seen: Iterable[Seen], *, window_ms: int) -> list[Step]:
    """Where sessions enter and leave the window, in no order. exposure.sql says the same in SQL."""
    cells: defaultdict[str, set[int]] = defaultdict(set)
    for each in seen:
        cells[each.session_id].add(each.cell_ms)
    steps: list[Step] = []
    for of_session in cells.values():
        in_order = sorted(of_session)
        for before, cell in zip([None, *in_order], in_order, strict=False):
            # Until `before + window_ms` it is in the window still: it does not leave, and so it does not enter.
            if before is None or cell - before > window_ms:
                steps.append(Step(cell + GRID_MS, 1))
                if before is not None:
                    steps.append(Step(before + window_ms + GRID_MS, -1))
        steps.append(Step(in_order[-1] + window_ms + GRID_MS, -1))
    return steps
