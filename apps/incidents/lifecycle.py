"""How an incident moves. Pure: no Django, no driver, no clock; the tick's logical time is an argument.

`decide` is the engine's part, `target_state` the people's. Nothing here writes: `recording` applies an outcome and
stores its Transition. States are plain strings, as in the model's `State`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from apps.core.counting import several
from apps.core.ids import derived_id
from apps.thresholds.evaluation import Judgement, Verdict
from apps.thresholds.matching import Group
from apps.thresholds.targets import Coverage

OPEN, ACKNOWLEDGED, MUTED, RESOLVED = "open", "acknowledged", "muted", "resolved"

# A breach this soon after a resolution says that the fix did not hold, so it is the same incident: 7 days, because
# teams that release weekly learn only then whether it did. Later it is a new one.
REGRESSION_MS = 7 * 24 * 3_600_000
# On its way an event waits for the SDK's flush (5 s) and its retries (up to 60 s), the settle time (3 s) and the tick
# (10 s). A breach that is seen later than all of that together came with late events.
LATE_AFTER_MS = 90_000


@dataclass(frozen=True, slots=True)
class Policy:
    """What the version in force asks for. `quiet_ms` is the hysteresis: only so long without a breach resolves.

    Nor does an incident resolve by itself before `minimum_exposure` sessions came after the last breach.
    """

    quiet_ms: int
    minimum_exposure: int = 0
    regression_ms: int = REGRESSION_MS
    late_after_ms: int = LATE_AFTER_MS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The latest incident of a fingerprint, as stored. Times are ms since 1970; `peak` is its strongest verdict.

    `opened_ms` is when it was opened last: the first time, or again by a breach or a person. A mute ends at
    `muted_until_ms`, or before that once the peak reaches `muted_level` (0: no level ends it) or the trouble shows in
    `muted_release` (empty: no release ends it).
    """

    state: str
    opened_ms: int
    began_ms: int
    until_ms: int
    peak: Verdict
    resolved_ms: int | None = None
    retracted: bool = False
    muted_until_ms: int | None = None
    muted_level: int = 0
    muted_release: str = ""

    @property
    def settled_before_ms(self) -> int:
        """Signals from before this are answered by the resolution. One by retraction answers nothing: it was no fix."""
        if self.state != RESOLVED or self.retracted or self.resolved_ms is None:
            return 0
        return self.resolved_ms


class Action(StrEnum):
    """What a tick does to an incident. All but NOTHING and UPDATE are transitions."""

    NOTHING = "nothing"
    OPEN = "open"
    REOPEN = "reopen"
    UPDATE = "update"
    RESOLVE = "resolve"
    RETRACT = "retract"
    UNMUTE = "unmute"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to write. `peak` is set where the strongest verdict changed, and the sentence with it."""

    action: Action
    state: str = ""
    reason: str = ""
    began_ms: int = 0
    until_ms: int = 0
    peak: Verdict | None = None
    late: bool = False
    regression: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement and how much of the group's history it covers.

    `retracted`: signals were taken back, which is why an episode is judged anew. Else what its windows are compared
    with has grown. `releases`: those of the signals in the windows, where somebody waits for one.
    """

    judgement: Judgement
    coverage: Coverage = Coverage.CHANGED
    retracted: bool = True
    releases: frozenset[str] = frozenset()


_NOTHING = Outcome(Action.NOTHING)
_TAKEN_BACK = (
    "Events that arrived late showed that signals behind this incident were none, "
    "and without them no window breaches the threshold."
)
_OUTGROWN = (
    "Events that arrived late added to what this incident was measured against, "
    "and against that no window breaches the threshold."
)

# From a window end (ms since 1970) to the sessions that came from then on, as far as the tick knows.
SeenSince = Callable[[int], int]


def fingerprint(project_id: int, threshold_id: int, group: Group) -> UUID:
    """What makes an incident "the same": project, threshold and group, not the version."""
    return derived_id("incident", project_id, threshold_id, *(part for pair in group for part in pair))


def incident_id(of_fingerprint: UUID, opened_ms: int) -> UUID:
    """The id of the incident that the tick `opened_ms` opens: the same in every replay."""
    return derived_id(str(of_fingerprint), opened_ms)


