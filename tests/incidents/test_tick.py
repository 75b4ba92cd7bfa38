"""Ticks over the real engines: from stored events to incidents."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from threading import Barrier, Thread

import pytest
from django.db import connection

from apps.clickhouse import client
from apps.core.clock import from_ms, to_ms
from apps.detection.detecting import detect
from apps.incidents import judging, triage
from apps.incidents.models import EvaluatedShard, Incident, State, Transition
from apps.incidents.tick import run_due_ticks
from apps.projects.models import Project
from apps.thresholds.models import GroupBy
from apps.thresholds.versions import save_version
from tests.conftest import HOUR, MINUTE, NOW, NOW_MS, SECOND
from tests.factories import (
    EventRow,
    SignalRow,
    dead_clicks,
    make_cast,
    make_project,
    make_threshold,
    store_events,
    store_signals,
)
from tests.ticks import tick_at

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


def tick_live(from_ms_: int, to_ms_: int) -> None:
    """Every tick at its time, as beat would."""
    for as_of_ms in range(from_ms_, to_ms_ + 1, 10 * SECOND):
        tick_at(as_of_ms)


def only_incident() -> Incident:
    return Incident.objects.get()


def last_reason(incident: Incident) -> str:
    transition = incident.transitions.last()
    assert transition is not None
    return transition.reason


def history() -> list[tuple[object, ...]]:
    """Everything that must be equal where two ways led to the same end, in a fixed order."""
    rows: list[tuple[object, ...]] = []
    for incident in Incident.objects.order_by("id"):
        transitions = incident.transitions.values_list("from_state", "to_state", "at", "reason", "verdict")
        rows.append(
            (
                incident.id, incident.state, incident.sentence, incident.group, incident.opening, incident.peak,
                incident.opened_at, incident.breach_began_at, incident.breached_until, incident.resolved_at,
                incident.regressions, list(transitions),
            )
        )  # fmt: skip
    return rows


def test_five_clicks_on_a_dead_button_open_an_incident_that_names_it_and_them(project: Project) -> None:
    make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    incident = only_incident()
    assert incident.sentence == (
        "“Pay now” on /checkout did not answer 5 clicks by 1 visitor within 15 minutes "
        "(rage clicks; threshold: at least 1 session)."
    )
    assert (incident.state, incident.opened_at, incident.opened_late) == (State.OPEN, NOW, False)
    assert incident.group == {"route": "/checkout", "element": "button[data-testid=pay]", "label": "Pay now"}
    assert [(t.from_state, t.to_state, t.actor) for t in incident.transitions.all()] == [("", "open", None)]


def test_an_event_stored_within_the_settle_time_is_the_next_ticks(project: Project) -> None:
    make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 3 * SECOND))
    tick_at(NOW_MS)
    assert not Incident.objects.exists()
    tick_at(NOW_MS + 10 * SECOND)
    assert only_incident().opened_at == NOW + timedelta(seconds=10)


def test_a_burst_that_grows_updates_the_sentence_and_is_no_transition(project: Project) -> None:
    make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND, clicks=3))
    tick_at(NOW_MS)
    assert "did not answer 3 clicks" in only_incident().sentence
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 7_400, stored_ms=NOW_MS + SECOND, clicks=2, first_n=4))
    tick_at(NOW_MS + 10 * SECOND)
    incident = only_incident()
    assert "did not answer 5 clicks" in incident.sentence
    assert incident.transitions.count() == 1
    assert incident.opening["measure"]["clicks"] == 3
    assert incident.peak["measure"]["clicks"] == 5


def test_quiet_time_resolves_an_incident_at_the_very_tick_at_which_it_is_over(project: Project) -> None:
    make_threshold(project, window_seconds=60, quiet_seconds=120)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    # The signals lie in the cell that ends now; the last window that holds them ends 50 s later.
    assert only_incident().breached_until == NOW + timedelta(seconds=50)
    tick_at(NOW_MS + 160 * SECOND)
    assert only_incident().state == State.OPEN
    tick_at(NOW_MS + 170 * SECOND)
    incident = only_incident()
    assert (incident.state, incident.resolved_at) == (State.RESOLVED, NOW + timedelta(seconds=170))
    assert last_reason(incident) == "No breach for 2 minutes."


def traffic(project_id: int) -> list[EventRow]:
    """Eight minutes of a few visitors: growing bursts, late batches, a quiet time, a return."""
    rows: list[EventRow] = []
    for number, (second, lateness, clicks) in enumerate(
        [(0, 2, 3), (5, 30, 4), (42, 1, 3), (200, 100, 6), (201, 4, 3), (420, 2, 5), (421, 60, 3)]
    ):
        at_ms = NOW_MS + second * SECOND
        rows += dead_clicks(
            project_id, at_ms=at_ms, stored_ms=at_ms + lateness * SECOND, clicks=clicks, session_id=f"session-{number}"
        )
    return rows


TRAFFIC_IS_OVER_MS = NOW_MS + 13 * MINUTE


def forget_everything() -> None:
    """As if no tick had ever run."""
    Incident.objects.all().delete()
    EvaluatedShard.objects.all().delete()
    client.command("TRUNCATE TABLE signals")


@pytest.fixture
def watched(project: Project) -> Project:
    make_threshold(project, window_seconds=60, quiet_seconds=60)
    make_threshold(project, name="Busy", window_seconds=600, at_least=3, group_by=GroupBy.NOTHING)
    return project


def test_missed_ticks_are_caught_up_to_the_same_incidents_as_live_ones(watched: Project) -> None:
    store_events(traffic(watched.pk))
    tick_live(NOW_MS, TRAFFIC_IS_OVER_MS)
    live = history()
    assert Transition.objects.count() >= 6
    assert Incident.objects.filter(regressions__gte=1).exists()

    forget_everything()
    tick_at(NOW_MS)
    ran = tick_at(TRAFFIC_IS_OVER_MS)
    assert history() == live
    # Where nothing happens, no tick is spent.
    assert ran < 40


def test_events_sent_three_times_in_any_order_give_the_same_incidents_as_once(watched: Project) -> None:
    rows = traffic(watched.pk)
    store_events(rows)
    tick_at(NOW_MS)
    tick_at(TRAFFIC_IS_OVER_MS)
    once = history()
    assert once

    forget_everything()
    repeated = [replace(row, stored_ms=row.stored_ms + late * SECOND) for row in rows for late in (0, 1, 45)]
    Random(1).shuffle(repeated)
    client.command("TRUNCATE TABLE events")
    for start in range(0, len(repeated), 7):
        store_events(repeated[start : start + 7])
    tick_at(NOW_MS)
    tick_at(TRAFFIC_IS_OVER_MS)
    assert history() == once


def test_a_month_without_traffic_is_caught_up_in_one_tick(project: Project) -> None:
    make_threshold(project)
    tick_at(NOW_MS)
    assert tick_at(NOW_MS + 30 * 24 * HOUR) == 1


def test_events_stored_before_the_first_tick_ever_are_evaluated(project: Project) -> None:
    make_threshold(project)
    early = NOW_MS - 20 * MINUTE
    store_events(dead_clicks(project.pk, at_ms=early - 8 * SECOND, stored_ms=early - 4 * SECOND))
    tick_at(NOW_MS)
    assert only_incident().opened_at == from_ms(early)


def test_a_tick_that_died_after_writing_signals_ends_the_same_when_run_again(project: Project) -> None:
    make_threshold(project)
    due_ms = NOW_MS + 10 * SECOND
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=NOW)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - SECOND, stored_ms=NOW_MS + SECOND))
    # What a tick leaves that is killed between its second and third step.
    arrived_from_ms, arrived_to_ms = NOW_MS - 3 * SECOND, due_ms - 3 * SECOND
    written = detect(shard=0, shards=1, arrived_from_ms=arrived_from_ms, arrived_to_ms=arrived_to_ms, as_of_ms=due_ms)
    assert written > 0
    # The next run comes two minutes later; it begins with the tick that died.
    tick_at(due_ms + 2 * MINUTE)
    assert only_incident().opened_at == from_ms(due_ms)
    assert {count for _, count in client.query("SELECT signal_id, count() FROM signals GROUP BY signal_id")} == {1}


@pytest.mark.django_db(transaction=True)
def test_evaluators_at_once_open_one_incident_per_fingerprint() -> None:
    project = make_cast().project
    make_threshold(project)
    for number in range(5):
        store_events(
            dead_clicks(
                project.pk, at_ms=NOW_MS + number * MINUTE, stored_ms=NOW_MS + number * MINUTE + 2 * SECOND,
                session_id=f"s{number}",
            )
        )  # fmt: skip
    start = Barrier(3)
    failures: list[Exception] = []
    ran: list[int] = []

    def evaluate() -> None:
        # Connected before they start, so that they meet.
        connection.ensure_connection()
        client.query("SELECT 1")
        start.wait()
        try:
            ran.append(tick_at(NOW_MS + 10 * MINUTE))
        except Exception as error:  # noqa: BLE001 whatever it is, it fails the test below
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=evaluate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    # The five ticks with a visitor and the last one, each run once by whoever had the shard.
    assert sum(ran) + tick_at(NOW_MS + 10 * MINUTE) == 6
    assert Incident.objects.count() == 1
    assert EvaluatedShard.objects.get().last_as_of == NOW + timedelta(minutes=10)
    assert only_incident().transitions.count() == 1


def test_a_resolved_incident_does_not_reopen_while_its_own_signals_are_still_in_the_window(project: Project) -> None:
    cast_bob = project.organization.memberships.get(user__username="bob").user
    make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    incident = only_incident()
    triage.resolve(incident=incident, actor=cast_bob)
    Incident.objects.update(resolved_at=NOW + timedelta(seconds=5))
    # A batch from before the resolution arrives after it: it was answered by the resolution.
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 30 * SECOND, stored_ms=NOW_MS + 8 * SECOND, session_id="late"))
    tick_live(NOW_MS + 10 * SECOND, NOW_MS + MINUTE)
    assert only_incident().state == State.RESOLVED
    # One from after it is a regression.
    store_events(
        dead_clicks(project.pk, at_ms=NOW_MS + 61 * SECOND, stored_ms=NOW_MS + 63 * SECOND, session_id="again")
    )
    tick_at(NOW_MS + 70 * SECOND)
    incident = only_incident()
    assert (incident.state, incident.regressions, incident.resolved_at) == (State.OPEN, 1, None)
    assert "5 clicks by 1 visitor" in incident.sentence


def test_a_muted_incident_is_measured_on_and_does_not_reopen_as_another(project: Project) -> None:
    make_threshold(project, window_seconds=60, quiet_seconds=60)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    Incident.objects.update(state=State.MUTED, muted_until=NOW + timedelta(hours=1))
    tick_at(NOW_MS + 30 * MINUTE)
    assert only_incident().state == State.MUTED
    at_ms = NOW_MS + 31 * MINUTE
    store_events(dead_clicks(project.pk, at_ms=at_ms, stored_ms=at_ms + SECOND, clicks=9, session_id="more"))
    tick_at(NOW_MS + 32 * MINUTE)
    incident = only_incident()
    assert (incident.state, incident.peak["measure"]["clicks"]) == (State.MUTED, 9)
    tick_at(NOW_MS + 2 * HOUR)
    incident = only_incident()
    assert (incident.state, incident.resolved_at) == (State.RESOLVED, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("mute", "sessions", "release", "state"),
    [
        ({"muted_level": 3}, 1, "1.0", State.MUTED),
        ({"muted_level": 3}, 2, "1.0", State.OPEN),
        ({"muted_release": "2.0"}, 2, "1.0", State.MUTED),
        ({"muted_release": "2.0"}, 1, "2.0", State.OPEN),
    ],
)
def test_a_mute_ends_at_the_level_or_in_the_release_that_it_waits_for(
    project: Project, mute: dict[str, object], sessions: int, release: str, state: State
) -> None:
    make_threshold(project)
    store_signals([SignalRow(project.pk, NOW_MS - 8 * SECOND, NOW_MS)])
    tick_at(NOW_MS)
    Incident.objects.update(state=State.MUTED, muted_until=NOW + timedelta(hours=1), **mute)
    at_ms = NOW_MS + 5 * SECOND
    store_signals(
        [
            SignalRow(project.pk, at_ms, NOW_MS + 10 * SECOND, session_id=f"more-{number}", release=release)
            for number in range(sessions)
        ]
    )
    tick_at(NOW_MS + 10 * SECOND)
    incident = only_incident()
    assert incident.state == state
    assert incident.peak["measure"]["sessions"] == 1 + sessions
    assert bool(incident.muted_until) is (state is State.MUTED)


def test_signals_taken_back_take_the_incident_back_and_it_says_so(project: Project) -> None:
    make_threshold(project)
    signal = SignalRow(project.pk, NOW_MS - 8 * SECOND, NOW_MS)
    store_signals([signal])
    tick_at(NOW_MS)
    assert only_incident().state == State.OPEN
    store_signals([replace(signal, version=NOW_MS + 10 * SECOND, retracted=True)])
    tick_at(NOW_MS + 10 * SECOND)
    incident = only_incident()
    assert (incident.state, incident.retracted_at) == (State.RESOLVED, NOW + timedelta(seconds=10))
    assert last_reason(incident).startswith("Events that arrived late showed")


def test_a_retraction_that_leaves_a_breach_corrects_the_sentence(project: Project) -> None:
    make_threshold(project)
    first = SignalRow(project.pk, NOW_MS - 8 * SECOND, NOW_MS)
    other = SignalRow(project.pk, NOW_MS - 7 * SECOND, NOW_MS, session_id="session-2")
    store_signals([first, other])
    tick_at(NOW_MS)
    assert "10 clicks by 2 visitors" in only_incident().sentence
    store_signals([replace(other, version=NOW_MS + 10 * SECOND, retracted=True)])
    tick_at(NOW_MS + 10 * SECOND)
    assert only_incident().state == State.OPEN
    assert "5 clicks by 1 visitor" in only_incident().sentence


def test_switching_a_threshold_off_resolves_its_incidents_and_says_why(project: Project) -> None:
    threshold = make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    save_version(threshold=threshold, fields={"enabled": False}, actor=None, at=NOW + timedelta(seconds=5))
    tick_at(NOW_MS + 10 * SECOND)
    incident = only_incident()
    assert (incident.state, last_reason(incident)) == (State.RESOLVED, judging.SWITCHED_OFF)


def test_a_lower_bound_opens_what_is_in_the_window_already(project: Project) -> None:
    threshold = make_threshold(project, at_least=2)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    assert not Incident.objects.exists()
    save_version(threshold=threshold, fields={"at_least": 1}, actor=None, at=NOW + timedelta(seconds=12))
    tick_at(NOW_MS + 10 * SECOND)
    assert not Incident.objects.exists()
    tick_at(NOW_MS + 20 * SECOND)
    assert only_incident().version.number == 2


def test_a_higher_bound_lets_an_incident_grow_quiet_from_the_change_on(project: Project) -> None:
    threshold = make_threshold(project, window_seconds=900, quiet_seconds=60)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    save_version(threshold=threshold, fields={"at_least": 9}, actor=None, at=NOW + timedelta(seconds=8))
    tick_at(NOW_MS + 10 * SECOND)
    assert only_incident().breached_until == NOW + timedelta(seconds=10)
    tick_at(NOW_MS + 70 * SECOND)
    assert only_incident().state == State.RESOLVED


def test_another_grouping_resolves_incidents_that_nothing_measures_any_more(project: Project) -> None:
    threshold = make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    save_version(threshold=threshold, fields={"group_by": "route"}, actor=None, at=NOW + timedelta(seconds=5))
    tick_at(NOW_MS + 10 * SECOND)
    old, new = Incident.objects.order_by("opened_at")
    assert (old.state, last_reason(old)) == (State.RESOLVED, judging.REGROUPED)
    assert (new.state, new.group) == (State.OPEN, {"route": "/checkout"})


def test_a_missed_tick_is_judged_by_the_rules_of_its_own_time(project: Project) -> None:
    threshold = make_threshold(project)
    tick_at(NOW_MS)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS + SECOND, stored_ms=NOW_MS + 3 * SECOND))
    save_version(threshold=threshold, fields={"at_least": 9}, actor=None, at=NOW + timedelta(minutes=5))
    tick_at(NOW_MS + 10 * MINUTE)
    assert only_incident().version.number == 1


def test_a_deleted_project_takes_its_incidents_along_and_the_tick_goes_on(project: Project) -> None:
    make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    tick_at(NOW_MS)
    project_id = project.pk
    project.delete()
    store_events(dead_clicks(project_id, at_ms=NOW_MS, stored_ms=NOW_MS + SECOND, session_id="after"))
    assert tick_at(NOW_MS + 10 * SECOND) == 1
    assert not Incident.objects.exists()


def test_late_events_open_an_incident_that_says_it_is_late(project: Project) -> None:
    make_threshold(project)
    tick_at(NOW_MS - 10 * SECOND)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 5 * HOUR, stored_ms=NOW_MS - 5 * SECOND))
    tick_at(NOW_MS)
    incident = only_incident()
    assert incident.opened_late
    assert incident.opened_at == NOW
    assert incident.breach_began_at == NOW - timedelta(hours=5) + timedelta(seconds=10)
    tick_at(NOW_MS + 10 * SECOND)
    assert only_incident().state == State.OPEN


@pytest.mark.parametrize("ticks", ["live", "caught up"])
def test_signals_of_a_clock_that_is_ahead_count_when_their_time_comes(project: Project, ticks: str) -> None:
    make_threshold(project)
    tick_at(NOW_MS - 10 * SECOND)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS + 25 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    if ticks == "live":
        tick_live(NOW_MS, NOW_MS + MINUTE)
    else:
        tick_at(NOW_MS + MINUTE)
    assert only_incident().opened_at == NOW + timedelta(seconds=30)


def test_another_number_of_shards_takes_over_at_a_common_tick(project: Project) -> None:
    others = [make_project(project.organization, name=f"Shop {n}", slug=f"shop-{n}") for n in range(3)]
    everyone = [project, *others]
    for each in everyone:
        make_threshold(each)
        store_events(dead_clicks(each.pk, at_ms=NOW_MS + MINUTE, stored_ms=NOW_MS + MINUTE + 2 * SECOND))
    run_due_ticks(0, 2, now=NOW)
    run_due_ticks(1, 2, now=NOW + timedelta(minutes=5))
    for shard in range(3):
        run_due_ticks(shard, 3, now=NOW + timedelta(minutes=10))
    assert sorted(EvaluatedShard.objects.values_list("shard", "shards", "last_as_of")) == [
        (shard, 3, NOW + timedelta(minutes=10)) for shard in range(3)
    ]
    assert {incident.project for incident in Incident.objects.all()} == set(everyone)
    assert Incident.objects.count() == len(everyone)
    assert {incident.opened_at for incident in Incident.objects.all()} == {NOW + timedelta(seconds=70)}


def test_the_projects_of_another_shard_are_left_to_it(project: Project) -> None:
    make_threshold(project)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8 * SECOND, stored_ms=NOW_MS - 4 * SECOND))
    run_due_ticks((project.pk + 1) % 2, 2, now=NOW)
    assert not Incident.objects.exists()
    run_due_ticks(project.pk % 2, 2, now=NOW)
    assert Incident.objects.count() == 1


def test_the_engines_clock_says_which_tick_is_due(project: Project) -> None:
    before = client.query("SELECT toUnixTimestamp64Milli(now64(3, 'UTC'))")[0][0]
    assert run_due_ticks(0, 1) == 1
    reached: datetime = EvaluatedShard.objects.get().last_as_of
    assert to_ms(reached) % (10 * SECOND) == 0
    assert before - 10 * SECOND <= to_ms(reached) <= before + 60 * SECOND
