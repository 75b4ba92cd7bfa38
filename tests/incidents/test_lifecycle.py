"""How incidents move, row by row."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.incidents import lifecycle
from apps.incidents.lifecycle import (
    ACKNOWLEDGED,
    MUTED,
    OPEN,
    RESOLVED,
    Action,
    Finding,
    Move,
    Outcome,
    Policy,
    Snapshot,
    decide,
    fingerprint,
    incident_id,
    next_look_ms,
    roughly,
    spell,
    target_state,
)
from apps.incidents.models import State
from apps.thresholds.evaluation import Judgement, Status, Verdict
from apps.thresholds.targets import Coverage
from apps.thresholds.windows import Measure

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NOW = 1_000 * DAY
POLICY = Policy(quiet_ms=HOUR)


def verdict(sessions: int = 5, clicks: int = 5, end: int = NOW) -> Verdict:
    return Verdict(
        status=Status.BREACHED if sessions >= 5 else Status.CLEAR,
        as_of_ms=NOW,
        window_end_ms=end,
        window_ms=15 * MINUTE,
        threshold_id=1,
        version=1,
        metric="sessions",
        measure=Measure(sessions=sessions, clicks=clicks),
    )


def breach(
    first: int = NOW, last: int = NOW + 10 * MINUTE, sessions: int = 5, clicks: int = 5, coverage: str = "changed"
) -> Finding:
    return Finding(Judgement(verdict(sessions, clicks, first), first, last), Coverage(coverage))


def clear(coverage: str = "changed") -> Finding:
    return Finding(Judgement(verdict(0, 0)), Coverage(coverage))


def shown(*releases: str) -> Finding:
    return replace(breach(), releases=frozenset(releases))


def idle(*releases: str) -> Finding:
    return replace(clear(), releases=frozenset(releases))


def incident(state: str = OPEN, **fields: Any) -> Snapshot:
    standard: dict[str, Any] = {
        "state": state,
        "opened_ms": NOW - 2 * HOUR,
        "began_ms": NOW - 2 * HOUR,
        "until_ms": NOW - 10 * MINUTE,
        "peak": verdict(6, 30),
        "resolved_ms": NOW - 30 * MINUTE if state == RESOLVED else None,
        "muted_until_ms": NOW + HOUR if state == MUTED else None,
    }
    return Snapshot(**{**standard, **fields})


def after(current: Snapshot | None, finding: Finding | None) -> Outcome:
    return decide(current, finding, POLICY, NOW)


@pytest.mark.parametrize(
    ("name", "current", "finding", "action", "state"),
    [
        ("no incident, no news", None, None, Action.NOTHING, ""),
        ("no incident, clear", None, clear(), Action.NOTHING, ""),
        ("no incident, breach", None, breach(), Action.OPEN, OPEN),
        ("resolved, clear", incident(RESOLVED), clear(), Action.NOTHING, ""),
        ("resolved, only time passes", incident(RESOLVED), None, Action.NOTHING, ""),
        ("resolved a while ago, breach", incident(RESOLVED), breach(), Action.REOPEN, OPEN),
        ("resolved 7 days ago", incident(RESOLVED, resolved_ms=NOW - 7 * DAY), breach(), Action.REOPEN, OPEN),
        ("resolved longer ago", incident(RESOLVED, resolved_ms=NOW - 7 * DAY - 1), breach(), Action.OPEN, OPEN),
        ("retracted, breach", incident(RESOLVED, retracted=True), breach(), Action.REOPEN, OPEN),
        ("open, no news", incident(), None, Action.NOTHING, OPEN),
        ("open, clear", incident(), clear(), Action.NOTHING, OPEN),
        ("open, breach goes on", incident(), breach(), Action.UPDATE, OPEN),
        ("acknowledged, breach goes on", incident(ACKNOWLEDGED), breach(), Action.UPDATE, ACKNOWLEDGED),
        ("muted, breach goes on", incident(MUTED), breach(), Action.UPDATE, MUTED),
        ("open, quiet is over", incident(until_ms=NOW - HOUR), None, Action.RESOLVE, RESOLVED),
        ("open, quiet is over in a moment", incident(until_ms=NOW - HOUR + 1), None, Action.NOTHING, OPEN),
        ("acknowledged, quiet is over", incident(ACKNOWLEDGED, until_ms=NOW - HOUR), None, Action.RESOLVE, RESOLVED),
        ("quiet is over, and a breach comes", incident(until_ms=NOW - HOUR), breach(), Action.UPDATE, OPEN),
        ("quiet, but opened late just now", incident(until_ms=NOW - DAY, opened_ms=NOW), None, Action.NOTHING, OPEN),
        ("quiet, but reopened just now", incident(until_ms=NOW - DAY, opened_ms=NOW - 1), None, Action.NOTHING, OPEN),
        ("muted and quiet", incident(MUTED, until_ms=NOW - DAY), None, Action.NOTHING, MUTED),
        ("mute over", incident(MUTED, muted_until_ms=NOW), None, Action.UNMUTE, OPEN),
        ("mute over in a moment", incident(MUTED, muted_until_ms=NOW + 1), None, Action.NOTHING, MUTED),
        (
            "mute over and quiet",
            incident(MUTED, muted_until_ms=NOW, until_ms=NOW - DAY),
            None,
            Action.RESOLVE,
            RESOLVED,
        ),
        ("mute over, breach goes on", incident(MUTED, muted_until_ms=NOW), breach(), Action.UNMUTE, OPEN),
        (
            "muted until more",
            incident(MUTED, muted_level=8),
            breach(sessions=7),
            Action.UPDATE,
            MUTED,
        ),
        ("muted until a level", incident(MUTED, muted_level=8), breach(sessions=8), Action.UNMUTE, OPEN),
        ("muted until a release that is another", incident(MUTED, muted_release="2"), shown("1"), Action.UPDATE, MUTED),
        ("muted until a release", incident(MUTED, muted_release="2"), shown("1", "2"), Action.UNMUTE, OPEN),
        ("muted until no release", incident(MUTED), shown(""), Action.UPDATE, MUTED),
        (
            "in the release, clear",
            incident(MUTED, muted_release="2"),
            idle("2"),
            Action.NOTHING,
            MUTED,
        ),
        ("nothing is left of it", incident(), clear("episode"), Action.RETRACT, RESOLVED),
        ("nothing is left, acknowledged", incident(ACKNOWLEDGED), clear("episode"), Action.RETRACT, RESOLVED),
        ("nothing is left, muted", incident(MUTED), clear("episode"), Action.RETRACT, RESOLVED),
        ("something is left of it", incident(), breach(coverage="episode"), Action.UPDATE, OPEN),
        ("nothing from now on is no retraction", incident(), clear("onward"), Action.NOTHING, OPEN),
    ],
)
def test_decide(name: str, current: Snapshot | None, finding: Finding | None, action: Action, state: str) -> None:
    outcome = after(current, finding)
    assert (outcome.action, outcome.state) == (action, state), name
    moved = outcome.action not in {Action.NOTHING, Action.UPDATE}
    assert bool(outcome.reason) is moved, "a transition has its reason, and nothing else has one"


@pytest.mark.parametrize(
    ("came", "state", "action"),
    [(2, OPEN, Action.NOTHING), (3, OPEN, Action.RESOLVE), (2, MUTED, Action.UNMUTE), (3, MUTED, Action.RESOLVE)],
)
def test_quiet_resolves_only_once_enough_sessions_came_since_the_last_breach(
    came: int, state: str, action: Action
) -> None:
    asked: list[int] = []

    def seen_since(since_ms: int) -> int:
        asked.append(since_ms)
        return came

    policy = replace(POLICY, minimum_exposure=3)
    quiet = incident(state, until_ms=NOW - HOUR, muted_until_ms=NOW if state == MUTED else None)
    assert decide(quiet, None, policy, NOW, seen_since=seen_since).action is action
    assert asked == [NOW - HOUR]
    # Nobody is counted while it is not quiet for long enough.
    decide(incident(), None, policy, NOW, seen_since=seen_since)
    assert len(asked) == 1


def test_a_breach_that_was_outgrown_is_taken_back_in_other_words_than_signals_that_were_none() -> None:
    taken_back, outgrown = (after(incident(), replace(clear("episode"), retracted=each)) for each in (True, False))
    assert (taken_back.action, outgrown.action) == (Action.RETRACT, Action.RETRACT)
    assert "signals behind this incident were none" in taken_back.reason
    assert "added to what this incident was measured against" in outgrown.reason


@pytest.mark.parametrize(
    ("before", "foreseen", "look"),
    [(None, None, None), (None, 5, 5), (5, None, 5), (7, 5, 5), (5, 7, 5), (2, 7, 7), (2, None, None), (3, None, None)],
)
def test_the_next_look_is_at_the_first_of_what_was_and_is_foreseen(
    before: int | None, foreseen: int | None, look: int | None
) -> None:
    assert next_look_ms(before, foreseen, 3) == look


def test_the_breach_of_an_incident_grows_at_both_ends() -> None:
    outcome = after(incident(), breach(first=NOW - 3 * HOUR, last=NOW + MINUTE))
    assert (outcome.began_ms, outcome.until_ms) == (NOW - 3 * HOUR, NOW + MINUTE)


def test_a_late_breach_inside_the_known_one_changes_nothing() -> None:
    assert after(incident(), breach(first=NOW - HOUR, last=NOW - 20 * MINUTE)).action is Action.NOTHING


@pytest.mark.parametrize(("sessions", "clicks", "grew"), [(6, 30, False), (6, 31, True), (7, 1, True), (5, 99, False)])
def test_the_peak_moves_when_the_number_grew_or_the_clicks_did(sessions: int, clicks: int, grew: bool) -> None:
    outcome = after(incident(), breach(sessions=sessions, clicks=clicks))
    assert (outcome.peak is not None) is grew


def test_a_new_rule_voids_what_was_foreseen_and_keeps_what_was() -> None:
    outcome = after(incident(until_ms=NOW + 10 * MINUTE), clear("onward"))
    assert (outcome.action, outcome.until_ms) == (Action.UPDATE, NOW)


def test_an_episode_judged_anew_replaces_what_was_known_even_by_less() -> None:
    outcome = after(incident(), breach(first=NOW - HOUR, last=NOW, sessions=5, clicks=5, coverage="episode"))
    assert (outcome.began_ms, outcome.until_ms) == (NOW - HOUR, NOW)
    assert outcome.peak is not None
    assert outcome.peak.measure.sessions == 5


def test_a_regression_says_when_it_was_resolved_and_a_return_after_a_retraction_is_none() -> None:
    regression = after(incident(RESOLVED), breach())
    assert (regression.regression, regression.reason) == (
        True,
        "The threshold was breached again, about 30 minutes after the resolution.",
    )
    assert after(incident(RESOLVED, retracted=True), breach()).regression is False


@pytest.mark.parametrize(("delay", "late"), [(0, False), (90 * SECOND, False), (90 * SECOND + 1, True)])
def test_a_breach_seen_later_than_any_delivery_takes_is_late(delay: int, late: bool) -> None:
    assert after(None, breach(first=NOW - delay)).late is late


def test_only_a_resolution_that_was_a_fix_settles_what_came_before_it() -> None:
    assert incident(RESOLVED).settled_before_ms == NOW - 30 * MINUTE
    assert incident(RESOLVED, retracted=True).settled_before_ms == 0
    assert incident(OPEN).settled_before_ms == 0


ALLOWED = {
    Move.ACKNOWLEDGE: {OPEN: ACKNOWLEDGED, MUTED: ACKNOWLEDGED},
    Move.RESOLVE: {OPEN: RESOLVED, ACKNOWLEDGED: RESOLVED, MUTED: RESOLVED},
    Move.MUTE: {OPEN: MUTED, ACKNOWLEDGED: MUTED, MUTED: MUTED},
    Move.UNMUTE: {MUTED: OPEN},
    Move.REOPEN: {RESOLVED: OPEN},
}


@pytest.mark.parametrize(("move", "state"), list(itertools.product(Move, State.values)))
def test_moves(move: Move, state: str) -> None:
    assert target_state(move, state) == ALLOWED[move].get(state)


def test_the_states_are_the_models() -> None:
    assert {OPEN, ACKNOWLEDGED, MUTED, RESOLVED} == set(State.values)


snapshots = st.none() | st.builds(
    lambda state, until, opened, muted: incident(
        state,
        until_ms=NOW + until,
        opened_ms=NOW - opened,
        **({"muted_until_ms": NOW + muted} if state == MUTED else {}),
    ),
    st.sampled_from(State.values),
    st.integers(-2 * HOUR, HOUR),
    st.integers(0, 3 * HOUR),
    st.integers(-HOUR, HOUR),
)
findings = st.none() | st.builds(clear, st.sampled_from(Coverage)) | st.builds(
    lambda first, length, sessions, coverage: breach(NOW - first, NOW - first + length, sessions, 9, coverage),
    st.integers(0, 3 * HOUR),
    st.integers(0, HOUR),
    st.integers(5, 9),
    st.sampled_from(Coverage),
)  # fmt: skip


def test_a_mute_that_ended_sooner_says_by_what_and_leaves_nothing_of_itself() -> None:
    muted = incident(MUTED, muted_level=8, muted_release="2")
    outcome = after(muted, breach(sessions=9))
    assert outcome.reason == "It reached 9, and was muted until 8."
    left = lifecycle.after(muted, outcome, NOW)
    assert left is not None
    assert (left.muted_until_ms, left.muted_level, left.muted_release) == (None, 0, "")
    assert after(muted, shown("2")).reason == "It shows in release 2, until which it was muted."


@given(snapshots, findings)
def test_a_second_look_with_no_news_changes_nothing(current: Snapshot | None, finding: Finding | None) -> None:
    outcome = after(current, finding)
    if outcome.action is Action.NOTHING:
        return
    left = Snapshot(
        state=outcome.state,
        opened_ms=NOW if outcome.action in {Action.OPEN, Action.REOPEN} else (current or incident()).opened_ms,
        began_ms=outcome.began_ms,
        until_ms=outcome.until_ms,
        peak=outcome.peak or (current or incident()).peak,
        resolved_ms=NOW if outcome.state == RESOLVED else None,
        muted_until_ms=current.muted_until_ms if current and outcome.state == MUTED else None,
    )
    assert after(left, None).action is Action.NOTHING
    # The same news again is no news either, unless the first look resolved: then it was settled.
    if outcome.state != RESOLVED and (finding is None or finding.coverage is Coverage.CHANGED):
        assert after(left, finding).action is Action.NOTHING


@given(snapshots, findings)
def test_a_mute_that_goes_on_is_ended_by_nothing_but_a_retraction(
    current: Snapshot | None, finding: Finding | None
) -> None:
    if current is None or current.state != MUTED or (current.muted_until_ms or 0) <= NOW:
        return
    outcome = after(current, finding)
    assert outcome.state == MUTED or outcome.action is Action.RETRACT


def test_a_fingerprint_is_of_project_threshold_and_group() -> None:
    group = (("route", "/a"), ("element", "b"))
    prints = {
        fingerprint(1, 2, group),
        fingerprint(2, 1, group),
        fingerprint(1, 2, ()),
        fingerprint(1, 2, (("route", "/a"),)),
        fingerprint(1, 2, (("element", "/a"),)),
        fingerprint(1, 2, (("route", "b"), ("element", "/a"))),
    }
    assert len(prints) == 6
    assert fingerprint(1, 2, group) == fingerprint(1, 2, group)
    assert incident_id(fingerprint(1, 2, group), NOW) != incident_id(fingerprint(1, 2, group), NOW + 1)


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 seconds"),
        (SECOND, "1 second"),
        (90 * SECOND, "90 seconds"),
        (15 * MINUTE, "15 minutes"),
        (HOUR, "1 hour"),
        (DAY, "1 day"),
    ],
)
def test_spans_in_words(milliseconds: int, words: str) -> None:
    assert spell(milliseconds) == words


def test_rough_spans_round_down() -> None:
    assert [roughly(ms) for ms in (12 * SECOND, 119 * SECOND, 3 * HOUR + 59 * MINUTE, 50 * HOUR)] == [
        "12 seconds",
        "about 1 minute",
        "about 3 hours",
        "about 2 days",
    ]


def test_the_policy_says_how_long_quiet_is() -> None:
    quiet = incident(until_ms=NOW - 5 * MINUTE)
    assert decide(quiet, None, replace(POLICY, quiet_ms=5 * MINUTE), NOW).action is Action.RESOLVE
