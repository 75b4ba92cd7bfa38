"""A backtest of signal parameters: what a project's signals, and its incidents, would have been with other numbers.

1. Find anew the signals whose parameters differ, with those in force and with the draft (`redetecting`); of sessions
   that the span's ticks looked at first: what these changed says how far back the windows reach that were judged.
2. Read what was known of the other signals that the same thresholds count.
3. Replay each of these thresholds by both, as a backtest of a threshold does.

Both sides are found the same way, from the same events, so that what differs comes from the draft alone. It reads, and
writes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.backtests import backtest, reading, redetecting
from apps.backtests.backtest import Candidate, Progress, Side
from apps.backtests.history import Known
from apps.backtests.reading import MOST_ROWS, TooManySignalsError
from apps.backtests.redetecting import Asked, Which
from apps.backtests.replay import Span
from apps.detection.catalog import DEFINITIONS, by_name
from apps.detection.settings import OwnValues
from apps.incidents.judging import policy_of
from apps.thresholds.measuring import HORIZON_MS, rule_of
from apps.thresholds.models import ThresholdVersion

_HOUR_MS = 3_600_000
# Bars on the chart: one an hour of a week.
_MOST_STEPS = 168
# Percent: where finding the signals ends and replaying the thresholds begins.
_MOVING_DONE, _FOUND = 60, 80


@dataclass(frozen=True, slots=True)
class Numbers:
    """The signals of one kind that began in the span and stood at its end: how many, of how many sessions, and when.

    `values` are the signals of each step; `points` is what they add to the frustration scores of their sessions.
    """

    signals: int
    sessions: int
    points: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KindReport:
    """One signal with the parameters in force and with the draft's. `begins_ms`: where the values' steps begin."""

    kind: str
    begins_ms: tuple[int, ...]
    now: Numbers
    then: Numbers


@dataclass(frozen=True, slots=True)
class ThresholdReport:
    """What the draft changes for one threshold."""

    version: ThresholdVersion
    report: backtest.Report


@dataclass(frozen=True, slots=True)
class SignalReport:
    """What a backtest of signal parameters found."""

    span: Span
    kinds: tuple[KindReport, ...]
    thresholds: tuple[ThresholdReport, ...]


def differing_kinds(now: OwnValues, then: OwnValues) -> tuple[str, ...]:
    """The signals of which a parameter differs, in the catalogue's order."""
    return tuple(
        definition.name
        for definition in DEFINITIONS
        if definition.values(now.get(definition.name)) != definition.values(then.get(definition.name))
    )


def counting(versions: Iterable[ThresholdVersion], kinds: Iterable[str]) -> list[ThresholdVersion]:
    """Those that are switched on and count a signal of `kinds`."""
    wanted = set(kinds)
    return [version for version in versions if version.enabled and wanted & set(version.signals)]


def run(
    *,
    project_id: int,
    now: OwnValues,
    then: OwnValues,
    versions: Sequence[ThresholdVersion],
    span: Span,
    progress: Progress = lambda percent: None,
) -> SignalReport:
    """The difference that the parameters `then` in the place of `now` would have made over `span`.

    `versions` are the project's thresholds in force; those that count a signal that differs are replayed. `progress` as
    for `backtest.run`. Raises TooManySignalsError, TooManyPresencesError, ClickHouseError, ParameterError.
    """
    progress(0)
    kinds = differing_kinds(now, then)
    concerned = counting(versions, kinds)
    candidates = [Candidate(rule_of(version), policy_of(version)) for version in concerned]
    reach_ms = max((candidate.rule.reach_ms + candidate.rule.lag_ms for candidate in candidates), default=0)
    asked = Asked(project_id=project_id, kinds=kinds, sides=(now, then), span=span)
    found = _Found()
    if kinds:
        found.take(redetecting.written(asked, Which(moving=True), progress=_part(progress, 0, _MOVING_DONE)))
    earliest_ms = found.earliest_ms(span)
    others = _others(project_id, candidates, kinds, reach_ms=reach_ms + span.first_ms - earliest_ms, span=span)
    if kinds:
        from_ms = min([earliest_ms, *(row.ts_ms for row in others if _is_learned(row, span))]) - reach_ms
        standing = Which(moving=False, from_ms=from_ms)
        found.take(redetecting.written(asked, standing, progress=_part(progress, _MOVING_DONE, _FOUND)))
    reports = []
    for place, (version, candidate) in enumerate(zip(concerned, candidates, strict=True)):
        begun, width = _FOUND + (100 - _FOUND) * place / len(concerned), (100 - _FOUND) / len(concerned)
        report = backtest.beside(
            project_id=project_id,
            now=Side(candidate, [*found.sides[0], *others]),
            then=Side(candidate, [*found.sides[1], *others]),
            span=span,
            progress=_percent(progress, begun, width),
        )
        reports.append(ThresholdReport(version, report))
    numbers = tuple(_kind_report(kind, found.sides, span) for kind in kinds)
    progress(100)
    return SignalReport(span, numbers, tuple(reports))


