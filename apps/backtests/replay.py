"""Ticking one rule over history, tick by tick, with the live tick's own functions. Pure: no Django, driver or clock.

Only ticks at which something happens are run, as in the live engine: one that wrote or took back a signal of the group,
one at which the time of a signal from a fast clock came, one that came to know late of sessions that a share is of, one
for which a breach was foreseen, one at which an incident's quiet time was over and people had come.

The rule comes into force at the first tick, with no incident yet; nobody acknowledges, mutes or resolves anything.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from apps.backtests.board import Board, breaches_from, breaches_until, decisive, strongest
from apps.backtests.history import NO_SESSIONS, Knowledge, Known, Sessions, arrivals, on_time
from apps.backtests.replayed import Journal, Replayed
from apps.incidents.lifecycle import (
    RESOLVED,
    Action,
    Finding,
    Outcome,
    Policy,
    Snapshot,
    after,
    decide,
    next_look_ms,
    quiet_ends_ms,
)
from apps.thresholds.evaluation import LAG_MS, Rule, judge
from apps.thresholds.matching import Group
from apps.thresholds.targets import Coverage, Target, onward, outgrows
from apps.thresholds.windows import GRID_MS, NEVER_MS, Ends, Point, cell_after, cell_of

# A share's incident that is quiet only for so long, ms, may resolve between two looks.
_QUIET_MS = LAG_MS + GRID_MS


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
    retention_ms: int,
    group: Group,
    span: Span,
    sessions: Sessions = NO_SESSIONS,
    passed: Callable[[int], None] = lambda rows: None,
) -> list[Replayed]:
    """The incidents of one group, oldest first. `rows` are the group's, as `history.by_group` gives them.

    They have to hold every signal from one reach of the rule before the earliest that a tick of the span learned of.
    `passed` is called after each tick with the number of rows that it learned; whatever it raises stops the replay.
    """
    if not rows:
        return []
    cells = [row.point.cell_ms for row in rows]
    board = Board(rule, first_cell_ms=min(cells), last_cell_ms=max(cells), levels=sessions.exposure.levels)
    ticking = _Ticking(rule, policy, project_id, retention_ms, group, sessions, board)
    ticking.begin(span.first_ms, [row for row in rows if row.due_ms <= span.first_ms])
    coming = [each for each in arrivals(rows, after_ms=span.first_ms) if each[0] <= span.last_ms]
    surprises = [tick_ms for tick_ms, learned in coming if not on_time(learned, rule, tick_ms)]
    surprises.append(span.last_ms + GRID_MS)
    taken = 0
    while True:
        tick_ms, learned = coming[taken] if taken < len(coming) else (NEVER_MS, [])
        surprise_ms = surprises[min(bisect_left(surprises, tick_ms), len(surprises) - 1)]
        lasts_ms = ticking.breach_lasts_until(before_ms=surprise_ms)
        if lasts_ms is not None:
            end = bisect_right(coming, lasts_ms, lo=taken, key=itemgetter(0))
            learned = [row for _, together in coming[taken:end] for row in together]
            ticking.look_until(lasts_ms, learned)
            passed(len(learned))
            taken = end
            continue
        by_time_ms = ticking.by_time(before_ms=min(tick_ms, span.last_ms + 1))
        if by_time_ms is not None:
            ticking.tick(by_time_ms, ())
        elif learned:
            ticking.tick(tick_ms, learned)
            passed(len(learned))
            taken += 1
        else:
            return ticking.journal.told(ticking.knowledge)


@dataclass(slots=True)
class _Ticking:
    rule: Rule
    policy: Policy
    project_id: int
    retention_ms: int
    group: Group
    sessions: Sessions
    # All that is known, and what of it counts: after a resolution, only what came since.
    board: Board
    counted: Board = field(init=False)
    knowledge: Knowledge = field(default_factory=Knowledge)
    journal: Journal = field(init=False)
    _current: Snapshot | None = None
    _settled_before_ms: int = 0
    _look_ms: int | None = None
    # How many of the late sessions are known.
    _seen: int = 0

    def __post_init__(self) -> None:
        self.counted = self.board
        self.journal = Journal(self.rule, self.project_id, self.group)

    def begin(self, tick_ms: int, learned: Sequence[Known]) -> None:
        """The rule comes into force: judges what its windows hold already."""
        for row in learned:
            self._learn(row)
        self._forget(tick_ms)
        self._see_until(tick_ms)
        target = Target(self.project_id, self.rule, self.group)
        target.widen(onward(self.rule, tick_ms), Coverage.ONWARD)
        self._judge(target, tick_ms)

    def by_time(self, *, before_ms: int) -> int | None:
        """The first tick before `before_ms` at which something happens though no signal arrives, or None.

        A look is due, an incident was quiet for long enough, or it may be outgrown by sessions that came late.
        """
        ticks = [] if self._look_ms is None else [self._look_ms]
        current = self._current
        if current is not None and current.state != RESOLVED:
            if self._seen < len(self.sessions.late):
                ticks.append(self.sessions.late[self._seen].known_ms)
            quiet_ms = cell_after(quiet_ends_ms(current, self.policy))
            # Who arrived has to be read: only where nothing else comes before it matters.
            if self.policy.minimum_exposure and quiet_ms < min([before_ms, *ticks]):
                arrived = self.sessions.arrived(current.until_ms)
                enough = len(arrived) >= self.policy.minimum_exposure
                quiet_ms = max(quiet_ms, arrived[self.policy.minimum_exposure - 1]) if enough else NEVER_MS
            ticks.append(quiet_ms)
        first_ms = min(ticks, default=NEVER_MS)
        return first_ms if first_ms < before_ms else None

    def breach_lasts_until(self, *, before_ms: int) -> int | None:
        """The last tick before `before_ms` of those from the next one on that all find a share's breach going on.

        None where there are none of which this can be said. What arrives on time until then adds signals, which does
        not end it, and only to windows that none of these ticks judges before it knows of them.
        """
        current, look_ms, rule = self._current, self._look_ms, self.rule
        if rule.metric != "share" or rule.factor_percent or current is None or current.state == RESOLVED:
            return None
        if look_ms is None or look_ms != current.until_ms + rule.lag_ms + GRID_MS or self.policy.quiet_ms < _QUIET_MS:
            return None
        before_ms = min(before_ms, look_ms + rule.window_ms, self.knowledge.forgets_ms)
        if self._seen < len(self.sessions.late):
            before_ms = min(before_ms, self.sessions.late[self._seen].known_ms)
        last_ms = cell_after(before_ms) - GRID_MS
        # For one look it is not worth it.
        if last_ms <= look_ms:
            return None
        end_ms = breaches_until(self.board, Ends(look_ms - rule.lag_ms, last_ms - rule.lag_ms))
        return None if end_ms is None else end_ms + rule.lag_ms

    def look_until(self, tick_ms: int, learned: Sequence[Known]) -> None:
        """All ticks up to `tick_ms`, which `breach_lasts_until` gave; they learned rows on time."""
        for row in learned:
            self._learn(row)
        lag_ms = self.rule.lag_ms
        ends = Ends((self._look_ms or tick_ms) - lag_ms, tick_ms - lag_ms)
        span = strongest(self.board, ends)
        # Each tick judged one window, and the tick of the strongest is the one that counts.
        of_strongest = judge(self.rule, [span], as_of_ms=span.first_end_ms + lag_ms)
        judgement = replace(of_strongest, first_breach_ms=ends.first, last_breach_ms=ends.last)
        next_ms = breaches_from(self.board, Ends(ends.last + GRID_MS, onward(self.rule, tick_ms).last))
        self._look_ms = None if next_ms is None else next_ms + lag_ms
        self._apply(self._decide(Finding(judgement, retracted=False), tick_ms), tick_ms)

    def tick(self, tick_ms: int, learned: Sequence[Known]) -> None:
        """One tick: it learned rows of the group, or of sessions of which it had not known, or time has passed."""
        target = Target(self.project_id, self.rule, self.group)
        self._forget(tick_ms)
        for row in learned:
            self._learn(row)
            target.touch(cell_of(row.ts_ms), as_of_ms=tick_ms)
            target.retracted = target.retracted or row.retracted
        late_cells = self._see_until(tick_ms)
        if self._look_ms == tick_ms:
            target.ends.append(onward(self.rule, tick_ms))
        current = self._current
        if current is not None and current.state != RESOLVED:
            target.outgrown = target.outgrown or outgrows(
                self.rule, late_cells, began_ms=current.began_ms, until_ms=current.until_ms
            )
            if target.lessened:
                target.reconsider(began_ms=current.began_ms, as_of_ms=tick_ms, retention_ms=self.retention_ms)
        if target.ends:
            self._judge(target, tick_ms)
        else:
            self._apply(self._decide(None, tick_ms), tick_ms)

    def _learn(self, row: Known) -> None:
        before, now = self.knowledge.learn(row)
        for board in self._boards_with(row.point):
            if before is not None:
                board.put(before, sign=-1)
            if now is not None:
                board.put(now)

    def _forget(self, tick_ms: int) -> None:
        """Takes off what is past its retention: nobody looks at a group because of it, and no window holds it."""
        for point in self.knowledge.forget(tick_ms):
            for board in self._boards_with(point):
                board.put(point, sign=-1)

    def _boards_with(self, point: Point) -> list[Board]:
        is_counted = self.counted is not self.board and point.cell_ms >= self._settled_before_ms
        return [self.board, self.counted] if is_counted else [self.board]

    def _see_until(self, tick_ms: int) -> list[int]:
        """Takes note of the sessions of which this tick came to know late, and returns the cells that were judged."""
        cells = []
        while self._seen < len(self.sessions.late) and self.sessions.late[self._seen].known_ms <= tick_ms:
            seen = self.sessions.late[self._seen]
            self.board.see(seen)
            if seen.late and seen.known_ms == tick_ms:
                cells.append(seen.cell_ms)
            self._seen += 1
        return cells

    def _decide(self, finding: Finding | None, tick_ms: int) -> Outcome:
        return decide(
            self._current,
            finding,
            self.policy,
            tick_ms,
            seen_since=lambda since_ms: bisect_right(self.sessions.arrived(since_ms), tick_ms),
        )

    def _judge(self, target: Target, tick_ms: int) -> None:
        ends = target.judged_ends(as_of_ms=tick_ms)
        spans = decisive(self.counted, self.board, ends=ends, known_ms=tick_ms - self.rule.lag_ms)
        judgement = judge(self.rule, spans, as_of_ms=tick_ms)
        foreseen_ms = None if judgement.ahead_ms is None else judgement.ahead_ms + self.rule.lag_ms
        self._look_ms = next_look_ms(self._look_ms, foreseen_ms, tick_ms)
        self._apply(self._decide(Finding(judgement, target.coverage, retracted=target.retracted), tick_ms), tick_ms)

    def _apply(self, outcome: Outcome, tick_ms: int) -> None:
        self._current = after(self._current, outcome, tick_ms)
        if outcome.action is Action.NOTHING or self._current is None:
            return
        self.journal.note(self._current, outcome, tick_ms, settled_before_ms=self._settled_before_ms)
        self._settle(self._current.settled_before_ms, tick_ms)

    def _settle(self, before_ms: int, tick_ms: int) -> None:
        """From now on only signals since `before_ms` count."""
        if before_ms == self._settled_before_ms:
            return
        self._settled_before_ms = before_ms
        self.counted = self.board
        if before_ms:
            self.counted = self.board.emptied()
            for point in self.knowledge.points(from_ms=before_ms, to_ms=NEVER_MS, as_of_ms=tick_ms):
                self.counted.put(point)
