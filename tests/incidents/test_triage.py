"""What people may do to incidents, and what they may not."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core import clock
from apps.incidents import triage
from apps.incidents.models import Incident, State
from apps.incidents.recording import Mute
from apps.organizations.models import Membership, Role, User
from apps.thresholds.evaluation import evaluate, to_json
from apps.thresholds.measuring import rule_of
from apps.thresholds.windows import Measure
from tests.conftest import NOW, NOW_MS
from tests.factories import Cast, make_cast, make_threshold

pytestmark = pytest.mark.django_db


def make_incident(cast: Cast, state: str = State.OPEN) -> Incident:
    threshold = cast.project.thresholds.first() or make_threshold(cast.project)
    assert threshold.current_version is not None
    peak = evaluate(rule_of(threshold.current_version), Measure(sessions=4), as_of_ms=NOW_MS, window_end_ms=NOW_MS)
    return Incident.objects.create(
        id=uuid4(), project=cast.project, threshold=threshold, version=threshold.current_version, fingerprint=uuid4(),
        state=state, severity="high", sentence="“Pay now” did not answer.", opening={}, peak=to_json(peak),
        opened_at=NOW, breach_began_at=NOW, breached_until=NOW, resolved_at=NOW if state == State.RESOLVED else None,
        muted_until=NOW if state == State.MUTED else None,
    )  # fmt: skip


def test_bob_acknowledges_and_it_is_written_down(cast: Cast) -> None:
    incident = make_incident(cast)
    transition = triage.acknowledge(incident=incident, actor=cast.bob)
    incident.refresh_from_db()
    assert incident.state == State.ACKNOWLEDGED
    assert (transition.from_state, transition.to_state, transition.actor) == ("open", "acknowledged", cast.bob)
    assert list(incident.transitions.all()) == [transition]


def test_bob_mutes_for_a_time_and_unmutes(cast: Cast) -> None:
    incident = make_incident(cast)
    until = clock.now() + timedelta(hours=1)
    triage.mute(incident=incident, actor=cast.bob, mute=Mute(until))
    incident.refresh_from_db()
    assert (incident.state, incident.muted_until) == (State.MUTED, until)
    triage.unmute(incident=incident, actor=cast.bob)
    incident.refresh_from_db()
    assert incident.state == State.OPEN
    assert incident.muted_until is None


def test_bob_mutes_until_a_level_or_a_release_and_nothing_of_it_is_left(cast: Cast) -> None:
    incident = make_incident(cast)
    until = clock.now() + timedelta(hours=1)
    transition = triage.mute(incident=incident, actor=cast.bob, mute=Mute(until, level=9, release="2.0"))
    incident.refresh_from_db()
    assert (incident.muted_level, incident.muted_release) == (9, "2.0")
    assert transition.reason == (
        f"Muted until {until:%Y-%m-%d %H:%M} UTC, or until it reaches 9, or until it shows in release 2.0."
    )
    triage.acknowledge(incident=incident, actor=cast.bob)
    incident.refresh_from_db()
    assert (incident.muted_until, incident.muted_level, incident.muted_release) == (None, 0, "")


def test_a_level_that_is_reached_already_is_refused_with_the_number(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(triage.MoveRefusedError, match="It reached 4 already"):
        triage.mute(incident=incident, actor=cast.bob, mute=Mute(clock.now() + timedelta(hours=1), level=4))


def test_a_mute_must_end_in_the_future(cast: Cast) -> None:
    with pytest.raises(triage.MoveRefusedError, match="future"):
        triage.mute(incident=make_incident(cast), actor=cast.bob, mute=Mute(clock.now()))


def test_bob_resolves_and_reopens(cast: Cast) -> None:
    incident = make_incident(cast)
    triage.resolve(incident=incident, actor=cast.bob)
    incident.refresh_from_db()
    assert incident.resolved_at is not None
    triage.reopen(incident=incident, actor=cast.bob)
    incident.refresh_from_db()
    assert incident.state == State.OPEN
    assert incident.reopened_at is not None
    assert not Incident.objects.filter(resolved_at__isnull=False).exists()


def test_a_move_that_the_state_does_not_allow_is_refused_in_words_and_leaves_no_trace(cast: Cast) -> None:
    incident = make_incident(cast, State.RESOLVED)
    with pytest.raises(triage.MoveRefusedError, match="is resolved by now, so it cannot be acknowledged"):
        triage.acknowledge(incident=incident, actor=cast.bob)
    assert not incident.transitions.exists()


def test_somebody_who_sees_an_old_state_cannot_act_on_it(cast: Cast) -> None:
    seen_by_bob = make_incident(cast)
    triage.resolve(incident=Incident.objects.get(pk=seen_by_bob.pk), actor=cast.alice)
    with pytest.raises(triage.MoveRefusedError):
        triage.mute(incident=seen_by_bob, actor=cast.bob, mute=Mute(clock.now() + timedelta(hours=1)))


def test_assigning_is_written_down_and_changes_no_state(cast: Cast) -> None:
    incident = make_incident(cast, State.RESOLVED)
    triage.assign(incident=incident, actor=cast.bob, assignee=cast.alice)
    incident.refresh_from_db()
    assert (incident.state, incident.assignee) == (State.RESOLVED, cast.alice)
    triage.assign(incident=incident, actor=cast.bob, assignee=None)
    incident.refresh_from_db()
    assert incident.assignee is None
    assert [each.reason for each in incident.transitions.all()] == ["Assigned to alice.", "Assigned to nobody."]


def test_an_incident_is_not_assigned_to_somebody_who_cannot_triage_it(cast: Cast) -> None:
    incident = make_incident(cast)
    with pytest.raises(triage.AssigneeRefusedError, match="charlie cannot triage incidents of Alice's Shop"):
        triage.assign(incident=incident, actor=cast.bob, assignee=cast.charlie)
    incident.refresh_from_db()
    assert incident.assignee is None


def a_viewer(cast: Cast) -> User:
    viewer = User.objects.create_user("victor", is_staff=True)
    Membership.objects.create(organization=cast.organization, user=viewer, role=Role.VIEWER)
    return viewer


@pytest.mark.parametrize("who", ["charlie", "a viewer", "bob, who left"])
def test_whoever_may_not_triage_can_do_nothing(cast: Cast, who: str) -> None:
    actor = {"charlie": cast.charlie, "a viewer": a_viewer(cast), "bob, who left": cast.bob}[who]
    if who == "bob, who left":
        User.objects.filter(pk=cast.bob.pk).update(is_active=False)
        actor.refresh_from_db()
    opened, resolved, muted = make_incident(cast), make_incident(cast, State.RESOLVED), make_incident(cast, State.MUTED)
    until = clock.now() + timedelta(hours=1)
    attempts: list[Callable[[], object]] = [
        lambda: triage.acknowledge(incident=opened, actor=actor),
        lambda: triage.resolve(incident=opened, actor=actor),
        lambda: triage.mute(incident=opened, actor=actor, mute=Mute(until)),
        lambda: triage.unmute(incident=muted, actor=actor),
        lambda: triage.reopen(incident=resolved, actor=actor),
        lambda: triage.assign(incident=opened, actor=actor, assignee=actor),
    ]
    for attempt in attempts:
        with pytest.raises(triage.NotAllowedError):
            attempt()
    for incident in (opened, resolved, muted):
        before = incident.state
        incident.refresh_from_db()
        assert incident.state == before
        assert not incident.transitions.exists()


def test_an_incident_does_not_reopen_beside_a_newer_one_of_the_same_trouble(cast: Cast) -> None:
    old, new = make_incident(cast, State.RESOLVED), make_incident(cast)
    Incident.objects.filter(pk=new.pk).update(fingerprint=old.fingerprint)
    with pytest.raises(triage.MoveRefusedError, match="newer incident"):
        triage.reopen(incident=old, actor=cast.bob)
    assert not old.transitions.exists()


def test_the_database_holds_one_unresolved_incident_per_fingerprint(cast: Cast) -> None:
    first, second = make_incident(cast), make_incident(cast)
    with pytest.raises(IntegrityError, match="one_unresolved_incident_per_fingerprint"), transaction.atomic():
        Incident.objects.filter(pk=second.pk).update(fingerprint=first.fingerprint)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.RESOLVED},
        {"state": State.MUTED},
        {"resolved_at": NOW},
        {"muted_until": NOW},
        {"muted_level": 1},
        {"muted_release": "2.0"},
    ],
)
def test_the_database_holds_what_a_state_must_have(cast: Cast, fields: dict[str, object]) -> None:
    incident = make_incident(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**fields)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_acknowledge_at_once_one_is_told_that_it_is_done() -> None:
    cast = make_cast()
    incident = make_incident(cast)
    start = Barrier(2)
    outcomes: list[str] = []

    def acknowledge(actor: User) -> None:
        copy = Incident.objects.get(pk=incident.pk)
        start.wait()
        try:
            triage.acknowledge(incident=copy, actor=actor)
            outcomes.append("done")
        except triage.MoveRefusedError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=acknowledge, args=(actor,)) for actor in (cast.alice, cast.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert incident.transitions.count() == 1