class _Found:
    """The rows of both sides. A row that is the same on both is kept once."""

    def __init__(self) -> None:
        self.sides: tuple[list[Known], list[Known]] = ([], [])
        self._rows: dict[Known, Known] = {}

    def take(self, written: Iterable[tuple[int, Known]]) -> None:
        """Raises TooManySignalsError."""
        for side, row in written:
            self.sides[side].append(self._rows.setdefault(row, row))
            if len(self._rows) > MOST_ROWS:
                raise TooManySignalsError

    def earliest_ms(self, span: Span) -> int:
        """When the earliest signal began of which a tick of the span learned something after its first."""
        learned = (row.ts_ms for row in self._rows if _is_learned(row, span))
        return max(min(learned, default=span.first_ms), span.first_ms - HORIZON_MS)


def _is_learned(row: Known, span: Span) -> bool:
    return row.tick_ms > span.first_ms


def _others(
    project_id: int, candidates: Sequence[Candidate], kinds: Sequence[str], *, reach_ms: int, span: Span
) -> list[Known]:
    """What was known of the signals that the thresholds count and whose parameters stay."""
    counted = {kind for candidate in candidates for kind in candidate.rule.signals}
    others = counted - set(kinds)
    return reading.known(project_id=project_id, kinds=others, reach_ms=reach_ms, span=span) if others else []


def _kind_report(kind: str, sides: Sequence[Iterable[Known]], span: Span) -> KindReport:
    hours = -(-(span.last_ms - span.first_ms) // _HOUR_MS)
    step_ms = -(-hours // _MOST_STEPS) * _HOUR_MS
    begins_ms = tuple(range(span.first_ms, span.last_ms, step_ms))
    now, then = (_numbers(kind, rows, span=span, step_ms=step_ms, steps=len(begins_ms)) for rows in sides)
    return KindReport(kind, begins_ms, now, then)


def _numbers(kind: str, rows: Iterable[Known], *, span: Span, step_ms: int, steps: int) -> Numbers:
    latest: Mapping[str, Known] = {
        row.signal_id: row for row in sorted(rows, key=lambda row: row.tick_ms) if row.traits.kind == kind
    }
    standing = [row for row in latest.values() if not row.retracted and span.first_ms <= row.ts_ms < span.last_ms]
    values = [0] * steps
    for row in standing:
        values[(row.ts_ms - span.first_ms) // step_ms] += 1
    return Numbers(
        signals=len(standing),
        sessions=len({row.point.session_id for row in standing}),
        points=len(standing) * by_name(kind).weight,
        values=tuple(values),
    )


def _part(progress: Progress, begins: int, ends: int) -> Callable[[float], None]:
    """Tells `progress` the percentage of a part of the work that goes from `begins` to `ends` percent of it all."""
    return lambda done: progress(round(begins + (ends - begins) * done))


def _percent(progress: Progress, begins: float, width: float) -> Progress:
    return lambda percent: progress(min(99, round(begins + width * percent / 100)))
