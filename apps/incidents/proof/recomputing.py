"""From events to the verdict and the incident's ids, by the references alone. Pure, and the standard library alone.

These are the functions that the ticks use too (windows, evaluation, lifecycle), but for the signals: a tick finds those
by SQL, and here the plain-Python reference of the same definition does.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from apps.detection.catalog import rule_of
from apps.detection.hiding import Hiding, hidden_by
from apps.detection.interactions import Event, first_copies
from apps.detection.signal import Signal, kept_until_ms
from apps.incidents import sentences
from apps.incidents.proof.document import UsedDefinition
from apps.thresholds.evaluation import Rule, Verdict, evaluate
from apps.thresholds.exposure import Exposure, Levels, Seen, steps_of
from apps.thresholds.matching import Group, Traits, counts, group_of
from apps.thresholds.survey import survey
from apps.thresholds.windows import Ends, Point, cell_of, held


def counted_signals(
    events: Iterable[Event],
    definitions: Sequence[UsedDefinition],
    *,
    rule: Rule,
    group: Group,
    window_end_ms: int,
    settled_before_ms: int,
    hidings: Sequence[Hiding],
    as_of_ms: int,
) -> list[Signal]:
    """The signals of `events` that decide about the group's window, in order of time.

    Those from before `settled_before_ms` are only compared with.
    """
    found = []
    for _, session in groupby(sorted(events, key=_session), key=_session):
        copies = first_copies(session)
        for definition in definitions:
            found += rule_of(definition.name).reference(copies, definition.parameters)
    (near_from_ms, near_to_ms), *compared = stretches(rule, window_end_ms)
    times = [(max(near_from_ms, settled_before_ms), near_to_ms), *compared]
    counted = [
        signal
        for signal in found
        if any(from_ms <= cell_of(signal.ts_ms) < to_ms for from_ms, to_ms in times)
        and kept_until_ms(signal.ts_ms, signal.retention_days) > as_of_ms
        and is_of(signal_traits(signal), rule=rule, group=group)
        and not hidden_by(signal, hidings)
    ]
    return sorted(counted, key=lambda signal: (signal.ts_ms, signal.session_id, signal.page_id, signal.n, signal.kind))


def stretches(rule: Rule, window_end_ms: int) -> list[tuple[int, int]]:
    """The times [from, to), ms, of all windows that decide about the one that ends at `window_end_ms`."""
    near = (window_end_ms - rule.window_ms - rule.lead_ms, window_end_ms)
    return [near, (near[0] - rule.earlier_ms, near[1] - rule.earlier_ms)] if rule.factor_percent else [near]


def is_of(traits: Traits, *, rule: Rule, group: Group) -> bool:
    """Whether the rule counts signals of these traits in this group."""
    return counts(rule, traits) and group_of(rule, traits) == group


def signal_traits(signal: Signal) -> Traits:
    """What the rule filters and groups the signal by."""
    return Traits(
        signal.kind, signal.route, signal.element, signal.environment, signal.release, signal.device
    )  # fmt: skip


def verdict_on(
    signals: Sequence[Signal],
    presences: Sequence[Seen],
    *,
    rule: Rule,
    as_of_ms: int,
    window_end_ms: int,
    settled_before_ms: int,
) -> Verdict:
    """What the rule says about the window that ends at `window_end_ms`, by the signals and who was there."""
    (span,) = survey(
        rule,
        _points(signals),
        ends=[Ends(window_end_ms, window_end_ms)],
        as_of_ms=as_of_ms,
        exposure=Exposure(Levels(steps_of(presences, window_ms=rule.window_ms))),
        settled_before_ms=settled_before_ms,
    )
    return evaluate(
        rule,
        span.measure,
        as_of_ms=as_of_ms,
        window_end_ms=window_end_ms,
        earlier=span.earlier,
        reached=span.reached,
    )


def sentence_of(
    signals: Sequence[Signal], *, rule: Rule, group: Group, verdict: Verdict, settled_before_ms: int
) -> str:
    """The sentence with which the incident opened."""
    unsettled = [signal for signal in signals if cell_of(signal.ts_ms) >= settled_before_ms]
    points = held(_points(unsettled), end_ms=verdict.window_end_ms, window_ms=rule.window_ms)
    return sentences.opening(rule, verdict, group, sentences.facts(points))


def _session(event: Event) -> str:
    return event.session_id


def _points(signals: Iterable[Signal]) -> list[Point]:
    return [
        Point(
            cell_ms=cell_of(signal.ts_ms),
            kind=signal.kind,
            session_id=signal.session_id,
            user_id=signal.user_id,
            signals=1,
            clicks=signal.count,
            route=signal.route,
            element=signal.element,
            label=signal.element_label,
            detail=signal.detail,
        )
        for signal in signals
    ]
