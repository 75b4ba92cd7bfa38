"""What a rule is judged by, against the plainest thing that could be right: looking at every window anew."""

from dataclasses import dataclass, replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from apps.thresholds.evaluation import Rule, Status, judge, numbers_status
from apps.thresholds.exposure import NOBODY, Exposure, Levels, Seen, steps_of
from apps.thresholds.survey import survey
from apps.thresholds.windows import GRID_MS, Ends, Measure, Point
from tests.factories.rules import make_rule
from tests.thresholds.breaches import breached_spans

AS_OF = 100 * GRID_MS


rule = partial(make_rule, group_by="nothing", window_ms=6 * GRID_MS)


def point(cell: int, session: str = "s1", user: str = "", signals: int = 1) -> Point:
    return Point(cell * GRID_MS, "rage_click", session, user, signals, clicks=1)


def seen(cell: int, session: str, known: int = 0) -> Seen:
    return Seen(session, cell * GRID_MS, known * GRID_MS)


@dataclass(frozen=True)
class Traffic:
    """Signals, and who was there: everybody with a signal, and others. Some of it is known from tick 90 on only."""

    points: list[Point]
    seen: list[Seen]

    @property
    def exposure(self) -> Exposure:
        late = {each.session_id for each in self.seen if each.known_ms}
        prompt = [each for each in self.seen if each.session_id not in late]
        return Exposure(
            Levels(steps_of(prompt, window_ms=6 * GRID_MS)),
            [each for each in self.seen if each.session_id in late],
        )

    def measure(self, rule: Rule, end_ms: int, as_of_ms: int) -> Measure:
        inside = [each for each in self.points if end_ms - rule.window_ms <= each.cell_ms < end_ms]
        there = {
            each.session_id
            for each in self.seen
            if end_ms - rule.window_ms <= each.cell_ms < end_ms and each.known_ms <= as_of_ms
        }
        return Measure(
            signals=sum(each.signals for each in inside),
            sessions=len({each.session_id for each in inside}),
            users=len({each.user_id for each in inside if each.user_id}),
            people=len({each.person for each in inside}),
            clicks=sum(each.clicks for each in inside),
            exposed=len(there) if rule.metric == "share" else 0,
        )

    def earlier(self, rule: Rule, end_ms: int, as_of_ms: int) -> Measure | None:
        return self.measure(rule, end_ms - rule.earlier_ms, as_of_ms) if rule.factor_percent else None

    def reached(self, rule: Rule, end_ms: int, as_of_ms: int) -> int:
        if rule.breaches_among == 1:
            return 1
        ends = [end_ms - back * GRID_MS for back in range(rule.breaches_among)]
        return sum(
            numbers_status(rule, self.measure(rule, end, as_of_ms), self.earlier(rule, end, as_of_ms))
            is Status.BREACHED
            for end in ends
        )


signals = st.lists(
    st.builds(point, st.integers(-30, 40), st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(["", "u1"])),
    max_size=15,
)
others = st.lists(
    st.builds(seen, st.integers(-30, 40), st.sampled_from(["s1", "s4", "s5", "s6", "s7"]), st.sampled_from([0, 0, 90])),
    max_size=15,
)
traffic = st.builds(
    lambda points, more: Traffic(points, [*(Seen(each.session_id, each.cell_ms, 0) for each in points), *more]),
    signals,
    others,
)
rules = st.builds(
    lambda metric, at_least, minimum, factor, earlier, among, needed: rule(
        metric=metric,
        at_least=at_least * 250 if metric == "share" else at_least,
        minimum_sessions=minimum,
        factor_percent=factor,
        earlier_ms=earlier * GRID_MS if factor else 0,
        breaches_among=among,
        breaches_needed=min(needed, among),
    ),
    st.sampled_from(["signals", "sessions", "users", "share"]),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from([0, 0, 100, 150, 200]),
    st.integers(6, 11),
    st.integers(1, 5),
    st.integers(1, 5),
)
ends_lists = st.lists(
    st.tuples(st.integers(-40, 50), st.integers(0, 25)).map(
        lambda pair: Ends(pair[0] * GRID_MS, (pair[0] + pair[1]) * GRID_MS)
    ),
    max_size=3,
)


@given(traffic=traffic, rule=rules, ends=ends_lists, as_of=st.sampled_from([80, 100]))
def test_a_survey_gives_what_looking_at_every_window_anew_gives(
    traffic: Traffic, rule: Rule, ends: list[Ends], as_of: int
) -> None:
    as_of_ms = as_of * GRID_MS
    wanted = {end for stretch in ends for end in range(stretch.first, stretch.last + 1, GRID_MS)}
    found = survey(rule, traffic.points, ends=ends, as_of_ms=as_of_ms, exposure=traffic.exposure)
    assert {
        end: (span.measure, span.earlier, span.reached)
        for span in found
        for end in range(span.first_end_ms, span.last_end_ms + 1, GRID_MS)
    } == {
        end: (
            traffic.measure(rule, end, as_of_ms),
            traffic.earlier(rule, end, as_of_ms),
            traffic.reached(rule, end, as_of_ms),
        )
        for end in wanted
    }