def decide(
    current: Snapshot | None,
    finding: Finding | None,
    policy: Policy,
    as_of_ms: int,
    *,
    seen_since: SeenSince = lambda _: 0,
) -> Outcome:
    """What the tick does to the latest incident of a fingerprint, or to the lack of one.

    `finding` is None where no signal of the group changed; then only time has passed. `seen_since` is asked where the
    quiet time is over and the policy wants people to have come.
    """
    if current is None or current.state == RESOLVED:
        return _begin(current, finding, policy, as_of_ms)
    if finding and finding.coverage is Coverage.EPISODE and finding.judgement.first_breach_ms is None:
        return Outcome(
            Action.RETRACT,
            state=RESOLVED,
            reason=_TAKEN_BACK if finding.retracted else _OUTGROWN,
            began_ms=current.began_ms,
            until_ms=current.until_ms,
        )
    outcome = _follow(current, finding, as_of_ms)
    return _let_time_pass(current, outcome, policy, as_of_ms, seen_since, woken=_woken(current, finding, outcome))


def _begin(current: Snapshot | None, finding: Finding | None, policy: Policy, as_of_ms: int) -> Outcome:
    if finding is None or finding.judgement.first_breach_ms is None or finding.judgement.last_breach_ms is None:
        return _NOTHING
    began_ms, until_ms = finding.judgement.first_breach_ms, finding.judgement.last_breach_ms
    late = as_of_ms - began_ms > policy.late_after_ms
    verdict = finding.judgement.verdict
    if current is None or current.resolved_ms is None or as_of_ms - current.resolved_ms > policy.regression_ms:
        reason = "The threshold was breached."
        if late:
            reason = f"The threshold was breached {roughly(as_of_ms - began_ms)} ago; the events arrived late."
        return Outcome(Action.OPEN, OPEN, reason, began_ms, until_ms, verdict, late=late)
    if current.retracted:
        reason = "The threshold was breached again, after earlier signals had been taken back."
    else:
        reason = f"The threshold was breached again, {roughly(as_of_ms - current.resolved_ms)} after the resolution."
    regression = not current.retracted
    return Outcome(Action.REOPEN, OPEN, reason, began_ms, until_ms, verdict, late=late, regression=regression)


def _follow(current: Snapshot, finding: Finding | None, as_of_ms: int) -> Outcome:
    """What the finding adds to what is known of an unresolved incident. Never a transition."""
    began_ms, until_ms, peak = current.began_ms, current.until_ms, None
    if finding:
        judgement = finding.judgement
        first, last = judgement.first_breach_ms, judgement.last_breach_ms
        if finding.coverage is Coverage.EPISODE and first is not None and last is not None:
            began_ms, until_ms = first, last
            peak = judgement.verdict
        else:
            if finding.coverage is Coverage.ONWARD:
                # What was foreseen under the rule before is void; what was breached stays so.
                until_ms = min(until_ms, as_of_ms)
            if first is not None and last is not None:
                began_ms, until_ms = min(began_ms, first), max(until_ms, last)
                if judgement.verdict.strength > current.peak.strength:
                    peak = judgement.verdict
    if (began_ms, until_ms) == (current.began_ms, current.until_ms) and peak in {None, current.peak}:
        return Outcome(Action.NOTHING, current.state, "", began_ms, until_ms)
    return Outcome(Action.UPDATE, current.state, "", began_ms, until_ms, peak)


def _woken(current: Snapshot, finding: Finding | None, outcome: Outcome) -> str:
    """Why a mute ends before its time; empty where it does not."""
    if current.state != MUTED:
        return ""
    value = (outcome.peak or current.peak).value
    if current.muted_level and value >= current.muted_level:
        return f"It reached {value}, and was muted until {current.muted_level}."
    breached = finding is not None and finding.judgement.first_breach_ms is not None
    if finding and breached and current.muted_release and current.muted_release in finding.releases:
        return f"It shows in release {current.muted_release}, until which it was muted."
    return ""


