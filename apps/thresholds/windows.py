"""Sliding windows over signals, by event time. Pure: no Django, no driver, no clock.

Window ends lie on a grid of 10 s. The window of end `e` and length `w` is half-open, `[e - w, e)`: a signal on an edge
is in one of two neighbours. Ends are evaluated one by one, not in tumbling steps: which windows breach depends on the
signals alone, never on when they arrived or when somebody looked.

Between two neighbouring ends at which something enters or leaves, the measure is constant; a `Span` is such a stretch.
So the cost follows the number of signals, not of ends (a late signal in a 24 h window touches 8,640 of them).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

# The tick. Windows are whole multiples of it, so a signal matters only through the 10 s cell it lies in.
GRID_MS = 10_000
# Later than any tick, longer than any stretch of window ends, ms.
NEVER_MS = 2**62


@dataclass(frozen=True, slots=True)
class Point:
    """Signals of one kind, session and user in one group and one 10 s cell. `cell_ms` is the cell's start.

    `clicks` is the sum of the signals' counts: clicks of a rage click, failed submits of a form, 1 for a single moment.
    Element, label, detail and release describe them; they are for sentences and attribution, no rule reads them.
    """

    cell_ms: int
    kind: str
    session_id: str
    user_id: str
    signals: int
    clicks: int
    route: str = ""
    element: str = ""
    label: str = ""
    detail: str = ""
    release: str = ""

    @property
    def person(self) -> str:
        """The identified user, or else the session: one visitor as far as can be told."""
        return f"u:{self.user_id}" if self.user_id else f"s:{self.session_id}"


@dataclass(frozen=True, slots=True)
class Measure:
    """What one window holds. `users` counts identified users; `people` counts them plus the sessions without one.

    `exposed`: all sessions of the audience, with a signal or without (`exposure`); 0 for rules that do not ask.
    """

    signals: int = 0
    sessions: int = 0
    users: int = 0
    people: int = 0
    clicks: int = 0
    exposed: int = 0


class Step(NamedTuple):
    """From the window end `end_ms` on, `change` more sessions (or fewer) of the audience are in the window."""

    end_ms: int
    change: int


@dataclass(frozen=True, slots=True, order=True)
class Ends:
    """The window ends from `first` to `last`, both included, both on the grid, in ms."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring window ends, first and last included, whose windows hold the same.

    `earlier` is the measure of the windows that they are compared with, None where nothing is compared. `reached`: of
    the last verdicts that the rule looks at, how many reached its numbers; the window's own is one of them.
    """

    first_end_ms: int
    last_end_ms: int
    measure: Measure
    earlier: Measure | None = None
    reached: int = 1


def cell_of(ts_ms: int) -> int:
    """The start of the 10 s cell in which `ts_ms` lies."""
    return ts_ms - ts_ms % GRID_MS


def cell_after(ts_ms: int) -> int:
    """The start of the first cell that lies wholly at or after `ts_ms`."""
    return -cell_of(-ts_ms)


def ends_holding(cell_ms: int, window_ms: int) -> Ends:
    """The ends whose windows hold the signals of a cell: exactly those that change when one of its signals does."""
    return Ends(cell_ms + GRID_MS, cell_ms + window_ms)


def merged(ends: Iterable[Ends]) -> list[Ends]:
    """The same ends as few stretches, in order, none touching its neighbour."""
    result: list[Ends] = []
    for stretch in sorted(ends):
        if result and stretch.first <= result[-1].last + GRID_MS:
            result[-1] = Ends(result[-1].first, max(result[-1].last, stretch.last))
        else:
            result.append(stretch)
    return result


def slide(points: Iterable[Point], *, window_ms: int, ends: Iterable[Ends], steps: Iterable[Step] = ()) -> list[Span]:
    """The measure at every one of `ends`, as spans in order that cover them without a gap.

    `points` and `steps` may come in any order. The result is right only if the points hold everything in
    `[first end - window_ms, last end)`, and the steps all up to the last end; what lies outside is harmless.
    """
    wanted = merged(ends)
    if not wanted:
        return []
    spans: list[Span] = []
    changes = _changes(points, window_ms, steps)
    step = 0
    window = _Window()
    for stretch in wanted:
        cursor = stretch.first
        while cursor <= stretch.last:
            while step < len(changes) and changes[step].end_ms <= cursor:
                window.apply(changes[step])
                step += 1
            following = changes[step].end_ms if step < len(changes) else stretch.last + GRID_MS
            last = min(following - GRID_MS, stretch.last)
            append(spans, Span(cursor, last, window.measure()))
            cursor = last + GRID_MS
    return spans


def held(points: Iterable[Point], *, end_ms: int, window_ms: int) -> list[Point]:
    """The points of the one window that ends at `end_ms`, in order of time, ties broken by their content."""
    inside = (point for point in points if end_ms - window_ms <= point.cell_ms < end_ms)
    return sorted(inside, key=lambda point: (point.cell_ms, point.kind, point.session_id, point.user_id, point.element))


def append(spans: list[Span], span: Span) -> None:
    """Puts `span`, which follows them, at the end of `spans`: as a part of the last one where both hold the same."""
    previous = spans[-1] if spans else None
    if (
        previous
        and previous.last_end_ms + GRID_MS == span.first_end_ms
        and (previous.measure, previous.earlier, previous.reached) == (span.measure, span.earlier, span.reached)
    ):
        spans[-1] = replace(span, first_end_ms=previous.first_end_ms)
    else:
        spans.append(span)


@dataclass(frozen=True, slots=True)
class _Change:
    """What enters (sign 1) and leaves (sign -1) the window when its end moves to `end_ms`."""

    end_ms: int
    entering: Sequence[Point]
    leaving: Sequence[Point]
    exposed: int


def _changes(points: Iterable[Point], window_ms: int, steps: Iterable[Step]) -> list[_Change]:
    entering: defaultdict[int, list[Point]] = defaultdict(list)
    leaving: defaultdict[int, list[Point]] = defaultdict(list)
    exposed: defaultdict[int, int] = defaultdict(int)
    for point in points:
        entering[point.cell_ms + GRID_MS].append(point)
        leaving[point.cell_ms + window_ms + GRID_MS].append(point)
    for step in steps:
        exposed[step.end_ms] += step.change
    return [
        _Change(end, entering.get(end, ()), leaving.get(end, ()), exposed.get(end, 0))
        for end in sorted({*entering, *leaving, *exposed})
    ]


class _Window:
    """Running counts, so that moving the end costs what enters and leaves and nothing else."""

    def __init__(self) -> None:
        self._signals = 0
        self._clicks = 0
        self._exposed = 0
        self._sessions: dict[str, int] = {}
        self._users: dict[str, int] = {}
        self._people: dict[str, int] = {}

    def apply(self, change: _Change) -> None:
        self._exposed += change.exposed
        for points, sign in ((change.entering, 1), (change.leaving, -1)):
            for point in points:
                self._signals += sign * point.signals
                self._clicks += sign * point.clicks
                _count(self._sessions, point.session_id, sign)
                _count(self._people, point.person, sign)
                if point.user_id:
                    _count(self._users, point.user_id, sign)

    def measure(self) -> Measure:
        return Measure(
            signals=self._signals,
            sessions=len(self._sessions),
            users=len(self._users),
            people=len(self._people),
            clicks=self._clicks,
            exposed=self._exposed,
        )


def _count(present: dict[str, int], value: str, sign: int) -> None:
    """Counts `value` in or out. A plain dict of what is present now: this is where a busy window's time goes."""
    times = present.get(value, 0) + sign
    if times:
        present[value] = times
    else:
        del present[value]
