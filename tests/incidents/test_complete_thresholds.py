"""Ticks over the real engines, by thresholds that ask for more than a number: shares, comparisons, verdicts, people."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.clock import from_ms
from apps.explanations import words
from apps.explanations.explaining import explain
from apps.incidents.models import ForeseenBreach, Incident, State
from apps.incidents.proof.document import from_bytes
from apps.incidents.proof.exporting import export
from apps.incidents.proof.verifying import first_difference
from apps.projects.models import Project
from apps.thresholds.evaluation import LAG_MS
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import GroupBy, Metric, Threshold
from apps.thresholds.versions import save_version
from tests.conftest import HOUR, MINUTE, NOW, NOW_MS, SECOND
from tests.factories import (
    EventRow,
    PresenceRow,
    SignalRow,
    dead_clicks,
    make_threshold,
    store_events,
    store_presences,
    store_signals,
)
from tests.ticks import tick_at

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


def only_incident() -> Incident:
    return Incident.objects.get()


def reasons() -> list[tuple[int, str, str]]:
    """(s after NOW, state, the reason's beginning) of every transition."""
    return [
        (round((step.at - NOW).total_seconds()), step.to_state, step.reason[:35])
        for step in only_incident().transitions.all()
    ]


def people(project: Project, count: int, *, at_ms: int, known_ms: int, first: int = 1) -> list[PresenceRow]:
    """Visitors of the checkout without a trouble."""
    return [
        PresenceRow(project.pk, at_ms, known_ms, session_id=f"visitor-{number}")
        for number in range(first, first + count)
    ]


def angry(project: Project, count: int, *, at_ms: int, known_ms: int, first: int = 1) -> list[SignalRow]:
    """Visitors with a rage click; who was there is stored too."""
    signals = [
        SignalRow(project.pk, at_ms, known_ms, session_id=f"angry-{number}") for number in range(first, first + count)
    ]
    cell_ms = at_ms - at_ms % (10 * SECOND)
    store_presences([PresenceRow(project.pk, cell_ms, known_ms, session_id=each.session_id) for each in signals])
    return signals


@pytest.fixture
def share(project: Project) -> Threshold:
    """10 % of at least five sessions on a route within two minutes."""
    return make_threshold(
        project, metric=Metric.SHARE, at_least=100, minimum_sessions=5, window_seconds=120, quiet_seconds=60,
        group_by=GroupBy.ROUTE,
    )  # fmt: skip


def test_a_share_opens_with_its_numbers_in_words_and_a_proof(project: Project, share: Threshold) -> None:
    store_events(
        [
            *dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND),
            *(
                EventRow(
                    project.pk, NOW_MS - 9 * SECOND, NOW_MS - 5 * SECOND, type="page", session_id=f"v{number}",
                    page_id=f"p{number}", route="/checkout" if number < 7 else "/elsewhere",
                )
                for number in range(9)
            ),
        ]
    )  # fmt: skip
    tick_at(NOW_MS)
    # The window is judged when what it is a share of has had the time to arrive.
    assert not Incident.objects.exists()
    tick_at(NOW_MS + LAG_MS)
    incident = only_incident()
    assert incident.sentence == (
        "“Pay now” on /checkout did not answer 5 clicks by 1 visitor, 12.5 % of 8 sessions, within 2 minutes "
        "(rage clicks; threshold: at least 10 % of the sessions)."
    )
    proof, _ = from_bytes(export(incident))
    assert len({seen.session_id for seen in proof.presences}) == 8
    fewer = tuple(seen for seen in proof.presences if seen.session_id != "v1")
    nobody = tuple(seen for seen in proof.presences if seen.session_id != "session-1")
    later = tuple(replace(seen, known_ms=seen.known_ms + MINUTE) for seen in proof.presences)
    assert [first_difference(replace(proof, presences=forged)) for forged in (fewer, nobody, later)] == [
        "verdict.measure.exposed: the proof states 8, and its content gives 7.",
        "presences: the session of signals[0] was not there.",
        "presences[0]: it is not on the grid, or the tick did not know of it yet.",
    ]
    found = explain(share, incident.opened_at)
    assert words.headline(found.answer, rule_of(found.version)) == (
        "Yes: /checkout breached with 12.5 % of its 8 sessions (10 % needed) within 2 minutes."
    )


def test_sessions_that_come_late_take_a_share_back(project: Project, share: Threshold) -> None:
    at_ms = NOW_MS - 10 * SECOND
    tick_at(NOW_MS - 10 * SECOND)
    store_presences(people(project, 9, at_ms=at_ms, known_ms=NOW_MS))
    store_signals(angry(project, 1, at_ms=at_ms, known_ms=NOW_MS))
    tick_at(NOW_MS)
    tick_at(NOW_MS + LAG_MS)
    assert only_incident().state == State.OPEN
    late_ms = NOW_MS + LAG_MS + 10 * SECOND
    store_presences(people(project, 1, at_ms=at_ms, known_ms=late_ms, first=50))
    tick_at(late_ms)
    assert reasons()[1:] == [(30, "resolved", "Events that arrived late added to w")]
    assert only_incident().retracted_at == from_ms(late_ms)