@given(traffic=traffic, rule=rules, now=st.integers(0, 40))
def test_no_window_breaches_before_it_is_foreseen_to(traffic: Traffic, rule: Rule, now: int) -> None:
    """What makes it safe to look at nothing until then: by what is known, the end foreseen is the first to breach."""
    known_ms = now * GRID_MS
    as_of_ms = known_ms + rule.lag_ms
    ahead = Ends(known_ms, known_ms + 60 * GRID_MS)
    spans = survey(rule, traffic.points, ends=[ahead], as_of_ms=as_of_ms, exposure=traffic.exposure)
    judgement = judge(rule, spans, as_of_ms=as_of_ms)
    breached = [
        end for first, last in breached_spans(rule, spans) for end in range(first, last + 1, GRID_MS) if end > known_ms
    ]
    if judgement.ahead_ms is not None:
        assert judgement.ahead_ms == breached[0]
    elif breached:
        # Then the breach is on already, and lasts beyond it.
        assert judgement.last_breach_ms == breached[-1]


def test_a_breach_begins_by_time_alone_when_what_it_is_compared_with_leaves_its_window() -> None:
    twice = rule(metric="signals", factor_percent=200, earlier_ms=6 * GRID_MS)
    # Four signals are less than twice three; the three leave the earlier window before the four leave theirs.
    points = [point(0, signals=3), point(3, signals=4)]
    at = 8 * GRID_MS
    spans = survey(twice, points, ends=[Ends(at, at + 5 * GRID_MS)], as_of_ms=at)
    assert breached_spans(twice, spans) == []
    twice = replace(twice, earlier_ms=7 * GRID_MS)
    points = [point(-4, signals=3), point(4, signals=4)]
    spans = survey(twice, points, ends=[Ends(at, at + 5 * GRID_MS)], as_of_ms=at)
    judgement = judge(twice, spans, as_of_ms=at)
    assert (judgement.first_breach_ms, judgement.ahead_ms) == (None, at + 2 * GRID_MS)


def test_the_second_of_two_verdicts_is_foreseen_when_the_first_comes() -> None:
    twice = rule(breaches_needed=2, breaches_among=3)
    at = 10 * GRID_MS
    spans = survey(twice, [point(9)], ends=[Ends(at, at + 5 * GRID_MS)], as_of_ms=at)
    judgement = judge(twice, spans, as_of_ms=at)
    assert (judgement.verdict.status, judgement.first_breach_ms) == (Status.CLEAR, None)
    assert judgement.ahead_ms == at + GRID_MS


def test_a_share_rises_by_itself_as_others_leave_and_breaches_no_further_than_is_known() -> None:
    half = rule(metric="share", at_least=500)
    there = [seen(cell, f"o{cell}") for cell in range(3)] + [seen(4, "s1")]
    exposure = Exposure(Levels(steps_of(there, window_ms=half.window_ms)))
    as_of_ms = 5 * GRID_MS + half.lag_ms
    ends = [Ends(5 * GRID_MS, 12 * GRID_MS)]
    spans = survey(half, [point(4)], ends=ends, as_of_ms=as_of_ms, exposure=exposure)
    judgement = judge(half, spans, as_of_ms=as_of_ms)
    assert (judgement.verdict.value, judgement.ahead_ms) == (250, 8 * GRID_MS)
    # Three ticks later it is so, and nobody can say for how long: more people may come.
    as_of_ms += 3 * GRID_MS
    spans = survey(half, [point(4)], ends=ends, as_of_ms=as_of_ms, exposure=exposure)
    judgement = judge(half, spans, as_of_ms=as_of_ms)
    assert (judgement.first_breach_ms, judgement.last_breach_ms, judgement.ahead_ms) == (
        8 * GRID_MS, 8 * GRID_MS, 9 * GRID_MS,
    )  # fmt: skip


def test_nobody_there_is_no_share_of_more_than_all() -> None:
    share = rule(metric="share", at_least=1)
    (span,) = survey(share, [point(0)], ends=[Ends(GRID_MS, GRID_MS)], as_of_ms=AS_OF, exposure=NOBODY)
    verdict = judge(share, [span], as_of_ms=AS_OF).verdict
    # Not one session is known to have been there, so the number means nothing.
    assert (verdict.value, verdict.status) == (1_000, Status.TOO_LITTLE_DATA)
