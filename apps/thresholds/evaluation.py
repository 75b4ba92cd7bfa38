"""The verdict of a threshold's version on what a window holds. Pure: no Django, no driver, no clock.

The live tick, the backtest, the explanation and the offline proof all call these functions: there is no second copy of
the rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from apps.core.records import decoded, encoded
from apps.thresholds.windows import Measure, Span

Metric = Literal["signals", "sessions", "users"]
Grouping = Literal["nothing", "route", "element", "route_element"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a threshold's version asks for. Empty filters let everything pass; `window_ms` is a multiple of 10 s."""

    threshold_id: int
    version_id: int
    version: int
    signals: tuple[str, ...]
    group_by: Grouping
    metric: Metric
    window_ms: int
    at_least: int
    minimum_sessions: int = 1
    route_pattern: str = ""
    element_pattern: str = ""
    environment: str = ""
    release: str = ""
    device: str = ""


class Status(StrEnum):
    """A verdict's answer."""

    BREACHED = "breached"
    CLEAR = "clear"
    # The bound is reached, yet in too few sessions to mean anything.
    TOO_LITTLE_DATA = "too_little_data"
    # Nothing is known: a query failed. Never to be taken for clear.
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One comparison of the trace: it holds where value ≥ bound. `margin` is value - bound; at -1, one was missing."""

    name: str
    value: int
    bound: int
    margin: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """One version's answer about the window `[window_end_ms - window_ms, window_end_ms)`, known at tick `as_of_ms`."""

    status: Status
    as_of_ms: int
    window_end_ms: int
    window_ms: int
    threshold_id: int
    version: int
    metric: Metric
    measure: Measure
    trace: tuple[Predicate, ...] = ()

    @property
    def value(self) -> int:
        """The metric's number."""
        return metric_value(self.measure, self.metric)

    @property
    def strength(self) -> tuple[int, int]:
        """Orders verdicts of one group: by the metric, then by clicks."""
        return self.value, self.measure.clicks


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says about many windows of one group.

    `verdict` is about the strongest breached window that ended by `as_of`, the earliest of equals; where none breached,
    about the latest window. `first_breach_ms` and `last_breach_ms` are the first and last end of breached windows, None
    where none breached. The last may lie after `as_of`: the signals known now are still inside the windows until then.
    """

    verdict: Verdict
    first_breach_ms: int | None = None
    last_breach_ms: int | None = None


def metric_value(measure: Measure, metric: Metric) -> int:
    """The number that `metric` reads from a measure."""
    match metric:
        case "signals":
            return measure.signals
        case "sessions":
            return measure.sessions
        case "users":
            return measure.users


def evaluate(rule: Rule, measure: Measure | None, *, as_of_ms: int, window_end_ms: int) -> Verdict:
    """The verdict on one window. A measure of None means that it could not be taken: inconclusive, with no trace."""
    if measure is None:
        return _verdict(rule, Status.INCONCLUSIVE, Measure(), (), as_of_ms=as_of_ms, window_end_ms=window_end_ms)
    bound = _at_least(f"{rule.metric}_at_least", metric_value(measure, rule.metric), rule.at_least)
    exposure = _at_least("minimum_sessions", measure.sessions, rule.minimum_sessions)
    status = status_of(rule, measure)
    return _verdict(rule, status, measure, (bound, exposure), as_of_ms=as_of_ms, window_end_ms=window_end_ms)


def status_of(rule: Rule, measure: Measure) -> Status:
    """The answer alone, without its trace: for the many windows of which nobody will read more."""
    if metric_value(measure, rule.metric) < rule.at_least:
        return Status.CLEAR
    return Status.BREACHED if measure.sessions >= rule.minimum_sessions else Status.TOO_LITTLE_DATA


def judge(rule: Rule, spans: Sequence[Span], *, as_of_ms: int) -> Judgement:
    """Evaluates every span. At least one must begin by `as_of_ms`; ValueError otherwise."""
    known = [span for span in spans if span.first_end_ms <= as_of_ms]
    if not known:
        raise ValueError("No window ends by the tick that judges them.")
    breached = [span for span in spans if status_of(rule, span.measure) is Status.BREACHED]
    candidates = [span for span in breached if span.first_end_ms <= as_of_ms]
    if not candidates:
        return Judgement(verdict=_of_span(rule, known[-1], as_of_ms))
    # max() keeps the first of equals, and the spans are in order of time.
    strongest = max(candidates, key=lambda span: (metric_value(span.measure, rule.metric), span.measure.clicks))
    return Judgement(
        verdict=_of_span(rule, strongest, as_of_ms),
        first_breach_ms=breached[0].first_end_ms,
        last_breach_ms=breached[-1].last_end_ms,
    )


def breached_spans(rule: Rule, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The stretches of breached windows by event time, (first end, last end) in ms. Depends on the signals alone."""
    return [(span.first_end_ms, span.last_end_ms) for span in spans if status_of(rule, span.measure) is Status.BREACHED]


def to_json(verdict: Verdict) -> dict[str, object]:
    """The verdict as what a JSON column takes."""
    result: dict[str, object] = encoded(verdict)
    return result


def from_json(data: Mapping[str, object]) -> Verdict:
    """The verdict that `to_json` wrote. Raises RecordError where `data` is no verdict."""
    return decoded(Verdict, data)


def _of_span(rule: Rule, span: Span, as_of_ms: int) -> Verdict:
    return evaluate(rule, span.measure, as_of_ms=as_of_ms, window_end_ms=min(span.first_end_ms, as_of_ms))


def _at_least(name: str, value: int, bound: int) -> Predicate:
    return Predicate(name=name, value=value, bound=bound, margin=value - bound, holds=value >= bound)


def _verdict(
    rule: Rule,
    status: Status,
    measure: Measure,
    trace: tuple[Predicate, ...],
    *,
    as_of_ms: int,
    window_end_ms: int,
) -> Verdict:
    return Verdict(
        status=status,
        as_of_ms=as_of_ms,
        window_end_ms=window_end_ms,
        window_ms=rule.window_ms,
        threshold_id=rule.threshold_id,
        version=rule.version,
        metric=rule.metric,
        measure=measure,
        trace=trace,
    )
