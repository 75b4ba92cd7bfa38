"""The verdict of a threshold's version on what a window holds. Pure: no Django, no driver, no clock.

The live tick, the backtest, the explanation and the offline proof all call these functions: there is no second copy of
the rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from apps.core.records import decoded, encoded
from apps.thresholds.windows import GRID_MS, Measure, Span

Metric = Literal["signals", "sessions", "users", "share"]
Grouping = Literal["nothing", "route", "element", "route_element"]


# A share is of this many: whole numbers, and fine enough for a busy site's half a percent.
PER_MILLE = 1_000
# A share is judged 20 s after its window ended. A session's page reports at most 5 s after its event, then comes the
# settle time (3 s) and the tick (10 s). Judged at once, the sessions of the last seconds would be missing in what the
# share is of, and at the bound incidents would open and be taken back with every tick.
LAG_MS = 20_000


@dataclass(frozen=True, slots=True)
class Rule:
    """What a threshold's version asks for. Empty filters let everything pass; `window_ms` is a multiple of 10 s.

    `at_least` is a number of signals, sessions or users, or of sessions in 1,000. `factor_percent` (0: nothing is
    compared) also asks for this many percent of the number `earlier_ms` before. `breaches_needed` of the last
    `breaches_among` windows, 10 s apart, have to reach the numbers, the last of them too.
    """

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
    factor_percent: int = 0
    earlier_ms: int = 0
    breaches_needed: int = 1
    breaches_among: int = 1

    @property
    def lag_ms(self) -> int:
        """How long after its end a window is judged. What a share is of has to have arrived."""
        return LAG_MS if self.metric == "share" else 0

    @property
    def lead_ms(self) -> int:
        """How far before a window's end the first of the windows ends that decide with it."""
        return (self.breaches_among - 1) * GRID_MS

    @property
    def reach_ms(self) -> int:
        """How far before a window's end the signals begin that decide about it."""
        return self.window_ms + self.lead_ms + self.earlier_ms


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
    # Of the window that this one is compared with.
    earlier: Measure | None = None

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
    Of a share that is not so: its windows breach only as far as they are known, because more sessions may come.

    `ahead_ms` is the first end after those known at which a window breaches if nothing else arrives, None where none
    does or where `last_breach_ms` says it already. It needs a look at that time.
    """

    verdict: Verdict
    first_breach_ms: int | None = None
    last_breach_ms: int | None = None
    ahead_ms: int | None = None


def metric_value(measure: Measure, metric: Metric) -> int:
    """The number that `metric` reads from a measure. Of a share: sessions in 1,000, rounded down."""
    match metric:
        case "signals":
            return measure.signals
        case "sessions":
            return measure.sessions
        case "users":
            return measure.users
        case "share":
            # A presence is known no later than a signal of its session. Were it lost, the share would be all there is.
            return PER_MILLE * measure.sessions // max(measure.exposed, measure.sessions, 1)


def percent(per_mille: int) -> str:
    """Thousandths as people say them: 5 is "0.5 %", 50 is "5 %"."""
    whole, tenth = divmod(per_mille, 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"


def evaluate(
    rule: Rule,
    measure: Measure | None,
    *,
    as_of_ms: int,
    window_end_ms: int,
    earlier: Measure | None = None,
    reached: int = 1,
) -> Verdict:
    """The verdict on one window. A measure that could not be taken is None: inconclusive, with no trace.

    `earlier` is the measure of the window that a comparing rule compares with. `reached` of the last verdicts, this
    window's included, reached the rule's numbers; 1 where they are not asked for.
    """
    known = measure is not None and not (rule.factor_percent and earlier is None)
    found = Measure() if measure is None or not known else measure
    return Verdict(
        status=_status(rule, found, earlier, reached) if known else Status.INCONCLUSIVE,
        as_of_ms=as_of_ms,
        window_end_ms=window_end_ms,
        window_ms=rule.window_ms,
        threshold_id=rule.threshold_id,
        version=rule.version,
        metric=rule.metric,
        measure=found,
        trace=_trace(rule, found, earlier, reached) if known else (),
        earlier=earlier if known else None,
    )


def numbers_status(rule: Rule, measure: Measure, earlier: Measure | None) -> Status:
    """The answer by the window's own numbers, before the verdicts before it are asked."""
    value = metric_value(measure, rule.metric)
    if value < rule.at_least or value < _times_earlier(rule, earlier):
        return Status.CLEAR
    return Status.BREACHED if _exposure(rule, measure) >= rule.minimum_sessions else Status.TOO_LITTLE_DATA


