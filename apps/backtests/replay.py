"""Ticking one rule over history, tick by tick, with the live tick's own functions. Pure: no Django, driver or clock.

Only ticks at which something happens are run, as in the live engine: one that wrote or took back a signal of the group,
one at which the time of a signal from a fast clock came, one that came to know late of sessions that a share is of, one
for which a breach was foreseen, one at which an incident's quiet time was over and people had come.

The rule comes into force at the first tick, with no incident yet; nobody acknowledges, mutes or resolves anything.
"""

from bisect import bisect_right
from collections import defaultdict
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
    next_look_ms,
    quiet_ends_ms,
)
from apps.thresholds.evaluation import Rule, Verdict
from apps.thresholds.exposure import NOBODY, Exposure
from apps.thresholds.matching import Group
from apps.thresholds.targets import Coverage, Target, onward, outgrows
from apps.thresholds.windows import Ends, cell_after, cell_of, held


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


@dataclass(frozen=True, slots=True)
class Sessions:
    """Who was there at all. `exposure` is what the group's share is of; NOBODY where the rule asks for none.

    `arrived` gives, for a window end (ms), the ticks that came to know of a session since then, in order, as many as
    the policy wants at most.
    """

    exposure: Exposure = NOBODY
    arrived: Callable[[int], Sequence[int]] = lambda _: ()


def replay_group(
    rows: Sequence[Known],
    *,
    rule: Rule,
    policy: Policy,
    project_id: int,
    group: Group,
    span: Span,
    sessions: Sessions = Sessions(),
    passed: Callable[[int], None] = lambda rows: None,
) -> list[Replayed]:
    """The incidents of one group, oldest first. `rows` are the group's, as `history.by_group` gives them.

    They have to hold every signal from one reach of the rule before the earliest that a tick of the span learned of.
    `passed` is called after each tick with the number of rows that it learned; whatever it raises stops the replay.
    """
    ticking = _Ticking(rule, policy, project_id, group, sessions)
    for row in rows:
        if row.due_ms <= span.first_ms:
            ticking.knowledge.learn(row)
    ticking.begin(span.first_ms)
    learned = dict(arrivals(rows, after_ms=span.first_ms))
    late = _late_cells(sessions.exposure, after_ms=span.first_ms)
    coming = sorted({*learned, *late}, reverse=True)
    while True:
        candidates = [*coming[-1:], *ticking.by_time()]
        tick_ms = min(candidates, default=span.last_ms + 1)
        if tick_ms > span.last_ms:
            return ticking.incidents
        if coming and coming[-1] == tick_ms:
            coming.pop()
        ticking.tick(tick_ms, learned.get(tick_ms, ()), late.get(tick_ms, ()))
        passed(len(learned.get(tick_ms, ())))


def _late_cells(exposure: Exposure, *, after_ms: int) -> dict[int, list[int]]:
    """By tick the cells of which it came to know late that a session was there."""
    cells: defaultdict[int, list[int]] = defaultdict(list)
    for seen in exposure.late:
        if seen.late and seen.known_ms > after_ms:
            cells[seen.known_ms].append(seen.cell_ms)
    return dict(cells)


@dataclass(slots=True)
class _Ticking:
    rule: Rule
    policy: Policy
    project_id: int
    group: Group
    sessions: Sessions
    knowledge: Knowledge = field(default_factory=Knowledge)
    incidents: list[Replayed] = field(default_factory=list)
    _current: Snapshot | None = None
    _look_ms: int | None = None
    _arrived: dict[int, Sequence[int]] = field(default_factory=dict)

    def begin(self, tick_ms: int) -> None:
        """The rule comes into force: judges what its windows hold already."""
        target = Target(self.project_id, self.rule, self.group)
        target.widen(onward(self.rule, tick_ms), Coverage.ONWARD)
        self._judge(target, tick_ms)

    def by_time(self) -> list[int]:
        """The ticks at which something happens though nothing arrives: a look is due, an incident was quiet."""
        current = self._current
        ticks = [] if self._look_ms is None else [self._look_ms]
        if current is None or current.state == RESOLVED:
            return ticks
        quiet_ms = cell_after(quiet_ends_ms(current, self.policy))
        if self.policy.minimum_exposure:
            arrived = self._arrived_since(current.until_ms)
            if len(arrived) < self.policy.minimum_exposure:
                return ticks
            quiet_ms = max(quiet_ms, arrived[self.policy.minimum_exposure - 1])
        return [*ticks, quiet_ms]

    def tick(self, tick_ms: int, learned: Sequence[Known], late_cells: Sequence[int]) -> None:
        """One tick: it learned rows of the group, or of sessions of which it had not known, or time has passed."""
        target = Target(self.project_id, self.rule, self.group)
        for row in learned:
            self.knowledge.learn(row)
            target.touch(cell_of(row.ts_ms), as_of_ms=tick_ms)
            target.retracted = target.retracted or row.retracted
        if self._look_ms == tick_ms:
            target.ends.append(onward(self.rule, tick_ms))
        current = self._current
        if current is not None and current.state != RESOLVED:
            target.outgrown = target.outgrown or outgrows(
                self.rule, late_cells, began_ms=current.began_ms, until_ms=current.until_ms
            )
            if target.lessened:
                target.widen(Ends(current.began_ms, onward(self.rule, tick_ms).last), Coverage.EPISODE)
        if target.ends:
            self._judge(target, tick_ms)
        else:
            self._apply(self._decide(None, tick_ms), tick_ms, "", self.group)

    def _arrived_since(self, since_ms: int) -> Sequence[int]:
        if since_ms not in self._arrived:
            self._arrived[since_ms] = self.sessions.arrived(since_ms)
        return self._arrived[since_ms]

    def _decide(self, finding: Finding | None, tick_ms: int) -> Outcome:
        return decide(
            self._current,
            finding,
            self.policy,
            tick_ms,
            seen_since=lambda since_ms: bisect_right(self._arrived_since(since_ms), tick_ms),
        )

    def _judge(self, target: Target, tick_ms: int) -> None:
        settled_before_ms = self._current.settled_before_ms if self._current else 0
        target.points = self.knowledge.points(from_ms=cell_of(target.from_ms()), to_ms=tick_ms)
        target.exposure = self.sessions.exposure
        finding, foreseen_ms = None, None
        # Fewer signals than the bound breach no window, unless the bound is a share: nothing to slide over.
        fewest = 1 if self.rule.metric == "share" else self.rule.at_least
        if len(target.points) >= fewest or target.coverage is not Coverage.CHANGED:
            judgement = target.judge(as_of_ms=tick_ms, settled_before_ms=settled_before_ms)
            finding = Finding(judgement, target.coverage, retracted=target.retracted)
            if judgement.ahead_ms is not None:
                foreseen_ms = judgement.ahead_ms + self.rule.lag_ms
        self._look_ms = next_look_ms(self._look_ms, foreseen_ms, tick_ms)
        outcome = self._decide(finding, tick_ms)
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
