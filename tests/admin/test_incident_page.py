"""What an incident's page tells."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.core import clock
from apps.incidents.models import Incident
from apps.thresholds.versions import save_version
from apps.thresholds.windows import Measure
from tests.admin.conftest import SENTENCE, World, open_incident
from tests.factories import SignalRow, store_signals

pytestmark = pytest.mark.usefixtures("clickhouse")


def _page(browser: Client, incident: Incident) -> str:
    answer = browser.get(reverse("admin:incidents_incident_change", args=[incident.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def _signal(world: World, *, seconds: int, **fields: object) -> SignalRow:
    """A signal that many seconds after the breach began."""
    began_ms = clock.to_ms(world.incident.breach_began_at)
    return SignalRow(
        project_id=world.cast.project.pk,
        ts_ms=began_ms + seconds * 1000,
        version=began_ms + 10_000,
        **fields,  # type: ignore[arg-type]
    )


def test_it_says_in_a_sentence_why_it_opened(world: World, as_bob: Client) -> None:
    assert escape(SENTENCE) in _page(as_bob, world.incident)


def test_it_shows_every_comparison_of_the_verdict(world: World, as_bob: Client) -> None:
    incident = open_incident(
        world.cast.project,
        world.threshold,
        element="button.other",
        measure=Measure(signals=4, sessions=3, users=0, people=3, clicks=20),
    )

    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[incident.pk]))

    lines = [(line.what, line.value, line.bound, line.margin) for line in answer.context["comparisons"]]
    assert lines == [
        ("Sessions with a signal", 3, 1, "2 more than needed"),
        ("Sessions needed to mean anything", 3, 1, "2 more than needed"),
    ]


def test_it_counts_who_was_affected_and_nothing_of_other_groups_kinds_or_projects(world: World, as_bob: Client) -> None:
    store_signals(
        [
            _signal(world, seconds=-30, session_id="session-1", user_id="u-1", device="mobile", count=5),
            _signal(world, seconds=-20, session_id="session-2", user_id="u-1", device="desktop", count=3),
            _signal(world, seconds=-10, session_id="session-3", device="mobile", count=4),
            _signal(world, seconds=-10, session_id="session-4", route="/elsewhere"),
            _signal(world, seconds=-10, session_id="session-5", element="button.other"),
            _signal(world, seconds=-10, session_id="session-6", kind="dead_click"),
            _signal(world, seconds=-10, session_id="session-7", retracted=True),
            SignalRow(
                project_id=world.cast.other_project.pk,
                ts_ms=clock.to_ms(world.incident.breach_began_at) - 10_000,
                version=1,
                session_id="session-8",
            ),
        ]
    )

    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    affected = answer.context["affected"]
    assert (affected.sessions, affected.people, affected.users) == (3, 2, 1)
    assert (affected.signals, affected.clicks) == (3, 12)
    devices = next(trait for trait in affected.traits if trait.title == "Devices")
    assert [(share.name, share.sessions, share.percent) for share in devices.shares] == [
        ("mobile", 2, 67),
        ("desktop", 1, 33),
    ]
    assert [session.session_id for session in affected.samples] == ["session-1", "session-3", "session-2"]


def test_a_retracted_signal_stays_out_although_its_first_version_is_still_stored(world: World, as_bob: Client) -> None:
    first = _signal(world, seconds=-30, session_id="session-1")
    store_signals([first])
    store_signals([_signal(world, seconds=-30, session_id="session-1", retracted=True)])
    higher = SignalRow(**{**first.__dict__, "version": first.version + 10_000, "retracted": True})
    store_signals([higher])

    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    assert answer.context["affected"].signals == 0
    assert "no longer stored" in answer.content.decode()


def test_the_chart_reaches_the_measure_that_opened_it_and_draws_the_bound(world: World, as_bob: Client) -> None:
    store_signals([_signal(world, seconds=-30 - place, session_id=f"session-{place}") for place in range(4)])

    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    measured, bound = json.loads(answer.context["chart"].data)["datasets"]
    assert max(measured["data"]) == 4
    assert measured["data"][0] == 0
    assert set(bound["data"]) == {1}


def test_the_chart_has_its_numbers_as_a_table(world: World, as_bob: Client) -> None:
    store_signals([_signal(world, seconds=-30)])

    page = _page(as_bob, world.incident)

    assert 'aria-describedby="measure-table"' in page
    assert 'id="measure-table"' in page


def test_hostile_text_is_shown_as_text(world: World, as_bob: Client) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    incident = open_incident(world.cast.project, world.threshold, element=hostile, sentence=f"“{hostile}” on /x.")
    began_ms = clock.to_ms(incident.breach_began_at)
    store_signals(
        [
            SignalRow(
                project_id=world.cast.project.pk,
                ts_ms=began_ms - 10_000,
                version=began_ms,
                element=hostile,
                release=hostile,
                device=hostile,
                user_id=hostile,
            )
        ]
    )

    page = _page(as_bob, incident)

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert escape(hostile) in page


def test_the_history_names_people_and_the_engine(world: World, as_bob: Client) -> None:
    as_bob.post(reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "acknowledge"})

    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    assert [(each.to_state, each.actor) for each in answer.context["transitions"]] == [
        ("acknowledged", world.cast.bob),
        ("open", None),
    ]
    assert "The threshold was breached." in answer.content.decode()


def test_a_threshold_that_was_changed_since_is_pointed_out(world: World, as_bob: Client) -> None:
    save_version(threshold=world.threshold, fields={"at_least": 7}, actor=world.cast.alice, at=clock.now())

    page = _page(as_bob, world.incident)

    assert "version 2 judges it now" in page


def test_a_resolved_incident_is_drawn_until_its_last_breach(world: World, as_bob: Client) -> None:
    week_ago = clock.now() - timedelta(days=7)
    Incident.objects.filter(pk=world.incident.pk).update(
        state="resolved",
        resolved_at=week_ago + timedelta(hours=2),
        opened_at=week_ago,
        breach_began_at=week_ago,
        breached_until=week_ago + timedelta(minutes=20),
    )
    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    last = json.loads(answer.context["chart"].times)[-1]
    assert last <= clock.to_ms(week_ago + timedelta(minutes=20))


def test_who_met_the_trouble_after_an_incident_ended_is_not_counted_in_it(world: World, as_bob: Client) -> None:
    ended = clock.now()
    Incident.objects.filter(pk=world.incident.pk).update(
        state="resolved",
        resolved_at=ended,
        breach_began_at=ended - timedelta(hours=2),
        breached_until=ended - timedelta(hours=1),
    )
    world.incident.refresh_from_db()
    store_signals(
        [
            _signal(world, seconds=60, session_id="session-1"),
            _signal(world, seconds=3600 + 300, session_id="session-2"),
        ]
    )

    answer = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    assert [session.session_id for session in answer.context["affected"].samples] == ["session-1"]


@pytest.mark.usefixtures("clickhouse_away")
def test_without_the_event_store_the_page_says_so_and_triage_works(world: World, as_bob: Client) -> None:
    page = _page(as_bob, world.incident)
    as_bob.post(reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "acknowledge"})

    world.incident.refresh_from_db()
    assert "The event store does not answer." in page
    assert escape(SENTENCE) in page
    assert world.incident.state == "acknowledged"


def test_the_page_takes_no_posts(world: World, as_alice: Client) -> None:
    answer = as_alice.post(reverse("admin:incidents_incident_change", args=[world.incident.pk]), {"state": "resolved"})

    assert answer.status_code == 405


@pytest.mark.parametrize("pk", ["not-a-uuid", "00000000-0000-0000-0000-000000000000"])
def test_an_incident_that_is_not_there_is_not_found(world: World, as_bob: Client, pk: str) -> None:
    assert as_bob.get(reverse("admin:incidents_incident_change", args=[pk])).status_code == 404