def test_late_sessions_elsewhere_change_nothing(project: Project, share: Threshold) -> None:
    at_ms = NOW_MS - 10 * SECOND
    tick_at(NOW_MS - 10 * SECOND)
    store_presences(people(project, 9, at_ms=at_ms, known_ms=NOW_MS))
    store_signals(angry(project, 1, at_ms=at_ms, known_ms=NOW_MS))
    tick_at(NOW_MS)
    tick_at(NOW_MS + LAG_MS)
    late_ms = NOW_MS + LAG_MS + 10 * SECOND
    elsewhere = people(project, 3, at_ms=at_ms, known_ms=late_ms, first=50)
    store_presences([replace(each, route="/cart") for each in elsewhere])
    tick_at(late_ms)
    assert only_incident().state == State.OPEN


def test_a_share_that_rises_because_others_leave_opens_at_that_very_tick(project: Project, share: Threshold) -> None:
    tick_at(NOW_MS - 10 * SECOND)
    early = people(project, 20, at_ms=NOW_MS - 70 * SECOND, known_ms=NOW_MS)
    store_presences([*early, *people(project, 5, at_ms=NOW_MS - 10 * SECOND, known_ms=NOW_MS, first=50)])
    store_signals(angry(project, 1, at_ms=NOW_MS - 10 * SECOND, known_ms=NOW_MS))
    tick_at(NOW_MS)
    # 1 of 26. When the 20 have left the two minutes, it is 1 of 6: nothing else has to happen.
    due = from_ms(NOW_MS + 60 * SECOND + LAG_MS)
    assert ForeseenBreach.objects.get().due_at == due
    ran = tick_at(NOW_MS + 4 * MINUTE)
    assert only_incident().opened_at == due
    assert only_incident().peak["measure"]["exposed"] == 6
    # Looked at while it lasts, and once more for the quiet time.
    assert ran < 12
    assert not ForeseenBreach.objects.exists()


def test_what_was_foreseen_does_not_open_where_more_people_came(project: Project, share: Threshold) -> None:
    tick_at(NOW_MS - 10 * SECOND)
    store_presences(people(project, 20, at_ms=NOW_MS - 70 * SECOND, known_ms=NOW_MS))
    store_signals(angry(project, 1, at_ms=NOW_MS - 10 * SECOND, known_ms=NOW_MS))
    tick_at(NOW_MS)
    store_presences(people(project, 20, at_ms=NOW_MS + 10 * SECOND, known_ms=NOW_MS + 30 * SECOND, first=50))
    tick_at(NOW_MS + 10 * MINUTE)
    assert not Incident.objects.exists()
    assert not ForeseenBreach.objects.exists()


def test_a_comparison_opens_only_where_there_is_more_than_then(project: Project) -> None:
    day = 24 * HOUR
    threshold = make_threshold(project, at_least=2, factor_percent=200, earlier_seconds=86_400, window_seconds=120)
    tick_at(NOW_MS - day - 10 * SECOND)
    store_signals(angry(project, 2, at_ms=NOW_MS - day - 5 * SECOND, known_ms=NOW_MS - day))
    tick_at(NOW_MS - day)
    # Nothing the day before that: two are enough.
    assert only_incident().opened_at == NOW - timedelta(days=1)
    tick_at(NOW_MS - 10 * SECOND)
    assert only_incident().state == State.RESOLVED
    store_signals(angry(project, 3, at_ms=NOW_MS - 5 * SECOND, known_ms=NOW_MS, first=10))
    tick_at(NOW_MS)
    assert only_incident().state == State.RESOLVED
    nearest = explain(threshold, NOW).answer.nearest_miss
    assert nearest is not None
    assert [(each.name, each.value, each.bound) for each in nearest.verdict.trace] == [
        ("sessions_at_least", 3, 2), ("times_earlier", 3, 4), ("minimum_sessions", 3, 1),
    ]  # fmt: skip
    store_signals(angry(project, 1, at_ms=NOW_MS + 5 * SECOND, known_ms=NOW_MS + 10 * SECOND, first=20))
    tick_at(NOW_MS + 10 * SECOND)
    incident = only_incident()
    assert (incident.state, incident.regressions) == (State.OPEN, 1)
    assert "threshold: at least 2 sessions and 200 % of the number 1 day before" in incident.sentence


