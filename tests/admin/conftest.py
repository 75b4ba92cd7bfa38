"""The cast at the admin: signed-in clients, and an incident of Alice's shop beside one of Charlie's bank."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from apps.core import clock
from apps.incidents.lifecycle import fingerprint, incident_id
from apps.incidents.models import Incident, State, Transition
from apps.organizations.models import Membership, Role, User
from apps.projects.models import Project
from apps.thresholds.evaluation import evaluate, to_json
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold
from apps.thresholds.windows import Measure
from tests.factories import Cast, make_cast, make_threshold

# What the visitors of the tests do: five clicks on a dead button.
SENTENCE = (
    "“Pay now” on /checkout did not answer 5 clicks by 1 visitor within 15 minutes "
    "(rage clicks; threshold: at least 1 session)."
)


@dataclass(frozen=True)
class World:
    """The cast with a threshold and an incident on each side."""

    cast: Cast
    threshold: Threshold
    incident: Incident
    other_threshold: Threshold
    other_incident: Incident


@pytest.fixture
def world(db: None) -> World:
    """Alice's shop and Charlie's bank, each with an open incident that began a minute ago."""
    cast = make_cast()
    threshold, other_threshold = make_threshold(cast.project), make_threshold(cast.other_project)
    return World(
        cast=cast,
        threshold=threshold,
        incident=open_incident(cast.project, threshold),
        other_threshold=other_threshold,
        other_incident=open_incident(cast.other_project, other_threshold, sentence="Secret of the bank."),
    )


@pytest.fixture
def as_alice(world: World) -> Client:
    """Alice's browser."""
    return signed_in_as(world.cast.alice)


@pytest.fixture
def as_bob(world: World) -> Client:
    """Bob's browser."""
    return signed_in_as(world.cast.bob)


@pytest.fixture
def as_charlie(world: World) -> Client:
    """Charlie's browser: he must see nothing of Alice's."""
    return signed_in_as(world.cast.charlie)


@pytest.fixture
def as_viewer(world: World) -> Client:
    """Somebody who may only look at Alice's organization."""
    return signed_in_as(member_of(world, Role.VIEWER))


@pytest.fixture
def as_engineer(world: World) -> Client:
    """Somebody who tunes thresholds in Alice's organization."""
    return signed_in_as(member_of(world, Role.ENGINEER))


@pytest.fixture
def clickhouse_away(clickhouse: None, settings: Settings) -> None:
    """The event store cannot be reached: its address leads to a closed port."""
    settings.CLICKHOUSE_URL = "clickhouse://irk:irk@127.0.0.1:1/irk"


def signed_in_as(user: User) -> Client:
    """A browser in which `user` is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


def member_of(world: World, role: Role) -> User:
    """A new member of Alice's organization."""
    user = User.objects.create_user(f"a-{role}", password="a-long-test-password", is_staff=True)
    Membership.objects.create(organization=world.cast.organization, user=user, role=role)
    return user


def open_incident(
    project: Project,
    threshold: Threshold,
    *,
    sentence: str = SENTENCE,
    element: str = "button[data-testid=pay]",
    measure: Measure | None = None,
) -> Incident:
    """Stores an incident as a tick would have, open since a minute ago, with its first transition."""
    version = threshold.current_version
    assert version is not None
    began = clock.now().replace(microsecond=0) - timedelta(minutes=1)
    end_ms = clock.to_ms(began) // 10_000 * 10_000
    measure = measure or Measure(signals=1, sessions=1, users=0, people=1, clicks=5)
    verdict = to_json(evaluate(rule_of(version), measure, as_of_ms=end_ms, window_end_ms=end_ms))
    of_group = fingerprint(project.pk, threshold.pk, (("route", "/checkout"), ("element", element)))
    incident = Incident.objects.create(
        id=incident_id(of_group, end_ms),
        project=project,
        threshold=threshold,
        version=version,
        fingerprint=of_group,
        group={"route": "/checkout", "element": element, "label": "Pay now"},
        severity=version.severity,
        sentence=sentence,
        opening=verdict,
        peak=verdict,
        opened_at=clock.from_ms(end_ms),
        breach_began_at=clock.from_ms(end_ms),
        breached_until=clock.from_ms(end_ms + 600_000),
    )
    Transition.objects.create(
        incident=incident,
        to_state=State.OPEN,
        at=incident.opened_at,
        reason="The threshold was breached.",
        verdict=verdict,
    )
    return incident
