"""What was known at each tick of signals, and of who was there. Pure: no Django, no driver, no clock.

A tick writes a signal anew when later events change it; each such row is a `Known`. Of one signal, the row with the
highest version that is not above a tick's `as_of` is what that tick knew.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from itertools import groupby

from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import NOBODY, Exposure, Seen
from apps.thresholds.matching import Group, Traits, counts, group_of
from apps.thresholds.windows import GRID_MS, NEVER_MS, Point, cell_of


@dataclass(frozen=True, slots=True)
class Known:
    """One row of the signals' history. `tick_ms` is as_of of the tick that wrote it, `ts_ms` when the signal began."""

    signal_id: str
    tick_ms: int
    retracted: bool
    ts_ms: int
    traits: Traits
    point: Point
    # The suppression that hides it; 0: none.
    suppressed_by: int = 0
    # From this moment on, ms, it is past its retention and counts no more.
    kept_until_ms: int = NEVER_MS

    @property
    def due_ms(self) -> int:
        """The tick that has to look at it: the one that wrote it, or the first after a moment that lay ahead of it."""
        return self.tick_ms if self.ts_ms < self.tick_ms else cell_of(self.ts_ms) + GRID_MS


def by_group(rows: Iterable[Known], rule: Rule) -> dict[Group, list[Known]]:
    """The rows that the rule counts, by its groups, in order of groups; of each group in order of arrival."""
    taken: dict[Traits, Group | None] = {}
    groups: defaultdict[Group, list[Known]] = defaultdict(list)
    for row in rows:
        if row.traits not in taken:
            taken[row.traits] = group_of(rule, row.traits) if counts(rule, row.traits) else None
        group = taken[row.traits]
        if group is not None:
            groups[group].append(row)
    return {
        group: sorted(groups[group], key=lambda row: (row.due_ms, row.tick_ms, row.signal_id))
        for group in sorted(groups)
    }


def arrivals(rows: Sequence[Known], *, after_ms: int) -> Iterator[tuple[int, list[Known]]]:
    """The ticks after `after_ms` that have something to look at, with it. `rows` as `by_group` gives them."""
    later = (row for row in rows if row.due_ms > after_ms)
    for tick_ms, together in groupby(later, key=lambda row: row.due_ms):
        yield tick_ms, list(together)


def on_time(rows: Iterable[Known], rule: Rule, tick_ms: int) -> bool:
    """Whether rows that the tick learned add to windows alone that the rule's lag does not let it judge yet."""
    return all(not row.retracted and row.point.cell_ms + GRID_MS > tick_ms - rule.lag_ms for row in rows)


@dataclass(frozen=True)
class Sessions:
    """Who was there at all. `exposure` is what the group's share is of; NOBODY where the rule asks for none.

    `arrived` gives, for a window end (ms), the ticks that came to know of a session since then, in order, as many as
    the policy wants at most. It may be asked the same again and again.
    """

    exposure: Exposure = NOBODY
    arrived: Callable[[int], Sequence[int]] = lambda _: ()

    @cached_property
    def late(self) -> list[Seen]:
        """The sessions of which something came late, in the order in which ticks came to know of them."""
        return sorted(self.exposure.late, key=lambda seen: seen.known_ms)


NO_SESSIONS = Sessions()


@dataclass(slots=True)
class Knowledge:
    """The signals of one group as one tick after another comes to know them."""

    # By signal its rows in the order in which they were learned.
    _rows: defaultdict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    # (ts, signal id), in order: the range of a window is found without a look at the rest.
    _order: list[tuple[int, str]] = field(default_factory=list)
    # When signals will be past their retention (ms), the first first.
    _ends: list[tuple[int, str]] = field(default_factory=list)
    # Those that are.
    _gone: set[str] = field(default_factory=set)

    def learn(self, row: Known) -> tuple[Point | None, Point | None]:
        """Takes a row for what its signal is from now on, and returns the point that counted and the one that counts.

        None where the signal did not stand, or does not. Rows must come in order of the ticks that look at them.
        """
        rows = self._rows[row.signal_id]
        before = rows[-1] if rows else None
        if before is not None and before.tick_ms > row.tick_ms:
            return None, None
        if before is None:
            insort(self._order, (row.ts_ms, row.signal_id))
        if row.signal_id in self._gone:
            self._gone.remove(row.signal_id)
            before = None
        rows.append(row)
        heappush(self._ends, (row.kept_until_ms, row.signal_id))
        return _standing(before), _standing(row)

    @property
    def forgets_ms(self) -> int:
        """The moment from which on a signal that stands may be past its retention, in ms."""
        return self._ends[0][0] if self._ends else NEVER_MS

    def forget(self, tick_ms: int) -> list[Point]:
        """Takes note of what is past its retention at the tick, and returns the points that counted until now."""
        points: list[Point] = []
        while self._ends and self._ends[0][0] <= tick_ms:
            _, signal_id = heappop(self._ends)
            row = self._rows[signal_id][-1]
            if row.kept_until_ms <= tick_ms and signal_id not in self._gone:
                self._gone.add(signal_id)
                points += [] if row.retracted else [row.point]
        return points

    def points(self, *, from_ms: int, to_ms: int, as_of_ms: int) -> list[Point]:
        """The points of the signals in [from_ms, to_ms) that stood at the tick `as_of_ms`, in order of time."""
        begin, end = bisect_left(self._order, (from_ms, "")), bisect_left(self._order, (to_ms, ""))
        rows = (self._known(signal_id, as_of_ms) for _, signal_id in self._order[begin:end])
        known = (row for row in rows if row is not None and row.kept_until_ms > as_of_ms)
        return [point for row in known if (point := _standing(row))]

    def _known(self, signal_id: str, as_of_ms: int) -> Known | None:
        return next((row for row in reversed(self._rows[signal_id]) if row.due_ms <= as_of_ms), None)


def _standing(row: Known | None) -> Point | None:
    return None if row is None or row.retracted else row.point
