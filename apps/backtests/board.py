"""What every window of one group holds, kept while signals come, change and go. Pure: no Django, no driver, no clock.

A tick surveys the windows that its signals changed, point by point (`thresholds.survey`). A backtest does so at tens of
thousands of ticks of one group, over nearly the same points each time. So the board has one number for each window end,
in arrays: a signal costs one addition to the stretch of ends whose windows hold it, a look at windows costs a few
comparisons of arrays, whatever the windows hold.

The rule has its say as ever: `decisive` picks the few windows that can decide a judgement, and `evaluation.judge`
judges these. What it says of them is what it says of all windows (tests/backtests/test_board.py).
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from apps.backtests import tallies
from apps.backtests.tallies import Numbers
from apps.thresholds.evaluation import PER_MILLE, Rule
from apps.thresholds.exposure import Levels, Seen
from apps.thresholds.windows import GRID_MS, Ends, Measure, Point, Span, merged

Truths: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.intp]

NO_LEVELS = Levels()


class Board:
    """The measures of one group at all window ends, from the first to the last that can hold anything.

    Between `first_cell_ms` and `last_cell_ms`, both included, lie the cells of all points that will be put on it.
    `levels` are the sessions that a share is of.
    """

    def __init__(self, rule: Rule, *, first_cell_ms: int, last_cell_ms: int, levels: Levels = NO_LEVELS) -> None:
        self.rule = rule
        self._cells_ms = (first_cell_ms, last_cell_ms)
        # A share is also compared with windows in which nobody of the group had a signal: there the sessions count.
        self._first_end_ms = first_cell_ms - rule.earlier_ms + GRID_MS
        self._window = rule.window_ms // GRID_MS
        self._size = (last_cell_ms - self._first_end_ms) // GRID_MS + 1 + self._window
        self._signals = np.zeros(self._size, np.int64)
        self._clicks = np.zeros(self._size, np.int64)
        self._sessions = _Distinct(self._size, self._window)
        self._users = _Distinct(self._size, self._window)
        self._people = _Distinct(self._size, self._window)
        self._exposed = _Distinct(self._size, self._window)
        ends = Ends(self._first_end_ms, self._first_end_ms + (self._size - 1) * GRID_MS)
        self._exposed.counts += tallies.levels(levels.steps(first_ms=ends.first, last_ms=ends.last), ends)

    def emptied(self) -> "Board":
        """A board of the same ends without points. What one sees of sessions the other sees too."""
        first_cell_ms, last_cell_ms = self._cells_ms
        empty = Board(self.rule, first_cell_ms=first_cell_ms, last_cell_ms=last_cell_ms)
        empty._exposed = self._exposed
        return empty

    def put(self, point: Point, *, sign: int = 1) -> None:
        """Puts a point on the board, or with sign -1 takes off one that is there."""
        cell = self._cell(point.cell_ms)
        self._signals[cell : cell + self._window] += sign * point.signals
        self._clicks[cell : cell + self._window] += sign * point.clicks
        self._sessions.put(point.session_id, cell, sign)
        self._people.put(point.person, cell, sign)
        if point.user_id:
            self._users.put(point.user_id, cell, sign)

    def see(self, seen: Seen) -> None:
        """Takes note of a session of which the levels do not know."""
        cell = self._cell(seen.cell_ms)
        if -self._window < cell < len(self._signals):
            self._exposed.put(seen.session_id, cell, 1)

    def measure(self, end_ms: int) -> Measure:
        """What the window that ends at `end_ms` holds."""
        place = (end_ms - self._first_end_ms) // GRID_MS
        if not 0 <= place < len(self._signals):
            return Measure()
        return Measure(
            signals=int(self._signals[place]),
            sessions=int(self._sessions.counts[place]),
            users=int(self._users.counts[place]),
            people=int(self._people.counts[place]),
            clicks=int(self._clicks[place]),
            exposed=int(self._exposed.counts[place]),
        )

    def values(self, ends: Ends) -> Numbers:
        """The metric's number at each of `ends`."""
        match self.rule.metric:
            case "signals":
                return self._part(self._signals, ends)
            case "sessions":
                return self._part(self._sessions.counts, ends)
            case "users":
                return self._part(self._users.counts, ends)
            case "share":
                return tallies.share(self._part(self._sessions.counts, ends), self._part(self._exposed.counts, ends))

    def reaches(self, ends: Ends) -> Truths:
        """Whether the metric's number is as much as the rule asks for, at each of `ends`."""
        if self.rule.metric != "share":
            return self.values(ends) >= self.rule.at_least
        sessions, of = self._part(self._sessions.counts, ends), self._part(self._exposed.counts, ends)
        # A division takes longer than all the rest of a look.
        return PER_MILLE * sessions >= self.rule.at_least * tallies.whole(sessions, of)

    def exposures(self, ends: Ends) -> Numbers:
        """The sessions that make the numbers mean something, at each of `ends`."""
        counts = self._exposed.counts if self.rule.metric == "share" else self._sessions.counts
        return self._part(counts, ends)

    def clicks(self, ends: Ends) -> Numbers:
        """The clicks in the window at each of `ends`."""
        return self._part(self._clicks, ends)

    def _cell(self, cell_ms: int) -> int:
        """The place of the first end whose window holds the cell."""
        return (cell_ms + GRID_MS - self._first_end_ms) // GRID_MS

    def _part(self, numbers: Numbers, ends: Ends) -> Numbers:
        """The numbers at `ends`; beyond the board there are none, so it is 0."""
        first, last = ((end - self._first_end_ms) // GRID_MS for end in (ends.first, ends.last))
        if first >= 0 and last < len(numbers):
            return numbers[first : last + 1]
        part = np.zeros(last + 1 - first, np.int64)
        begin, end = max(first, 0), min(last + 1, len(numbers))
        if begin < end:
            part[begin - first : end - first] = numbers[begin:end]
        return part


class _Distinct:
    """How many different ones of something are in each window: each counts once, however often it is there."""

    def __init__(self, size: int, window: int) -> None:
        self.counts = np.zeros(size, np.int64)
        self._window = window
        # By name the cells in which it is, in order, as often as it is there.
        self._cells: defaultdict[str, list[int]] = defaultdict(list)

    def put(self, name: str, cell: int, sign: int) -> None:
        """One more (1) or one less (-1) of `name` in the cell."""
        cells = self._cells[name]
        if sign < 0:
            cells.pop(bisect_left(cells, cell))
        place = bisect_left(cells, cell)
        if place == len(cells) or cells[place] != cell:
            # Windows that also hold a neighbour hold the name already: alone it is in those between the neighbours'.
            first = max(cell, cells[place - 1] + self._window) if place else cell
            end = min(cell + self._window, cells[place]) if place < len(cells) else cell + self._window
            if first < end:
                self.counts[max(first, 0) : max(end, 0)] += sign
        if sign > 0:
            insort(cells, cell)


def decisive(board: Board, before: Board, *, ends: Iterable[Ends], known_ms: int) -> list[Span]:
    """Those of `ends` that decide what `judge` says about all of them, in order, at least one of them by `known_ms`.

    They are, of each stretch, the last by `known_ms`; and of its breached windows the first and the last, the
    strongest and the last by `known_ms`, and the first after that. `board` has the points that count, `before` those
    that they are compared with.
    """
    chosen: set[int] = set()
    for stretch in merged(ends):
        last_known = (min(known_ms, stretch.last) - stretch.first) // GRID_MS
        breached = np.flatnonzero(_breached(board, before, stretch))
        by_now = int(np.searchsorted(breached, last_known, side="right"))
        places = [last_known] if last_known >= 0 else []
        if len(breached):
            places += [int(breached[0]), int(breached[-1]), int(breached[min(by_now, len(breached) - 1)])]
        if by_now:
            places += [int(breached[by_now - 1]), _strongest(board, stretch, breached[:by_now])]
        chosen.update(stretch.first + place * GRID_MS for place in places)
    return [_span(board, before, end_ms) for end_ms in sorted(chosen)]


def breaches_until(board: Board, ends: Ends) -> int | None:
    """The last of `ends` up to which all of them breach, None where the first does not. Nothing is compared."""
    breached = _breached(board, board, ends)
    length = len(breached) if breached.all() else int(breached.argmin())
    return ends.first + (length - 1) * GRID_MS if length else None


def breaches_from(board: Board, ends: Ends) -> int | None:
    """The first of `ends` that breaches, None where none does. Nothing is compared."""
    breached = _breached(board, board, ends)
    return ends.first + int(breached.argmax()) * GRID_MS if breached.any() else None


def strongest(board: Board, ends: Ends) -> Span:
    """The one of `ends` with the highest number, then with the most clicks; the first of equals."""
    places = np.arange((ends.last - ends.first) // GRID_MS + 1)
    return _span(board, board, ends.first + _strongest(board, ends, places) * GRID_MS)


def _strongest(board: Board, stretch: Ends, places: Places) -> int:
    """The one of `places` in the stretch with the highest number, then with the most clicks; the first of equals."""
    if len(places) == 1:
        return int(places[0])
    values = board.values(stretch)[places]
    highest = places[values == values.max()]
    return int(highest[board.clicks(stretch)[highest].argmax()])


def _breached(board: Board, before: Board, ends: Ends) -> Truths:
    """Which of `ends` breach: `evaluation.status_of`, for many windows at once."""
    rule = board.rule
    if rule.breaches_among == 1:
        return _reached(board, before, ends)
    reached = _reached(board, before, Ends(ends.first - rule.lead_ms, ends.last))
    before_each = np.concatenate(([0], np.cumsum(reached)))
    among = before_each[rule.breaches_among :] - before_each[: -rule.breaches_among]
    return reached[rule.breaches_among - 1 :] & (among >= rule.breaches_needed)


def _reached(board: Board, before: Board, ends: Ends) -> Truths:
    """Which of `ends` reach the rule's numbers: `evaluation.numbers_status`, for many windows at once."""
    rule = board.rule
    reached = board.reaches(ends) & (board.exposures(ends) >= rule.minimum_sessions)
    if rule.factor_percent:
        values = board.values(ends)
        earlier = before.values(Ends(ends.first - rule.earlier_ms, ends.last - rule.earlier_ms))
        reached &= 100 * values >= rule.factor_percent * earlier
    return reached


def _span(board: Board, before: Board, end_ms: int) -> Span:
    """The one window end as `survey` tells it."""
    rule = board.rule
    reached = 1
    if rule.breaches_among > 1:
        reached = int(_reached(board, before, Ends(end_ms - rule.lead_ms, end_ms)).sum())
    earlier = before.measure(end_ms - rule.earlier_ms) if rule.factor_percent else None
    return Span(end_ms, end_ms, board.measure(end_ms), earlier, reached)