def status_of(rule: Rule, span: Span) -> Status:
    """The answer alone, without its trace: for the many windows of which nobody will read more."""
    return _status(rule, span.measure, span.earlier, span.reached)


def judge(rule: Rule, spans: Sequence[Span], *, as_of_ms: int) -> Judgement:
    """Evaluates every span. At least one must begin by `as_of_ms` less the rule's lag; ValueError otherwise."""
    known_ms = as_of_ms - rule.lag_ms
    known = [span for span in spans if span.first_end_ms <= known_ms]
    if not known:
        raise ValueError("No window ends by the tick that judges them.")
    breached = [span for span in spans if status_of(rule, span) is Status.BREACHED]
    candidates = [span for span in breached if span.first_end_ms <= known_ms]
    ahead_ms = next(
        (max(span.first_end_ms, known_ms + GRID_MS) for span in breached if span.last_end_ms > known_ms), None
    )
    if not candidates:
        return Judgement(verdict=_of_span(rule, known[-1], known_ms, as_of_ms), ahead_ms=ahead_ms)
    # max() keeps the first of equals, and the spans are in order of time.
    strongest = max(candidates, key=lambda span: (metric_value(span.measure, rule.metric), span.measure.clicks))
    foreseen = rule.metric != "share"
    return Judgement(
        verdict=_of_span(rule, strongest, known_ms, as_of_ms),
        first_breach_ms=breached[0].first_end_ms,
        last_breach_ms=breached[-1].last_end_ms if foreseen else min(candidates[-1].last_end_ms, known_ms),
        ahead_ms=None if foreseen else ahead_ms,
    )


def to_json(verdict: Verdict) -> dict[str, object]:
    """The verdict as what a JSON column takes."""
    result: dict[str, object] = encoded(verdict)
    return result


def from_json(data: Mapping[str, object]) -> Verdict:
    """The verdict that `to_json` wrote. Raises RecordError where `data` is no verdict."""
    return decoded(Verdict, data)


def _of_span(rule: Rule, span: Span, known_ms: int, as_of_ms: int) -> Verdict:
    return evaluate(
        rule,
        span.measure,
        as_of_ms=as_of_ms,
        window_end_ms=min(span.first_end_ms, known_ms),
        earlier=span.earlier,
        reached=span.reached,
    )


def _status(rule: Rule, measure: Measure, earlier: Measure | None, reached: int) -> Status:
    status = numbers_status(rule, measure, earlier)
    if status is Status.BREACHED and reached < rule.breaches_needed:
        return Status.CLEAR
    return status


def _trace(rule: Rule, measure: Measure, earlier: Measure | None, reached: int) -> tuple[Predicate, ...]:
    """Every predicate that the rule asks for. The window breaches where all of them hold."""
    value = metric_value(measure, rule.metric)
    trace = [_at_least(f"{rule.metric}_at_least", value, rule.at_least)]
    if rule.factor_percent:
        trace.append(_at_least("times_earlier", value, _times_earlier(rule, earlier)))
    trace.append(_at_least("minimum_sessions", _exposure(rule, measure), rule.minimum_sessions))
    if rule.breaches_among > 1:
        trace.append(_at_least("breaches_needed", reached, rule.breaches_needed))
    return tuple(trace)


def _times_earlier(rule: Rule, earlier: Measure | None) -> int:
    """The least whole number that is `factor_percent` of the number earlier; 0 where nothing is compared."""
    if earlier is None:
        return 0
    return -(-rule.factor_percent * metric_value(earlier, rule.metric) // 100)


def _exposure(rule: Rule, measure: Measure) -> int:
    """The sessions that make the numbers mean something: of a share, all that it is of."""
    return measure.exposed if rule.metric == "share" else measure.sessions


def _at_least(name: str, value: int, bound: int) -> Predicate:
    return Predicate(name=name, value=value, bound=bound, margin=value - bound, holds=value >= bound)
