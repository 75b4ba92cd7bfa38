"""Why and why not, over the real engines: numbers, margins, and what was left out by what."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.core.clock import from_ms, to_ms
from apps.explanations import words
from apps.explanations.answer import Why
from apps.explanations.explaining import Explanation, NothingKnownError, explain
from apps.incidents import triage
from apps.incidents.models import EvaluatedShard, Incident, State
from apps.incidents.tick import run_due_ticks
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold
from apps.thresholds.versions import save_version
from tests.conftest import MINUTE, NOW, NOW_MS, SECOND
from tests.factories import (
    Cast,
    EventRow,
    SignalRow,
    dead_clicks,
    make_threshold,
    store_events,
    store_signals,
)
from tests.factories.suppressions import make_suppression

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


@pytest.fixture
def threshold(cast: Cast) -> Threshold:
    """Five sessions within 15 minutes on a page of the checkout."""
    return make_threshold(cast.project, at_least=5, route_pattern="/checkout*")


@pytest.fixture(autouse=True)
def last_tick(db: None) -> EvaluatedShard:
    """A minute after NOW."""
    return EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=NOW + timedelta(minutes=1))


def visitors(cast: Cast, count: int, *, ago_ms: int = MINUTE, first: int = 1) -> list[SignalRow]:
    """Rage clicks of `count` visitors, written by the tick after them."""
    ts_ms = NOW_MS - ago_ms
    return [
        SignalRow(cast.project.pk, ts_ms, ts_ms // 10_000 * 10_000 + 10_000, session_id=f"session-{number}")
        for number in range(first, first + count)
    ]


def sentences(found: Explanation) -> list[str]:
    return list(words.sentences(found.answer, rule_of(found.version)))


def test_four_of_five_sessions_is_the_nearest_miss_with_every_predicate(cast: Cast, threshold: Threshold) -> None:
    store_signals([*visitors(cast, 4), replace(visitors(cast, 1)[0], element="a.help", element_label="Help", n=2)])

    found = explain(threshold, NOW)

    nearest = found.answer.nearest_miss
    assert nearest is not None
    assert [(each.name, each.value, each.bound, each.margin) for each in nearest.verdict.trace] == [
        ("sessions_at_least", 4, 5, -1),
        ("minimum_sessions", 4, 1, 3),
    ]
    assert (found.answer.breached, len(found.answer.groups)) == ((), 2)
    assert sentences(found)[0] == (
        "No: nothing breached. The nearest was “Pay now” on /checkout with 4 of 5 sessions within 15 minutes; "
        "1 was missing."
    )


def test_a_breach_says_yes_with_its_number(cast: Cast, threshold: Threshold) -> None:
    store_signals(visitors(cast, 6))

    assert sentences(explain(threshold, NOW))[0] == (
        "Yes: “Pay now” on /checkout breached with 6 sessions, 5 needed, within 15 minutes."
    )


def test_what_was_left_out_is_counted_by_its_reason(cast: Cast, threshold: Threshold) -> None:
    counted, taken_back, *_ = visitors(cast, 2)
    later = NOW_MS + 10 * SECOND
    store_signals(
        [
            counted,
            taken_back,
            replace(taken_back, version=NOW_MS, retracted=True),
            *(replace(each, version=later) for each in visitors(cast, 2, first=10)),
            *(replace(each, route="/cart") for each in visitors(cast, 3, first=20)),
            *(replace(each, kind="dead_click") for each in visitors(cast, 1, first=30)),
        ]
    )

    found = explain(threshold, NOW)

    assert {(each.why, each.what, each.signals) for each in found.answer.left_out} == {
        (Why.RETRACTED, "", 1),
        (Why.LATE, "", 2),
        (Why.ROUTE_PATTERN, "/cart", 3),
        (Why.SIGNALS, "dead_click", 1),
    }
    assert (
        "3 signals of 3 sessions were left out by the filter: route was “/cart”, wanted is “/checkout*”."
        in sentences(found)
    )
    assert "2 signals of 2 sessions happened within the window, but their events arrived after this moment." in (
        sentences(found)
    )


def test_a_later_moment_knows_what_came_late(cast: Cast, threshold: Threshold) -> None:
    store_signals([replace(each, version=NOW_MS + 10 * SECOND) for each in visitors(cast, 5)])

    assert explain(threshold, NOW).answer.breached == ()
    assert len(explain(threshold, NOW + timedelta(seconds=10)).answer.breached) == 1


def test_two_of_three_clicks_are_nearly_a_rage_click(cast: Cast, threshold: Threshold) -> None:
    store_events(dead_clicks(cast.project.pk, at_ms=NOW_MS - 30 * SECOND, stored_ms=NOW_MS - 25 * SECOND, clicks=2))
    store_events(
        dead_clicks(
            cast.other_project.pk, at_ms=NOW_MS - 30 * SECOND, stored_ms=NOW_MS - 25 * SECOND, clicks=2, session_id="x"
        )
    )

    near = explain(threshold, NOW).near

    assert near is not None
    assert [(each.count, each.needed, each.session_id) for each in near] == [(2, 3, "session-1")]
    assert words.of_near(near[0]) == "2 of the 3 that make a rage click, on “Pay now” of /checkout."


def test_what_happened_to_no_element_is_told_of_its_page(cast: Cast, threshold: Threshold) -> None:
    version = save_version(threshold=threshold, fields={"signals": ["page_loop"]}, actor=cast.alice, at=NOW)
    loads = [
        EventRow(
            cast.project.pk, ts_ms=NOW_MS - 30 * SECOND + n, stored_ms=NOW_MS - 25 * SECOND, n=n, t=n, type="page",
            subtype="load", element="", element_label="", page_id=f"page-{n}",
        )
        for n in range(2)
    ]  # fmt: skip
    store_events(loads)
    store_signals(
        [SignalRow(cast.project.pk, NOW_MS - MINUTE, NOW_MS - MINUTE, kind="page_loop", element="", element_label="")]
    )

    found = explain(threshold, from_ms(to_ms(version.created_at) + 10 * SECOND))

    assert found.near is not None
    assert [words.of_near(each) for each in found.near] == ["2 of the 3 that make a page loop, on /checkout."]
    assert sentences(found)[0].startswith("No: nothing breached. The nearest was /checkout with 1 of 5 sessions")


def test_what_is_a_signal_for_another_reason_is_not_nearly_one(cast: Cast, threshold: Threshold) -> None:
    version = save_version(threshold=threshold, fields={"signals": ["request_failures"]}, actor=cast.alice, at=NOW)
    told = [
        EventRow(
            cast.project.pk, ts_ms=NOW_MS - 30 * SECOND + n, stored_ms=NOW_MS - 25 * SECOND, n=n, t=n,
            type="leave" if n == 2 else "request", status=500, element="", element_label="", session_id=session_id,
        )
        for session_id in ("stayed", "left")
        for n in range(3)
        if n < 2 or session_id == "left"
    ]  # fmt: skip
    store_events(told)

    found = explain(threshold, from_ms(to_ms(version.created_at) + 10 * SECOND))

    assert found.near is not None
    assert [each.session_id for each in found.near] == ["stayed"]
    assert words.of_near(found.near[0]) == "2 of the 3 that make a run of failed requests, on /checkout."


def test_events_that_are_never_evaluated_are_named(cast: Cast, threshold: Threshold) -> None:
    [click] = dead_clicks(cast.project.pk, at_ms=NOW_MS - MINUTE, stored_ms=NOW_MS, clicks=1)
    store_events([replace(click, evaluable=False, flags=["too_old"], stored_ms=NOW_MS + 8 * 86_400_000)])

    [left_out] = explain(threshold, NOW).events_left_out

    assert (left_out.reason, left_out.events, left_out.sessions) == ("too_old", 1, 1)


def test_signals_that_a_resolution_answered_are_settled_and_were_open_before_it(
    cast: Cast, threshold: Threshold, last_tick: EvaluatedShard
) -> None:
    last_tick.delete()
    save_version(threshold=threshold, fields={"at_least": 1}, actor=None, at=NOW - timedelta(hours=1))
    store_events(dead_clicks(cast.project.pk, at_ms=NOW_MS - 30 * SECOND, stored_ms=NOW_MS - 20 * SECOND))
    run_due_ticks(0, 1, now=NOW - timedelta(seconds=10))
    incident = Incident.objects.get()
    triage.resolve(incident=incident, actor=cast.bob)
    incident.transitions.filter(to_state=State.RESOLVED).update(at=NOW)
    Incident.objects.update(resolved_at=NOW)
    run_due_ticks(0, 1, now=NOW + timedelta(seconds=10))

    before, then = explain(threshold, NOW - timedelta(seconds=10)), explain(threshold, NOW + timedelta(seconds=10))

    assert [(each.incident, each.state) for each in before.standing] == [(incident, State.OPEN)]
    assert len(before.answer.breached) == 1
    assert (then.standing, then.answer.breached) == ((), ())
    assert [each.why for each in then.answer.left_out if each.what == ""] == [Why.SETTLED]


def open_an_incident(cast: Cast, threshold: Threshold, last_tick: EvaluatedShard) -> None:
    """By the tick at NOW, for dead clicks of one session."""
    last_tick.delete()
    save_version(threshold=threshold, fields={"at_least": 1}, actor=None, at=NOW - timedelta(hours=1))
    store_events(dead_clicks(cast.project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    run_due_ticks(0, 1, now=NOW)


def test_the_explanation_agrees_with_what_the_tick_did(
    cast: Cast, threshold: Threshold, last_tick: EvaluatedShard
) -> None:
    open_an_incident(cast, threshold, last_tick)

    [breached] = explain(threshold, NOW).answer.breached

    opening = Incident.objects.get().opening
    assert breached.verdict.measure.clicks == opening["measure"]["clicks"] == 5
    assert [each.margin for each in breached.verdict.trace] == [each["margin"] for each in opening["trace"]]


def test_the_version_of_that_moment_answers(cast: Cast, threshold: Threshold) -> None:
    store_signals(visitors(cast, 4))
    save_version(threshold=threshold, fields={"at_least": 4}, actor=None, at=NOW + timedelta(seconds=5))

    assert explain(threshold, NOW + timedelta(seconds=9)).version.number == 1
    assert explain(threshold, NOW + timedelta(seconds=10)).version.number == 2


def test_before_its_first_version_nothing_was_measured(threshold: Threshold) -> None:
    with pytest.raises(NothingKnownError, match="did not exist yet"):
        explain(threshold, from_ms(0))


def test_what_no_tick_has_looked_at_yet_is_not_taken_for_nothing(
    threshold: Threshold, last_tick: EvaluatedShard
) -> None:
    explain(threshold, NOW + timedelta(minutes=1, seconds=9))
    with pytest.raises(NothingKnownError, match="the last was at 2026-11-23 12:01:00 UTC"):
        explain(threshold, NOW + timedelta(minutes=1, seconds=10))
    last_tick.delete()
    with pytest.raises(NothingKnownError, match="No tick has run yet"):
        explain(threshold, NOW)


def test_what_is_past_its_retention_is_not_taken_for_nothing(cast: Cast, threshold: Threshold) -> None:
    cast.project.retention_days = 7
    cast.project.save()
    threshold.versions.update(created_at=NOW - timedelta(days=30))
    first = NOW + timedelta(minutes=16) - timedelta(days=7)
    explain(threshold, first)
    with pytest.raises(NothingKnownError, match="keeps its events for 7 days"):
        explain(threshold, first - timedelta(seconds=10))


def test_nothing_to_count_is_said(threshold: Threshold) -> None:
    assert sentences(explain(threshold, NOW)) == ["No: there was nothing to count in the 15 minutes before."]


def test_the_command_prints_sentences_and_a_structure(cast: Cast, threshold: Threshold) -> None:
    store_signals(visitors(cast, 4))
    text, structure = StringIO(), StringIO()

    call_command("explain", str(threshold.pk), at="2026-11-23T12:00:03", stdout=text)
    call_command("explain", str(threshold.pk), at="2026-11-23T12:00:03", json=True, stdout=structure)

    headline, group, *predicates = text.getvalue().splitlines()
    assert headline.startswith("No: nothing breached. The nearest was “Pay now”")
    assert group == "“Pay now” on /checkout had 4 of 5 sessions within 15 minutes; 1 was missing."
    assert predicates == [
        "  Sessions with a signal: 4, at least 5: 1 too few",
        "  Sessions needed to mean anything: 4, at least 1: 3 more than needed",
    ]
    assert json.loads(structure.getvalue())["answer"]["groups"][0]["verdict"]["trace"][0]["margin"] == -1


def test_the_command_says_that_an_incident_was_there_already_and_that_the_threshold_was_off(
    cast: Cast, threshold: Threshold, last_tick: EvaluatedShard
) -> None:
    open_an_incident(cast, threshold, last_tick)
    text = StringIO()

    call_command("explain", str(threshold.pk), at="2026-11-23T12:00:00", stdout=text)
    run_due_ticks(0, 1, now=NOW + timedelta(seconds=10))
    threshold.versions.update(enabled=False)
    call_command("explain", str(threshold.pk), at="2026-11-23T12:00:10", stdout=text)

    lines = [line for line in text.getvalue().splitlines() if "did not answer" in line or "switched off" in line]
    sentence = Incident.objects.get().sentence
    assert lines == [
        f"So this incident opened: {sentence}",
        "The threshold was switched off then; the numbers are those it would have gone by.",
        f"An incident was open already, so no other opened for its group: {sentence}",
    ]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("yesterday", "is no moment"),
        ("2030-01-01", "No tick has looked at that moment yet"),
        ("9999-12-31T23:59:59-23:59", "No tick has looked at that moment yet"),
        ("0001-01-01T00:00:00+23:59", "did not exist yet"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_moment(threshold: Threshold, at: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("explain", str(threshold.pk), at=at)


def test_the_command_says_where_a_threshold_s_id_stands() -> None:
    with pytest.raises(CommandError, match=r"no threshold 999\. Its page's address has its id"):
        call_command("explain", "999", at="2026-11-23T12:00:03")


def test_what_a_suppression_hides_is_named_with_its_reason(cast: Cast, threshold: Threshold) -> None:
    suppression = make_suppression(cast.project, signal="rage_click", created_at=NOW - timedelta(hours=1))
    hidden = [replace(row, retracted=True, suppressed_by=suppression.pk) for row in visitors(cast, 6)]
    store_signals(hidden)

    found = explain(threshold, NOW)

    assert [(each.why, each.signals) for each in found.answer.left_out] == [(Why.SUPPRESSED, 6)]
    assert sentences(found) == [
        "No: there was nothing to count in the 15 minutes before.",
        "6 signals of 6 sessions are suppressed, because: Known, fixed in the next release.",
    ]
