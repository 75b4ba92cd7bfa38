"""What a tick judges, and that arrival does not decide which windows breach."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.detection.patterns import matches
from apps.thresholds.evaluation import Grouping, Rule
from apps.thresholds.matching import Group, Traits, counts, group_of
from apps.thresholds.survey import survey
from apps.thresholds.targets import Change, Coverage, Target, distribute, onward, plan
from apps.thresholds.windows import GRID_MS, Ends, Point
from tests.thresholds.breaches import breached_spans

RULE = Rule(
    threshold_id=1, version_id=1, version=1, signals=("rage_click",), group_by="route", metric="sessions",
    window_ms=6 * GRID_MS, at_least=2,
)  # fmt: skip
NOW = 30 * GRID_MS
TRAITS = Traits("rage_click", "/a", "button", "production", "1", "desktop")


def test_a_change_calls_for_the_windows_that_hold_it_and_no_other() -> None:
    [target] = plan([Change(1, TRAITS, (0, 20 * GRID_MS))], {1: [RULE]}, as_of_ms=NOW).values()
    assert target.ends == [Ends(GRID_MS, 6 * GRID_MS), Ends(21 * GRID_MS, 26 * GRID_MS)]
    assert target.from_ms() == -5 * GRID_MS


def test_changes_of_one_group_are_one_target_and_a_retraction_among_them_is_kept() -> None:
    targets = plan(
        [Change(1, TRAITS, (0,)), Change(1, TRAITS._replace(element="other"), (0,), retracted=True)],
        {1: [RULE]},
        as_of_ms=NOW,
    )
    assert [(target.group, target.retracted) for target in targets.values()] == [((("route", "/a"),), True)]


def test_a_project_without_rules_has_no_target() -> None:
    assert plan([Change(2, TRAITS, (0,))], {1: [RULE]}, as_of_ms=NOW) == {}


def test_groups_of_a_fresh_threshold_are_found_in_its_signals() -> None:
    targets: dict[tuple[int, tuple[tuple[str, str], ...]], Target] = {}
    point = Point(0, "rage_click", "s", "", 1, 3)
    distribute([(1, TRAITS, point)], {1: [RULE]}, targets, fresh=frozenset({1}), as_of_ms=3 * GRID_MS)
    [target] = targets.values()
    assert (target.coverage, target.ends, target.points) == (
        Coverage.ONWARD,
        [onward(RULE, 3 * GRID_MS)],
        [point],
    )


def test_signals_from_before_a_resolution_are_not_counted() -> None:
    target = Target(1, RULE, (("route", "/a"),), ends=[Ends(4 * GRID_MS, 4 * GRID_MS)])
    target.points = [Point(cell * GRID_MS, "rage_click", f"s{cell}", "", 1, 3) for cell in range(4)]
    assert target.judge(as_of_ms=4 * GRID_MS).verdict.value == 4
    assert target.judge(as_of_ms=4 * GRID_MS, settled_before_ms=2 * GRID_MS).verdict.value == 2


arrivals = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 40), st.sampled_from(["s1", "s2", "s3"])), min_size=1, max_size=20
)


COMPARES = {"factor_percent": 200, "earlier_ms": 8 * GRID_MS, "at_least": 1}
PATIENT = {"breaches_needed": 3, "breaches_among": 4}


@given(arrivals, st.sampled_from([{}, COMPARES, PATIENT, COMPARES | PATIENT]))
def test_once_everything_is_in_the_breached_windows_are_the_same_whatever_the_arrival(
    signals: Sequence[tuple[int, int, str]], asks: dict[str, Any]
) -> None:
    """Each signal is (cell it happened in, cells it was late, session). Ticks see them as they arrive."""
    rule = replace(RULE, **asks)
    breached: set[int] = set()
    known: list[Point] = []
    for as_of in range(90):
        new = [
            Point(cell * GRID_MS, "rage_click", session, "", 1, 3)
            for cell, late, session in signals
            if cell + late + 1 == as_of
        ]
        known += new
        changes = [Change(1, TRAITS, (point.cell_ms,)) for point in new]
        for target in plan(changes, {1: [rule]}, as_of_ms=as_of * GRID_MS).values():
            spans = survey(rule, known, ends=target.ends, as_of_ms=as_of * GRID_MS)
            for stretch in target.ends:
                breached -= set(range(stretch.first, stretch.last + 1, GRID_MS))
            for first, last in breached_spans(rule, spans):
                breached.update(range(first, last + 1, GRID_MS))
    at_once = breached_spans(rule, survey(rule, known, ends=[Ends(0, 200 * GRID_MS)], as_of_ms=90 * GRID_MS))
    assert breached == {end for first, last in at_once for end in range(first, last + 1, GRID_MS)}


def test_patterns() -> None:
    rows = [
        ("", "/anything", True),
        ("/checkout", "/checkout", True),
        ("/checkout", "/checkout/pay", False),
        ("/checkout*", "/checkout/pay", True),
        ("*", "", True),
        ("*/pay", "/checkout/pay", True),
        ("*/pay", "/pay/now", False),
        ("/a*b*c", "/aXbYc", True),
        ("/a*b*c", "/aXcYb", False),
        ("a*a", "a", False),
        ("*a*", "bab", True),
        ("[a-z].+", "abc", False),
        ("a**b", "ab", True),
        ("/*/*/x", "/1/2/x", True),
    ]
    assert [(pattern, text, matches(pattern, text)) for pattern, text, _ in rows] == rows


@given(st.lists(st.sampled_from("ab*"), max_size=8).map("".join), st.text("ab", max_size=12))
def test_patterns_agree_with_trying_every_way(pattern: str, text: str) -> None:
    def fits(rest: str, of: str) -> bool:
        if not rest:
            return not of
        if rest[0] == "*":
            return any(fits(rest[1:], of[start:]) for start in range(len(of) + 1))
        return bool(of) and rest[0] == of[0] and fits(rest[1:], of[1:])

    assert matches(pattern, text) == (not pattern or fits(pattern, text))


def test_a_hostile_route_costs_linear_time() -> None:
    # 40 stars over 100,000 characters: a backtracking matcher would not come back from this.
    assert not matches("*a" * 40 + "b", "a" * 100_000)


def test_what_a_rule_counts() -> None:
    rows: list[tuple[dict[str, Any], bool]] = [
        ({}, True),
        ({"signals": ("dead_click",)}, False),
        ({"environment": "production"}, True),
        ({"environment": "staging"}, False),
        ({"release": "2"}, False),
        ({"device": "mobile"}, False),
        ({"route_pattern": "/b*"}, False),
        ({"element_pattern": "but*"}, True),
    ]
    for fields, expected in rows:
        assert counts(replace(RULE, **fields), TRAITS) is expected, fields


def test_groups() -> None:
    expected: dict[Grouping, Group] = {
        "nothing": (),
        "route": (("route", "/a"),),
        "element": (("element", "button"),),
        "route_element": (("route", "/a"), ("element", "button")),
    }
    for group_by, group in expected.items():
        assert group_of(replace(RULE, group_by=group_by), TRAITS) == group
