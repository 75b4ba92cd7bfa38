"""Downloading a proof: by whom, and what is said where there is none."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.incidents.models import Incident
from apps.incidents.proof.document import from_bytes
from apps.incidents.tick import run_due_ticks
from tests.admin.conftest import World
from tests.factories import dead_clicks, store_events

pytestmark = pytest.mark.usefixtures("clickhouse")


def _address(incident: Incident) -> str:
    return reverse("admin:incidents_incident_proof", args=[incident.pk])


@pytest.fixture
def opened(world: World) -> Incident:
    """An incident that a tick opened, beside the world's."""
    now_ms = clock.to_ms(clock.now() - timedelta(minutes=5)) // 10_000 * 10_000
    Incident.objects.all().delete()
    store_events(dead_clicks(world.cast.project.pk, at_ms=now_ms - 8_000, stored_ms=now_ms - 4_000))
    run_due_ticks(0, 1, now=clock.from_ms(now_ms))
    return Incident.objects.get()


def test_a_triager_downloads_the_proof_from_the_incidents_page(opened: Incident, as_bob: Client) -> None:
    page = as_bob.get(reverse("admin:incidents_incident_change", args=[opened.pk])).content.decode()
    answer = as_bob.get(_address(opened))

    assert f'href="{_address(opened)}"' in page
    assert answer["Content-Disposition"] == f'attachment; filename="irk-proof-{opened.pk}.json"'
    proof, _ = from_bytes(answer.content)
    assert proof.opening.incident_id == str(opened.pk)


def test_charlie_finds_no_proof_of_a_foreign_incident(opened: Incident, as_charlie: Client) -> None:
    answer = as_charlie.get(_address(opened))

    assert answer.status_code == 404
    assert b"Pay now" not in answer.content


def test_a_viewer_may_not_take_visitors_events_out_of_irk(opened: Incident, as_viewer: Client) -> None:
    page = as_viewer.get(reverse("admin:incidents_incident_change", args=[opened.pk])).content.decode()

    assert _address(opened) not in page
    assert as_viewer.get(_address(opened)).status_code == 403


def test_nobody_who_is_not_signed_in_gets_one(opened: Incident) -> None:
    answer = Client().get(_address(opened))

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_where_the_events_are_gone_the_page_says_why_there_is_no_proof(world: World, as_bob: Client) -> None:
    answer = as_bob.get(_address(world.incident), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("admin:incidents_incident_change", args=[world.incident.pk])
    assert "The stored events no longer give the verdict that opened this incident." in answer.content.decode()


@pytest.mark.usefixtures("clickhouse_away")
def test_without_the_event_store_the_page_says_so(world: World, as_bob: Client) -> None:
    answer = as_bob.get(_address(world.incident), follow=True)

    assert "ClickHouse cannot be reached" in answer.content.decode()


def test_a_proof_is_only_read(opened: Incident, as_bob: Client) -> None:
    assert as_bob.post(_address(opened)).status_code == 405
