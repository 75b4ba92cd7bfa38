"""From events to the verdict and the incident's ids, by the references alone. Pure, and the standard library alone.

These are the functions that the ticks use too (windows, evaluation, lifecycle), but for the signals: a tick finds those
by SQL, and here the plain-Python reference of the same definition does.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from apps.detection.catalog import rule_of
from apps.detection.hiding import Hiding, hidden_by
from apps.detection.interactions import Event, first_copies
from apps.detection.signal import Signal
from apps.incidents import sentences
from apps.incidents.proof.document import UsedDefinition
from apps.thresholds.evaluation import Rule, Verdict, evaluate
from apps.thresholds.matching import Group, Traits, counts, group_of
from apps.thresholds.windows import Ends, Point, cell_of, held, slide


def counted_signals(
    events: Iterable[Event],
    definitions: Sequence[UsedDefinition],
    *,
    rule: Rule,
    group: Group,
    window_end_ms: int,
    settled_before_ms: int,
    hidings: Sequence[Hiding],
) -> list[Signal]:
    """The signals of `events` that the rule counts in the group's window, in order of time."""
    found = []
    for _, session in groupby(sorted(events, key=_session), key=_session):
        copies = first_copies(session)
        for definition in definitions:
            found += rule_of(definition.name).reference(copies, definition.parameters)
    from_ms = max(window_end_ms - rule.window_ms, settled_before_ms)
    counted = [
        signal
        for signal in found
        if from_ms <= cell_of(signal.ts_ms) < window_end_ms
        and is_of(signal_traits(signal), rule=rule, group=group)
        and not hidden_by(signal, hidings)
    ]
    return sorted(counted, key=lambda signal: (signal.ts_ms, signal.session_id, signal.page_id, signal.n, signal.kind))


def is_of(traits: Traits, *, rule: Rule, group: Group) -> bool:
    """Whether the rule counts signals of these traits in this group."""
    return counts(rule, traits) and group_of(rule, traits) == group


def signal_traits(signal: Signal) -> Traits:
    """What the rule filters and groups the signal by."""
    return Traits(
        signal.kind, signal.route, signal.element, signal.environment, signal.release, signal.device
    )  # fmt: skip


def verdict_on(signals: Sequence[Signal], *, rule: Rule, as_of_ms: int, window_end_ms: int) -> Verdict:
    """What the rule says about the window that ends at `window_end_ms` and holds `signals`."""
    end = Ends(window_end_ms, window_end_ms)
    (span,) = slide(_points(signals), window_ms=rule.window_ms, ends=[end])
    return evaluate(rule, span.measure, as_of_ms=as_of_ms, window_end_ms=window_end_ms)


def sentence_of(signals: Sequence[Signal], *, rule: Rule, group: Group, verdict: Verdict) -> str:
    """The sentence with which the incident opened."""
    points = held(_points(signals), end_ms=verdict.window_end_ms, window_ms=rule.window_ms)
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
