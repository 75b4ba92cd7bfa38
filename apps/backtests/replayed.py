"""The incidents of one group as a replay leaves them, in the words of the live ones. Pure: no Django, no driver."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from apps.backtests.history import Knowledge
from apps.incidents import sentences
from apps.incidents.lifecycle import Action, Outcome, Snapshot, fingerprint, incident_id
from apps.thresholds.evaluation import Rule, Verdict
from apps.thresholds.matching import Group
from apps.thresholds.windows import held


@dataclass(frozen=True, slots=True)
class Step:
    """One transition of a replayed incident, as its Transition would say it."""

    at_ms: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """An incident as the span's ticks would have left it. Ids, times (ms since 1970) and words are the live ones."""

    id: UUID
    fingerprint: UUID
    group: Group
    state: str
    sentence: str
    opening: Verdict
    peak: Verdict
    opened_ms: int
    began_ms: int
    until_ms: int
    resolved_ms: int | None = None
    late: bool = False
    regressions: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Journal:
    """What the outcomes of one tick after the other make of a group's incidents."""

    rule: Rule
    project_id: int
    group: Group
    incidents: list[Replayed] = field(default_factory=list)
    # Of each incident, from when on signals counted for its strongest verdict.
    _counted_from_ms: list[int] = field(default_factory=list)

    def note(self, current: Snapshot, outcome: Outcome, tick_ms: int, *, settled_before_ms: int) -> None:
        """Takes down what an outcome left behind. `settled_before_ms` is as it was when the tick judged."""
        if outcome.action is Action.OPEN:
            self.incidents.append(self._opened(current, outcome, tick_ms))
            self._counted_from_ms.append(settled_before_ms)
            return
        latest = self.incidents[-1]
        following = replace(
            latest,
            state=current.state,
            began_ms=current.began_ms,
            until_ms=current.until_ms,
            peak=current.peak,
            resolved_ms=current.resolved_ms,
            regressions=latest.regressions + outcome.regression,
        )
        if outcome.action is not Action.UPDATE:
            following = replace(following, steps=(*latest.steps, Step(tick_ms, outcome.state, outcome.reason)))
        self.incidents[-1] = following
        if outcome.peak:
            self._counted_from_ms[-1] = settled_before_ms

    def told(self, knowledge: Knowledge) -> list[Replayed]:
        """The incidents with the sentences of their strongest verdicts, which are put into words only now."""
        both = zip(self.incidents, self._counted_from_ms, strict=True)
        return [self._told(incident, knowledge, counted_from_ms) for incident, counted_from_ms in both]

    def _told(self, incident: Replayed, knowledge: Knowledge, counted_from_ms: int) -> Replayed:
        peak = incident.peak
        points = knowledge.points(
            from_ms=max(peak.window_end_ms - peak.window_ms, counted_from_ms),
            to_ms=peak.window_end_ms,
            as_of_ms=peak.as_of_ms,
        )
        found = sentences.facts(held(points, end_ms=peak.window_end_ms, window_ms=peak.window_ms))
        label = (("label", found.label),) if "element" in dict(self.group) else ()
        sentence = sentences.opening(self.rule, peak, self.group, found)
        return replace(incident, sentence=sentence, group=(*self.group, *label))

    def _opened(self, current: Snapshot, outcome: Outcome, tick_ms: int) -> Replayed:
        of_fingerprint = fingerprint(self.project_id, self.rule.threshold_id, self.group)
        return Replayed(
            id=incident_id(of_fingerprint, tick_ms),
            fingerprint=of_fingerprint,
            group=self.group,
            state=current.state,
            sentence="",
            opening=current.peak,
            peak=current.peak,
            opened_ms=tick_ms,
            began_ms=current.began_ms,
            until_ms=current.until_ms,
            late=outcome.late,
            steps=(Step(tick_ms, outcome.state, outcome.reason),),
        )
