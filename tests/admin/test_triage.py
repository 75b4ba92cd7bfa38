"""What people do to incidents, by the buttons and by the list."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.incidents.models import State
from tests.admin.conftest import World, open_incident

pytestmark = pytest.mark.usefixtures("clickhouse")


def _post(browser: Client, world: World, **fields: object) -> list[str]:
    """Presses a button of the incident's page and returns what it answers."""
    answer = browser.post(reverse("admin:incidents_incident_triage", args=[world.incident.pk]), fields)
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_every_step_is_recorded_with_who_took_it(world: World, as_bob: Client) -> None:
    for step in ({"action": "acknowledge"}, {"action": "resolve"}, {"action": "reopen"}):
        _post(as_bob, world, **step)

    transitions = list(world.incident.transitions.values_list("to_state", "actor__username"))
    assert transitions == [("open", None), ("acknowledged", "bob"), ("resolved", "bob"), ("open", "bob")]


@pytest.mark.parametrize(
    ("choice", "length"), [("1h", timedelta(hours=1)), ("24h", timedelta(hours=24)), ("7d", timedelta(days=7))]
)
def test_muting_lasts_as_long_as_the_button_says(world: World, as_bob: Client, choice: str, length: timedelta) -> None:
    _post(as_bob, world, **{"action": "mute", "for": choice})

    world.incident.refresh_from_db()
    assert world.incident.state == State.MUTED
    assert world.incident.muted_until is not None
    assert abs(world.incident.muted_until - (clock.now() + length)) < timedelta(minutes=1)


def test_a_mute_may_end_sooner_and_the_page_says_by_what(world: World, as_bob: Client) -> None:
    _post(as_bob, world, **{"action": "mute", "for": "24h", "level": "7", "release": " 2.0<b> "})

    world.incident.refresh_from_db()
    assert (world.incident.muted_level, world.incident.muted_release) == (7, "2.0<b>")
    page = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk])).content.decode()
    assert "The mute ends sooner if it reaches 7 or shows in release 2.0&lt;b&gt;." in page


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"level": "many"}, "“many” is no number that it could reach. Leave it empty for none."),
        ({"level": "9" * 40}, f"“{'9' * 40}” is no number that it could reach. Leave it empty for none."),
        ({"level": "1"}, "It reached 1 already: choose a higher number, or leave it empty."),
        ({"release": "r" * 101}, "A release has at most 100 characters."),
    ],
)
def test_a_mute_that_could_not_end_so_is_refused_with_the_reason(
    world: World, as_bob: Client, field: dict[str, str], said: str
) -> None:
    assert _post(as_bob, world, **{"action": "mute", "for": "1h", **field}) == [said]

    world.incident.refresh_from_db()
    assert world.incident.state == State.OPEN


def test_muting_without_a_length_is_refused_with_the_choices(world: World, as_bob: Client) -> None:
    said = _post(as_bob, world, action="mute")

    world.incident.refresh_from_db()
    assert world.incident.state == State.OPEN
    assert said == ["Choose for how long: 1 hour, 24 hours or 7 days."]


def test_assigning_to_oneself_to_another_and_to_nobody(world: World, as_bob: Client) -> None:
    seen = []
    for assignee in ("me", str(world.cast.alice.pk), ""):
        _post(as_bob, world, action="assign", assignee=assignee)
        world.incident.refresh_from_db()
        seen.append(world.incident.assignee)

    assert seen == [world.cast.bob, world.cast.alice, None]


@pytest.mark.parametrize("assignee", ["0", "999999", "x", "9" * 40, "-1"])
def test_assigning_to_somebody_who_is_not_there_is_refused(world: World, as_bob: Client, assignee: str) -> None:
    said = _post(as_bob, world, action="assign", assignee=assignee)

    world.incident.refresh_from_db()
    assert world.incident.assignee is None
    assert said == ["That person is not a member of this organization."]


