"""Verdicts: status, trace, and what many windows say together."""

import json
from functools import partial
from typing import Any

import pytest

from apps.core.records import RecordError
from apps.thresholds.evaluation import (
    Predicate,
    Status,
    Verdict,
    evaluate,
    from_json,
    judge,
    percent,
    to_json,
)
from apps.thresholds.windows import GRID_MS, Measure, Span
from tests.factories.rules import make_rule
from tests.thresholds.breaches import breached_spans

AS_OF = 1_000 * GRID_MS


rule = partial(make_rule, version=3, window_ms=60_000, at_least=5)


def verdict(measure: Measure | None, **fields: Any) -> Verdict:
    return evaluate(rule(**fields), measure, as_of_ms=AS_OF, window_end_ms=AS_OF)


@pytest.mark.parametrize(
    ("name", "measure", "fields", "expected"),
    [
        ("the bound itself breaches", Measure(sessions=5), {}, Status.BREACHED),
        ("one below does not", Measure(sessions=4), {}, Status.CLEAR),
        ("nothing is clear", Measure(), {}, Status.CLEAR),
        ("signals are counted as signals", Measure(signals=5, sessions=1), {"metric": "signals"}, Status.BREACHED),
        ("many signals of few sessions", Measure(signals=99, sessions=4), {}, Status.CLEAR),
        ("users are counted as users", Measure(sessions=9, users=4), {"metric": "users"}, Status.CLEAR),
        (
            "too few sessions to mean anything",
            Measure(signals=50, sessions=2),
            {"metric": "signals", "minimum_sessions": 3},
            Status.TOO_LITTLE_DATA,
        ),
        (
            "below the bound it is clear, however few",
            Measure(signals=4, sessions=2),
            {"metric": "signals", "minimum_sessions": 3},
            Status.CLEAR,
        ),
        ("a measure that failed is never clear", None, {}, Status.INCONCLUSIVE),
        (
            "one in twenty is five percent",
            Measure(sessions=1, exposed=20),
            {"metric": "share", "at_least": 50},
            Status.BREACHED,
        ),
        (
            "a share a little below is not",
            Measure(sessions=1, exposed=21),
            {"metric": "share", "at_least": 50},
            Status.CLEAR,
        ),
        (
            "a share of too few sessions, however many of them",
            Measure(sessions=4, exposed=4),
            {"metric": "share", "at_least": 50, "minimum_sessions": 5},
            Status.TOO_LITTLE_DATA,
        ),
        (
            "what to compare with is not known",
            Measure(sessions=99),
            {"factor_percent": 200, "earlier_ms": 60_000},
            Status.INCONCLUSIVE,
        ),
    ],
)
def test_status(name: str, measure: Measure | None, fields: dict[str, Any], expected: Status) -> None:
    assert verdict(measure, **fields).status is expected, name


def test_the_trace_says_by_what_margin_each_predicate_holds_or_fails() -> None:
    trace = verdict(Measure(signals=9, sessions=4, users=1), minimum_sessions=2).trace
    assert trace == (
        Predicate("sessions_at_least", value=4, bound=5, margin=-1, holds=False),
        Predicate("minimum_sessions", value=4, bound=2, margin=2, holds=True),
    )


@pytest.mark.parametrize(
    ("then", "bound", "status"),
    [(0, 0, Status.BREACHED), (4, 6, Status.BREACHED), (5, 8, Status.CLEAR), (99, 149, Status.CLEAR)],
)
def test_a_comparison_asks_for_so_many_percent_of_then_and_for_the_number_itself(
    then: int, bound: int, status: Status
) -> None:
    compares = rule(factor_percent=150, earlier_ms=86_400_000)
    earlier = Measure(sessions=then)
    found = evaluate(compares, Measure(sessions=7), as_of_ms=AS_OF, window_end_ms=AS_OF, earlier=earlier)
    assert (found.status, found.earlier) == (status, earlier)
    assert found.trace[1] == Predicate("times_earlier", 7, bound, 7 - bound, holds=bound <= 7)
    few = evaluate(compares, Measure(sessions=4), as_of_ms=AS_OF, window_end_ms=AS_OF, earlier=Measure())
    assert few.status is Status.CLEAR


