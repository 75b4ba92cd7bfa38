"""Ticking one rule over history, tick by tick, with the live tick's own functions. Pure: no Django, driver or clock.

Only ticks at which something happens are run, as in the live engine: one that wrote or took back a signal of the group,
one at which the time of a signal from a fast clock came, one at which an incident's quiet time was over.

The rule comes into force at the first tick, with no incident yet; nobody acknowledges, mutes or resolves anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from apps.backtests.history import Knowledge, Known, arrivals
from apps.incidents import sentences
from apps.incidents.lifecycle import (
    RESOLVED,
    Action,
    Finding,
    Outcome,
    Policy,
    Snapshot,
    after,
    decide,
    fingerprint,
    incident_id,
    quiet_ends_ms,
)
from apps.thresholds.evaluation import Rule, Verdict
from apps.thresholds.matching import Group
from apps.thresholds.targets import Coverage, Target, onward
from apps.thresholds.windows import Ends, cell_after, cell_of, ends_holding, held


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The ticks from `first_ms` to `last_ms`, both included and both on the grid."""

    first_ms: int
    last_ms: int

    def __post_init__(self) -> None:
        if self.first_ms != cell_of(self.first_ms) or self.last_ms != cell_of(self.last_ms):
            raise ValueError("A span begins and ends with a tick: multiples of 10 s.")


def replay_group(
    rows: Sequence[Known],
    *,
    rule: Rule,
    policy: Policy,
    project_id: int,
    group: Group,
    span: Span,
    passed: Callable[[int], None] = lambda rows: None,
) -> list[Replayed]:
    """The incidents of one group, oldest first. `rows` are the group's, as `history.by_group` gives them.

    They have to hold every signal from one window before the earliest that a tick of the span learned of. `passed` is
    called after each tick with the number of rows that it learned; whatever it raises stops the replay.
    """
    ticking = _Ticking(rule, policy, project_id, group)
    for row in rows:
        if row.due_ms <= span.first_ms:
            ticking.knowledge.learn(row)
    ticking.look(span.first_ms, onward(rule, span.first_ms))
    for tick_ms, learned in arrivals(rows, after_ms=span.first_ms):
        if tick_ms > span.last_ms:
            break
        ticking.let_time_pass(before_ms=tick_ms)
        ticking.take_in(tick_ms, learned)
        passed(len(learned))
    ticking.let_time_pass(before_ms=span.last_ms + 1)
    return ticking.incidents


@dataclass(slots=True)
class _Ticking:
    rule: Rule
    policy: Policy
    project_id: int
    group: Group
    knowledge: Knowledge = field(default_factory=Knowledge)
    incidents: list[Replayed] = field(default_factory=list)
    _current: Snapshot | None = None

    def look(self, tick_ms: int, ends: Ends) -> None:
        """The rule comes into force: judges what its windows hold already."""
        target = Target(self.project_id, self.rule, self.group)
        target.widen(ends, Coverage.ONWARD)
        self._judge(target, tick_ms)

    def take_in(self, tick_ms: int, learned: Sequence[Known]) -> None:
        """A tick that learned something of this group."""
        for row in learned:
            self.knowledge.learn(row)
        target = Target(self.project_id, self.rule, self.group)
        target.ends += [ends_holding(cell_of(row.ts_ms), self.rule.window_ms) for row in learned]
        current = self._current
        if any(row.retracted for row in learned) and current is not None and current.state != RESOLVED:
            target.widen(Ends(current.began_ms, onward(self.rule, tick_ms).last), Coverage.EPISODE)
        self._judge(target, tick_ms)

    def let_time_pass(self, *, before_ms: int) -> None:
        """Runs the tick, if there is one before `before_ms`, at which the incident has been quiet for long enough."""
        current = self._current
        if current is None or current.state == RESOLVED:
            return
        tick_ms = cell_after(quiet_ends_ms(current, self.policy))
        if tick_ms < before_ms:
            self._apply(decide(current, None, self.policy, tick_ms), tick_ms, "", self.group)

    def _judge(self, target: Target, tick_ms: int) -> None:
        settled_before_ms = self._current.settled_before_ms if self._current else 0
        target.points = self.knowledge.points(from_ms=cell_of(target.from_ms()), to_ms=tick_ms)
        # Fewer signals than the bound breach no window, whatever the metric: nothing to slide over.
        finding = None
        if len(target.points) >= self.rule.at_least or target.coverage is not Coverage.CHANGED:
            judgement = target.judge(as_of_ms=tick_ms, settled_before_ms=settled_before_ms)
            finding = Finding(judgement, target.coverage)
        outcome = decide(self._current, finding, self.policy, tick_ms)
        sentence, group = "", self.group
        if outcome.peak:
            found = sentences.facts(
                held(
                    target.counted(settled_before_ms=settled_before_ms),
                    end_ms=outcome.peak.window_end_ms,
                    window_ms=self.rule.window_ms,
                )
            )
            sentence = sentences.opening(self.rule, outcome.peak, self.group, found)
            group = (*self.group, ("label", found.label)) if "element" in dict(self.group) else self.group
        self._apply(outcome, tick_ms, sentence, group)

    def _apply(self, outcome: Outcome, tick_ms: int, sentence: str, group: Group) -> None:
        self._current = after(self._current, outcome, tick_ms)
        if outcome.action is Action.NOTHING or self._current is None:
            return
        if outcome.action is Action.OPEN:
            self.incidents.append(self._opened(self._current, outcome, tick_ms, sentence, group))
            return
        latest = self.incidents[-1]
        following = replace(
            latest,
            state=self._current.state,
            began_ms=self._current.began_ms,
            until_ms=self._current.until_ms,
            peak=self._current.peak,
            resolved_ms=self._current.resolved_ms,
            regressions=latest.regressions + outcome.regression,
        )
        if outcome.peak:
            following = replace(following, sentence=sentence, group=group)
        if outcome.action is not Action.UPDATE:
            following = replace(following, steps=(*latest.steps, Step(tick_ms, outcome.state, outcome.reason)))
        self.incidents[-1] = following

    def _opened(self, current: Snapshot, outcome: Outcome, tick_ms: int, sentence: str, group: Group) -> Replayed:
        of_fingerprint = fingerprint(self.project_id, self.rule.threshold_id, self.group)
        return Replayed(
            id=incident_id(of_fingerprint, tick_ms),
            fingerprint=of_fingerprint,
            group=group,
            state=current.state,
            sentence=sentence,
            opening=current.peak,
            peak=current.peak,
            opened_ms=tick_ms,
            began_ms=current.began_ms,
            until_ms=current.until_ms,
            late=outcome.late,
            steps=(Step(tick_ms, outcome.state, outcome.reason),),
        )