def _let_time_pass(
    current: Snapshot, outcome: Outcome, policy: Policy, as_of_ms: int, seen_since: SeenSince, *, woken: str
) -> Outcome:
    """Ends a mute whose time is over and resolves what has been quiet for long enough. A mute holds until its end."""
    if not woken and current.muted_until_ms is not None and as_of_ms < current.muted_until_ms:
        return outcome
    # Quiet counts from the opening at the earliest: one that opened late, or that a person reopened, is to be seen.
    quiet_from_ms = max(outcome.until_ms, current.opened_ms)
    quiet = as_of_ms - quiet_from_ms >= policy.quiet_ms
    if quiet and policy.minimum_exposure:
        quiet = seen_since(outcome.until_ms) >= policy.minimum_exposure
    if quiet:
        reason = f"No breach for {spell(policy.quiet_ms)}."
        if current.state == MUTED:
            reason = f"The mute ended, and there was no breach for {spell(policy.quiet_ms)}."
        action, state = Action.RESOLVE, RESOLVED
    elif current.state == MUTED:
        action, state, reason = Action.UNMUTE, OPEN, woken or "The mute ended."
    else:
        return outcome
    return Outcome(action, state, reason, outcome.began_ms, outcome.until_ms, outcome.peak)


def after(current: Snapshot | None, outcome: Outcome, as_of_ms: int) -> Snapshot | None:
    """The snapshot that `outcome` leaves behind: what `recording` stores, for whoever follows ticks without storing."""
    if outcome.action is Action.NOTHING:
        return current
    if outcome.action is Action.OPEN or current is None:
        if outcome.peak is None:
            raise ValueError("An incident opens with a verdict.")
        return Snapshot(OPEN, as_of_ms, outcome.began_ms, outcome.until_ms, outcome.peak)
    following = replace(
        current, began_ms=outcome.began_ms, until_ms=outcome.until_ms, peak=outcome.peak or current.peak
    )
    if outcome.action is Action.UPDATE:
        return following
    return replace(
        following,
        state=outcome.state,
        opened_ms=as_of_ms if outcome.action is Action.REOPEN else current.opened_ms,
        resolved_ms=as_of_ms if outcome.state == RESOLVED else None,
        retracted=outcome.action is Action.RETRACT,
        muted_until_ms=None,
        muted_level=0,
        muted_release="",
    )


def quiet_ends_ms(current: Snapshot, policy: Policy) -> int:
    """When an incident that is neither muted nor resolved resolves by time alone, ms."""
    return max(current.until_ms, current.opened_ms) + policy.quiet_ms


def next_look_ms(before_ms: int | None, foreseen_ms: int | None, as_of_ms: int) -> int | None:
    """When to look at a group again: at the first of what was foreseen before and what is foreseen now, ms."""
    return min(
        (look_ms for look_ms in (before_ms, foreseen_ms) if look_ms is not None and look_ms > as_of_ms), default=None
    )


class Move(StrEnum):
    """What people do to an incident."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    MUTE = "mute"
    UNMUTE = "unmute"
    REOPEN = "reopen"


_MOVES: dict[Move, tuple[frozenset[str], str]] = {
    Move.ACKNOWLEDGE: (frozenset({OPEN, MUTED}), ACKNOWLEDGED),
    Move.RESOLVE: (frozenset({OPEN, ACKNOWLEDGED, MUTED}), RESOLVED),
    # Muted again with another end: that is how a mute is made longer.
    Move.MUTE: (frozenset({OPEN, ACKNOWLEDGED, MUTED}), MUTED),
    Move.UNMUTE: (frozenset({MUTED}), OPEN),
    Move.REOPEN: (frozenset({RESOLVED}), OPEN),
}


def target_state(move: Move, state: str) -> str | None:
    """The state to which `move` leads from `state`, or None where it is not allowed."""
    allowed_from, to_state = _MOVES[move]
    return to_state if state in allowed_from else None


def spell(milliseconds: int) -> str:
    """A span of time in words, in its largest whole unit: "15 minutes", "90 seconds", "1 hour"."""
    seconds = max(milliseconds // 1000, 0)
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            return several(seconds // size, unit)
    return f"{seconds} seconds"


def roughly(milliseconds: int) -> str:
    """A span of time in words, rounded down to its largest unit: "about 3 hours"."""
    for size in (86_400_000, 3_600_000, 60_000):
        if milliseconds >= size:
            return f"about {spell(milliseconds - milliseconds % size)}"
    return spell(milliseconds)