@pytest.mark.parametrize(("reached", "status"), [(2, Status.CLEAR), (3, Status.BREACHED), (5, Status.BREACHED)])
def test_as_many_verdicts_as_are_asked_for_have_to_reach_the_numbers(reached: int, status: Status) -> None:
    patient = rule(breaches_needed=3, breaches_among=5)
    found = evaluate(patient, Measure(sessions=9), as_of_ms=AS_OF, window_end_ms=AS_OF, reached=reached)
    assert found.status is status
    assert found.trace[-1] == Predicate("breaches_needed", reached, 3, reached - 3, holds=reached >= 3)
    # The last verdict is one of them: what is over opens nothing.
    over = evaluate(patient, Measure(sessions=1), as_of_ms=AS_OF, window_end_ms=AS_OF, reached=5)
    assert over.status is Status.CLEAR


@pytest.mark.parametrize(("per_mille", "said"), [(5, "0.5 %"), (50, "5 %"), (73, "7.3 %"), (1_000, "100 %")])
def test_a_share_is_said_in_percent(per_mille: int, said: str) -> None:
    assert percent(per_mille) == said


def test_a_failed_measure_leaves_no_trace_that_could_be_read_as_numbers() -> None:
    assert verdict(None).trace == ()


@pytest.mark.parametrize("measure", [Measure(7, 6, 5, 6, 20, 90), Measure(), None])
def test_a_verdict_survives_json(measure: Measure | None) -> None:
    given = verdict(measure)
    assert from_json(json.loads(json.dumps(to_json(given)))) == given


def test_what_is_no_verdict_is_refused() -> None:
    with pytest.raises(RecordError):
        from_json({"status": "perhaps"})


def span(first: int, last: int, sessions: int, clicks: int = 0) -> Span:
    return Span(AS_OF + first * GRID_MS, AS_OF + last * GRID_MS, Measure(sessions=sessions, clicks=clicks))


def test_the_strongest_breached_window_gives_the_verdict_and_the_earliest_of_equals() -> None:
    judgement = judge(
        rule(), [span(-9, -8, 5), span(-7, -6, 7, 9), span(-5, -4, 7, 10), span(-3, -2, 7, 10), span(-1, 0, 6)],
        as_of_ms=AS_OF,
    )  # fmt: skip
    assert judgement.verdict.window_end_ms == AS_OF - 5 * GRID_MS
    assert judgement.verdict.strength == (7, 10)
    assert (judgement.first_breach_ms, judgement.last_breach_ms) == (AS_OF - 9 * GRID_MS, AS_OF)


def test_without_a_breach_the_latest_window_gives_the_verdict() -> None:
    judgement = judge(rule(), [span(-9, -5, 4), span(-4, 3, 1)], as_of_ms=AS_OF)
    assert (judgement.verdict.status, judgement.verdict.value) == (Status.CLEAR, 1)
    assert judgement.first_breach_ms is None
    assert judgement.last_breach_ms is None


def test_a_breach_lasts_as_long_as_its_signals_stay_in_the_window_even_past_the_tick() -> None:
    judgement = judge(rule(), [span(0, 4, 6), span(5, 5, 2)], as_of_ms=AS_OF)
    assert judgement.last_breach_ms == AS_OF + 4 * GRID_MS


def test_a_judgement_needs_a_window_that_has_ended() -> None:
    with pytest.raises(ValueError, match="No window ends by the tick"):
        judge(rule(), [span(1, 2, 9)], as_of_ms=AS_OF)


def test_breached_spans_are_what_event_time_alone_decides() -> None:
    assert breached_spans(rule(), [span(-3, -2, 5), span(-1, 0, 4), span(1, 1, 6)]) == [
        (AS_OF - 3 * GRID_MS, AS_OF - 2 * GRID_MS),
        (AS_OF + GRID_MS, AS_OF + GRID_MS),
    ]
