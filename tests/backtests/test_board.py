"""The board against the survey: of the few windows that it picks, `judge` says what it says of all windows."""

from dataclasses import dataclass, replace
from functools import partial

from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.backtests.board import Board, decisive
from apps.thresholds.evaluation import Judgement, Rule, judge
from apps.thresholds.exposure import NOBODY, Exposure, Levels, Seen, steps_of
from apps.thresholds.survey import survey
from apps.thresholds.windows import GRID_MS, Ends, Measure, Point
from tests.factories.rules import make_rule

CELLS = 60
KNOWN_MS = 50 * GRID_MS


rule = partial(make_rule, group_by="nothing", window_ms=6 * GRID_MS)


def point(cell: int, session: str = "s1", user: str = "", clicks: int = 1) -> Point:
    return Point(cell * GRID_MS, "rage_click", session, user, signals=1, clicks=clicks)


WIDE = Ends(0, (CELLS + 20) * GRID_MS)


def seen(cell: int, session: str) -> Seen:
    return Seen(session, cell * GRID_MS, 0)


def a_board(rule: Rule, points: list[Point], exposure: Exposure = NOBODY) -> Board:
    board = Board(rule, first_cell_ms=0, last_cell_ms=CELLS * GRID_MS, levels=exposure.levels)
    for each in points:
        board.put(each)
    for each_seen in exposure.late:
        board.see(each_seen)
    return board


@dataclass(frozen=True)
class Case:
    """A rule, what counts and what it is compared with, what was put and taken off again, and the ends to judge."""

    rule: Rule
    points: list[Point]
    before: list[Point]
    taken_off: list[Point]
    exposure: Exposure
    ends: list[Ends]

    def by_survey(self) -> Judgement:
        as_of_ms = KNOWN_MS + self.rule.lag_ms
        settled_before_ms = self.before[-1].cell_ms + GRID_MS if self.before else 0
        spans = survey(
            self.rule,
            [*self.before, *self.points],
            ends=self.ends,
            as_of_ms=as_of_ms,
            exposure=self.exposure,
            settled_before_ms=settled_before_ms,
        )
        return judge(self.rule, spans, as_of_ms=as_of_ms)

    def by_board(self) -> Judgement:
        everything = a_board(self.rule, [*self.taken_off, *self.before, *self.points], self.exposure)
        for each in self.taken_off:
            everything.put(each, sign=-1)
        counted = everything
        if self.before:
            counted = everything.emptied()
            for each in self.points:
                counted.put(each)
        spans = decisive(counted, everything, ends=self.ends, known_ms=KNOWN_MS)
        return judge(self.rule, spans, as_of_ms=KNOWN_MS + self.rule.lag_ms)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    window_ms = draw(st.sampled_from([GRID_MS, 6 * GRID_MS, 20 * GRID_MS]))
    share, compares = draw(st.booleans()), draw(st.booleans())
    among = draw(st.sampled_from([1, 1, 3, 12]))
    asked = rule(
        window_ms=window_ms,
        metric="share" if share else draw(st.sampled_from(["signals", "sessions", "users"])),
        at_least=draw(st.sampled_from([200, 500])) if share else draw(st.integers(1, 4)),
        minimum_sessions=draw(st.integers(1, 3)),
        factor_percent=draw(st.sampled_from([50, 100, 150])) if compares else 0,
        earlier_ms=window_ms + draw(st.integers(0, 12)) * GRID_MS if compares else 0,
        breaches_among=among,
        breaches_needed=draw(st.integers(1, among)),
    )
    of = st.builds(
        point,
        st.integers(0, CELLS),
        st.sampled_from(["s1", "s2", "s3", "s4"]),
        st.sampled_from(["", "ann", "ben"]),
        st.integers(1, 3),
    )
    points = draw(st.lists(of, min_size=3, max_size=25))
    settled = draw(st.sampled_from([0, 0, 30]))
    there = draw(
        st.lists(
            st.builds(
                Seen,
                st.sampled_from(["s1", "s2", "s5", "s6", "s7"]),
                st.integers(-20, CELLS + 20).map(lambda cell: cell * GRID_MS),
                st.just(0),
            ),
            max_size=25,
        )
    )
    late = draw(st.sets(st.sampled_from(["s1", "s5", "s6"])))
    prompt = Levels(steps_of([each for each in there if each.session_id not in late], window_ms=window_ms))
    exposure = Exposure(prompt, sorted(each for each in there if each.session_id in late)) if share else NOBODY
    ends = draw(
        st.lists(
            st.builds(
                lambda first, length: Ends(first * GRID_MS, (first + length) * GRID_MS),
                st.integers(-5, CELLS + 10),
                st.integers(0, 30),
            ),
            max_size=3,
        )
    )
    before = sorted((each for each in points if each.cell_ms < settled * GRID_MS), key=lambda each: each.cell_ms)
    return Case(
        rule=asked,
        points=[each for each in points if not before or each.cell_ms > before[-1].cell_ms],
        before=before,
        taken_off=draw(st.lists(of, max_size=10)),
        exposure=exposure,
        ends=[*ends, draw(st.sampled_from([Ends(KNOWN_MS, KNOWN_MS), WIDE]))],
    )


SHARE = rule(metric="share", at_least=200)
# As many sessions in three windows, and the most clicks in the second.
STRONGEST_WITHIN = Case(rule(), [point(3), point(20, clicks=5), point(30, clicks=2)], [], [], NOBODY, [WIDE])
# A share that breaches by now and after: it is looked at again at the very next end.
ON_FOR_LONGER = Case(SHARE, [point(48)], [], [], Exposure(late=[seen(48, "s1")]), [WIDE])
# What a resolution has answered counts no more; the sessions that were there do.
SETTLED = Case(SHARE, [point(40)], [point(38)], [], Exposure(late=[seen(40, f"s{each}") for each in range(6)]), [WIDE])
# As many as before is enough where 100 % of it is asked.
NO_LESS = Case(
    rule(factor_percent=100, earlier_ms=10 * GRID_MS),
    [point(10), point(20)],
    [],
    [],
    NOBODY,
    [Ends(21 * GRID_MS, 21 * GRID_MS)],
)


@settings(max_examples=200)
@given(cases())
@example(STRONGEST_WITHIN)
@example(ON_FOR_LONGER)
@example(SETTLED)
@example(NO_LESS)
def test_the_windows_that_the_board_picks_are_judged_as_all_windows_are(case: Case) -> None:
    of_all, of_few = case.by_survey(), case.by_board()
    if of_all.first_breach_ms is None:
        # Nobody reads the verdict on a window that is like its neighbours.
        of_all = replace(of_all, verdict=of_few.verdict)

    assert of_few == of_all


def test_a_session_counts_once_in_a_window_until_its_last_signal_is_taken_off() -> None:
    board = a_board(rule(), [point(10), point(12), point(12)])
    assert board.measure(14 * GRID_MS) == Measure(signals=3, sessions=1, people=1, clicks=3)

    for cell in (12, 10):
        board.put(point(cell), sign=-1)

    assert board.measure(14 * GRID_MS) == Measure(signals=1, sessions=1, people=1, clicks=1)
    assert board.measure(18 * GRID_MS) == Measure(signals=1, sessions=1, people=1, clicks=1)
    assert board.measure(19 * GRID_MS) == Measure()