def test_a_step_that_came_too_late_says_so(world: World, as_bob: Client) -> None:
    _post(as_bob, world, action="resolve")

    said = _post(as_bob, world, action="acknowledge")

    assert "resolved by now" in said[-1]


def test_an_unknown_action_is_refused(world: World, as_bob: Client) -> None:
    address = reverse("admin:incidents_incident_triage", args=[world.incident.pk])

    assert as_bob.post(address, {"action": "delete"}).status_code == 400
    assert as_bob.get(address).status_code == 405


def test_a_button_pressed_from_another_site_does_nothing(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.cast.bob)

    answer = browser.post(reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "resolve"})

    world.incident.refresh_from_db()
    assert answer.status_code == 403
    assert world.incident.state == State.OPEN


@pytest.mark.parametrize(
    ("action", "state", "assigned"),
    [
        ("acknowledge_selected", State.ACKNOWLEDGED, False),
        ("resolve_selected", State.RESOLVED, False),
        ("mute_selected", State.MUTED, False),
        ("assign_selected_to_me", State.OPEN, True),
    ],
)
def test_a_bulk_action_moves_every_selected_incident(
    world: World, as_bob: Client, action: str, state: State, assigned: bool
) -> None:
    second = open_incident(world.cast.project, world.threshold, element="button.other")
    selected = [str(world.incident.pk), str(second.pk)]

    as_bob.post(reverse("admin:incidents_incident_changelist"), {"action": action, "_selected_action": selected})

    for incident in (world.incident, second):
        incident.refresh_from_db()
        assert incident.state == state
        assert (incident.assignee == world.cast.bob) is assigned


def test_one_incident_that_cannot_be_moved_does_not_keep_the_others_back(world: World, as_bob: Client) -> None:
    second = open_incident(world.cast.project, world.threshold, element="button.other")
    _post(as_bob, world, action="acknowledge")

    answer = as_bob.post(
        reverse("admin:incidents_incident_changelist"),
        {"action": "acknowledge_selected", "_selected_action": [str(world.incident.pk), str(second.pk)]},
    )

    second.refresh_from_db()
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert second.state == State.ACKNOWLEDGED
    assert said[-2] == "1 incident acknowledged."
    assert "acknowledged by now" in said[-1]


def test_the_list_begins_with_what_is_unresolved(world: World, as_bob: Client) -> None:
    resolved = open_incident(world.cast.project, world.threshold, element="button.other", sentence="Old news.")
    as_bob.post(reverse("admin:incidents_incident_triage", args=[resolved.pk]), {"action": "resolve"})
    address = reverse("admin:incidents_incident_changelist")

    found = {
        state: {str(row.pk) for row in as_bob.get(address, {"state": state} if state else {}).context["cl"].result_list}
        for state in ("", "resolved", "all", "muted")
    }

    assert found[""] == {str(world.incident.pk)}
    assert found["resolved"] == {str(resolved.pk)}
    assert found["all"] == {str(world.incident.pk), str(resolved.pk)}
    assert found["muted"] == set()


def test_the_list_finds_ones_own(world: World, as_bob: Client) -> None:
    address = reverse("admin:incidents_incident_changelist")
    before = list(as_bob.get(address, {"assignee": "me"}).context["cl"].result_list)
    _post(as_bob, world, action="assign", assignee="me")

    after = list(as_bob.get(address, {"assignee": "me"}).context["cl"].result_list)

    assert (before, after) == ([], [world.incident])


def test_the_list_costs_as_many_queries_for_ten_incidents_as_for_one(
    world: World, as_bob: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("admin:incidents_incident_changelist")
    with CaptureQueriesContext(connection) as for_one:
        as_bob.get(address)
    for number in range(9):
        open_incident(world.cast.project, world.threshold, element=f"button.n{number}")

    with django_assert_num_queries(len(for_one)):
        page = as_bob.get(address)

    assert len(page.context["cl"].result_list) == 10