def test_a_late_signal_in_the_time_compared_with_takes_the_breach_back(project: Project) -> None:
    make_threshold(project, at_least=2, factor_percent=200, earlier_seconds=3_600, window_seconds=120)
    tick_at(NOW_MS - 10 * SECOND)
    store_signals(angry(project, 2, at_ms=NOW_MS - 5 * SECOND, known_ms=NOW_MS))
    tick_at(NOW_MS)
    assert only_incident().state == State.OPEN
    late_ms = NOW_MS + 10 * SECOND
    store_signals(angry(project, 2, at_ms=NOW_MS - HOUR - 5 * SECOND, known_ms=late_ms, first=10))
    tick_at(late_ms)
    incident = only_incident()
    # The late two breach an hour ago, when there was nothing before them; that is when it began now.
    assert incident.state == State.OPEN
    assert incident.breach_began_at == from_ms(NOW_MS - HOUR)
    assert incident.breached_until < NOW


def test_several_verdicts_are_waited_for_and_come_by_time_alone(project: Project) -> None:
    make_threshold(project, breaches_needed=3, breaches_among=6, window_seconds=60)
    tick_at(NOW_MS - 10 * SECOND)
    store_signals(angry(project, 1, at_ms=NOW_MS - 5 * SECOND, known_ms=NOW_MS))
    tick_at(NOW_MS)
    assert not Incident.objects.exists()
    tick_at(NOW_MS + 5 * MINUTE)
    incident = only_incident()
    assert incident.opened_at == NOW + timedelta(seconds=20)
    assert incident.opening["trace"][-1] == {
        "name": "breaches_needed", "value": 3, "bound": 3, "margin": 0, "holds": True,
    }  # fmt: skip
    assert incident.breached_until == NOW + timedelta(seconds=50)


def test_an_incident_does_not_resolve_because_nobody_came(project: Project) -> None:
    make_threshold(project, minimum_exposure=2, window_seconds=60, quiet_seconds=60)
    tick_at(NOW_MS - 10 * SECOND)
    store_signals(angry(project, 1, at_ms=NOW_MS - 5 * SECOND, known_ms=NOW_MS))
    tick_at(NOW_MS)
    ran = tick_at(NOW_MS + HOUR)
    assert only_incident().state == State.OPEN
    # Nobody comes, and no tick is spent on it.
    assert ran < 5
    # One who came before the last breach was over, one on another page, and one after: not yet two.
    known_ms = NOW_MS + HOUR + 20 * SECOND
    came = people(project, 3, at_ms=NOW_MS + HOUR, known_ms=known_ms)
    store_presences([replace(came[0], cell_ms=NOW_MS + 40 * SECOND), replace(came[1], route="/cart"), came[2]])
    tick_at(known_ms)
    assert only_incident().state == State.OPEN
    store_presences(people(project, 1, at_ms=known_ms - 10 * SECOND, known_ms=known_ms + 10 * SECOND, first=9))
    tick_at(known_ms + 10 * SECOND)
    assert (only_incident().state, only_incident().resolved_at) == (
        State.RESOLVED, from_ms(known_ms + 10 * SECOND),
    )  # fmt: skip


def test_a_threshold_switched_off_and_on_between_ticks_is_judged_by_what_held_at_each(project: Project) -> None:
    threshold = make_threshold(project, window_seconds=60, quiet_seconds=86_400)
    tick_at(NOW_MS)
    for minute, enabled in ((10, False), (20, True), (40, False)):
        at = NOW + timedelta(minutes=minute)
        save_version(threshold=threshold, fields={"enabled": enabled}, actor=None, at=at)
    for minute in (5, 15, 25):
        rows = dead_clicks(
            project.pk, at_ms=NOW_MS + minute * MINUTE, stored_ms=NOW_MS + minute * MINUTE + 2 * SECOND,
            session_id=f"s{minute}",
        )  # fmt: skip
        store_events(rows)
    # An hour was missed; the ticks of it go by the versions of their own time.
    tick_at(NOW_MS + HOUR)
    assert reasons() == [
        (310, "open", "The threshold was breached."),
        (600, "resolved", "The threshold was switched off, so "),
        (1510, "open", "The threshold was breached again, a"),
        (2400, "resolved", "The threshold was switched off, so "),
    ]


def test_queries_do_not_grow_with_thresholds(project: Project) -> None:
    asked: list[int] = []
    for round_, thresholds in enumerate((2, 6)):
        Threshold.objects.all().delete()
        for number in range(thresholds):
            make_threshold(project, name=f"Threshold {number}", metric=Metric.SHARE, at_least=100 + number)
        at_ms = NOW_MS + round_ * MINUTE
        tick_at(at_ms - 10 * SECOND)
        store_signals(angry(project, 1, at_ms=at_ms - 35 * SECOND, known_ms=at_ms, first=round_))
        with CaptureQueriesContext(connection) as queries:
            tick_at(at_ms)
        assert Incident.objects.count() == thresholds
        asked.append(len(queries))
    assert asked[1] <= asked[0]
