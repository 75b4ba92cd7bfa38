"""What a rule is judged by at many window ends: each window's measure, the one it compares with, the verdicts before.

Pure. The live tick, the backtest, the explanation and the offline proof all survey with this function.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from apps.thresholds.evaluation import Rule, Status, numbers_status
from apps.thresholds.exposure import NOBODY, Exposure
from apps.thresholds.windows import GRID_MS, NEVER_MS, Ends, Point, Span, append, merged, slide


def survey(
    rule: Rule,
    points: Sequence[Point],
    *,
    ends: Iterable[Ends],
    as_of_ms: int,
    exposure: Exposure = NOBODY,
    settled_before_ms: int = 0,
) -> list[Span]:
    """Every one of `ends`, as spans in order that cover them without a gap, each with all that `evaluate` asks.

    Right only if `points` hold everything in `[first end - rule.reach_ms, last end)`; what lies outside is harmless.
    Those from before `settled_before_ms` are only compared with: they happened, but they are answered.
    """
    wanted = merged(ends)
    led = merged(Ends(stretch.first - rule.lead_ms, stretch.last) for stretch in wanted)
    unsettled = [point for point in points if point.cell_ms >= settled_before_ms] if settled_before_ms else points
    spans = _measured(rule, unsettled, led, as_of_ms, exposure)
    if rule.factor_percent:
        before = [Ends(stretch.first - rule.earlier_ms, stretch.last - rule.earlier_ms) for stretch in led]
        spans = _beside(spans, _measured(rule, points, before, as_of_ms, exposure), rule.earlier_ms)
    return _with_verdicts_before(rule, spans, wanted) if rule.breaches_among > 1 else spans


def _measured(
    rule: Rule, points: Sequence[Point], ends: Sequence[Ends], as_of_ms: int, exposure: Exposure
) -> list[Span]:
    if rule.metric != "share" or not ends:
        return slide(points, window_ms=rule.window_ms, ends=ends)
    steps = exposure.steps(window_ms=rule.window_ms, first_ms=ends[0].first, last_ms=ends[-1].last, as_of_ms=as_of_ms)
    return slide(points, window_ms=rule.window_ms, ends=ends, steps=steps)


def _beside(spans: Sequence[Span], earlier: Sequence[Span], earlier_ms: int) -> list[Span]:
    """`spans` with the measures of `earlier`, which cover the same ends `earlier_ms` before."""
    result: list[Span] = []
    before = iter(earlier)
    beside = next(before, None)
    for span in spans:
        cursor = span.first_end_ms
        while cursor <= span.last_end_ms:
            while beside is not None and beside.last_end_ms + earlier_ms < cursor:
                beside = next(before, None)
            if beside is None:
                raise ValueError("The earlier windows do not cover those that they are compared with.")
            last = min(span.last_end_ms, beside.last_end_ms + earlier_ms)
            append(result, replace(span, first_end_ms=cursor, last_end_ms=last, earlier=beside.measure))
            cursor = last + GRID_MS
    return result


def _with_verdicts_before(rule: Rule, spans: Sequence[Span], wanted: Sequence[Ends]) -> list[Span]:
    """The `wanted` ends of `spans`, each with how many of the last verdicts reached the rule's numbers."""
    reached = _Reached(
        Ends(span.first_end_ms, span.last_end_ms)
        for span in spans
        if numbers_status(rule, span.measure, span.earlier) is Status.BREACHED
    )
    result: list[Span] = []
    for stretch in wanted:
        for span in spans:
            cursor = max(span.first_end_ms, stretch.first)
            last_of_both = min(span.last_end_ms, stretch.last)
            while cursor <= last_of_both:
                count = reached.within(cursor - rule.lead_ms, cursor)
                last = min(reached.constant_until(cursor - rule.lead_ms, cursor), last_of_both)
                append(result, replace(span, first_end_ms=cursor, last_end_ms=last, reached=count))
                cursor = last + GRID_MS
    return result


class _Reached:
    """The ends at which the numbers were reached, as stretches."""

    def __init__(self, stretches: Iterable[Ends]) -> None:
        self._stretches = merged(stretches)
        self._firsts = [stretch.first for stretch in self._stretches]
        lengths = ((stretch.last - stretch.first) // GRID_MS + 1 for stretch in self._stretches)
        self._before = [0, *accumulate(lengths)]

    def within(self, first: int, last: int) -> int:
        """How many there are from `first` to `last`, both included."""
        return self._until(last) - self._until(first - GRID_MS)

    def constant_until(self, first: int, last: int) -> int:
        """How far `last` can move on, and `first` with it, while their number stays the same."""
        leaving, leaves = self._run(first)
        entering, enters = self._run(last + GRID_MS)
        return last + min(leaving, entering) if leaves == enters else last

    def _run(self, end: int) -> tuple[int, bool]:
        """For how long, in ms, it is from `end` on as it is at `end`; and whether it is one of the ends."""
        place = bisect_right(self._firsts, end)
        if place and end <= self._stretches[place - 1].last:
            return self._stretches[place - 1].last + GRID_MS - end, True
        return (self._firsts[place] - end if place < len(self._firsts) else NEVER_MS), False

    def _until(self, end: int) -> int:
        place = bisect_right(self._firsts, end)
        if not place:
            return 0
        stretch = self._stretches[place - 1]
        return self._before[place - 1] + (min(end, stretch.last) - stretch.first) // GRID_MS + 1
