"""A person is called the same wherever people read about them."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.organizations.models import User
from tests.admin.conftest import World
from tests.factories.suppressions import make_suppression


@pytest.fixture(autouse=True)
def _alice_has_a_full_name(world: World) -> None:
    world.cast.alice.first_name, world.cast.alice.last_name = "Alice", "Liddell"
    world.cast.alice.save()


@pytest.mark.usefixtures("clickhouse")
def test_an_assignee_has_one_name(world: World, as_alice: Client, as_bob: Client) -> None:
    address = reverse("admin:incidents_incident_change", args=[world.incident.pk])
    choices = as_bob.get(address).content.decode()
    answer = as_bob.post(
        reverse("admin:incidents_incident_triage", args=[world.incident.pk]),
        {"action": "assign", "assignee": world.cast.alice.pk},
    )
    page = as_bob.get(address).content.decode()
    rows = as_bob.get(reverse("admin:incidents_incident_changelist")).content.decode()

    assert f'value="{world.cast.alice.pk}">Alice Liddell</button>' in choices
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Assigned to Alice Liddell."]
    assert "assigned to Alice Liddell" in page  # the header
    assert world.incident.transitions.latest("at").reason == "Assigned to Alice Liddell."  # the history
    assert "Alice Liddell" in rows
    assert "Me (Alice Liddell)" in as_alice.get(address).content.decode()


def test_what_somebody_made_names_them_in_full(world: World, as_alice: Client) -> None:
    make_suppression(world.cast.project, created_at=clock.now(), signal="dead_click", created_by=world.cast.alice)

    assert ">Alice Liddell<" in as_alice.get(reverse("admin:detection_suppression_changelist")).content.decode()


def test_who_gave_no_name_is_called_by_the_username(world: World) -> None:
    assert str(world.cast.alice) == "Alice Liddell"
    assert str(world.cast.bob) == "bob"
    assert str(User(username="carol", last_name="Smith")) == "Smith"
