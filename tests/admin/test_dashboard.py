"""The first page: how the projects are doing, and what to do next."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.core import clock
from apps.incidents.models import Incident
from apps.organizations.models import Membership, Organization, Role, User
from tests.admin.conftest import SENTENCE, World
from tests.admin.events import EventRow, store_events
from tests.factories import SignalRow, make_project, store_signals

pytestmark = pytest.mark.usefixtures("clickhouse")

HOUR_MS = 3600 * 1000


def _ago_ms(hours: float) -> int:
    return clock.to_ms(clock.now() - timedelta(hours=hours))


def _signal(world: World, hours_ago: float, session_id: str, **fields: object) -> SignalRow:
    return SignalRow(
        project_id=world.cast.project.pk,
        ts_ms=_ago_ms(hours_ago),
        version=_ago_ms(hours_ago) + 10_000,
        session_id=session_id,
        **fields,  # type: ignore[arg-type]
    )


def _bars(page: object) -> dict[str, int]:
    """The sum of each kind's bars."""
    chart = json.loads(page.context["chart"].data)  # type: ignore[attr-defined]
    return {dataset["label"]: sum(dataset["data"]) for dataset in chart["datasets"]}


def test_the_root_leads_to_the_overview(client: Client) -> None:
    assert client.get("/")["Location"] == reverse("admin:index")


def test_it_counts_signals_by_kind_over_the_chosen_time(world: World, as_alice: Client) -> None:
    store_signals(
        [
            _signal(world, 0.2, "session-1"),
            _signal(world, 5, "session-1", n=2),
            _signal(world, 5, "session-2", kind="dead_click"),
            _signal(world, 30, "session-3"),
            _signal(world, 1, "session-4", retracted=True),
        ]
    )

    bars = {span: _bars(as_alice.get(reverse("admin:index"), {"span": span})) for span in ("1h", "24h", "7d")}

    assert bars == {
        "1h": {"Rage click": 1},
        "24h": {"Rage click": 2, "Dead click": 1},
        "7d": {"Rage click": 3, "Dead click": 1},
    }


def test_a_signal_in_several_versions_counts_once(world: World, as_alice: Client) -> None:
    first = _signal(world, 1, "session-1")
    store_signals([first])
    store_signals([SignalRow(**{**first.__dict__, "version": first.version + 10_000, "count": 9})])

    assert _bars(as_alice.get(reverse("admin:index"))) == {"Rage click": 1}


def test_the_chart_says_how_many_signals_it_shows(world: World, as_alice: Client) -> None:
    said = []
    for session_id in ("session-1", "session-2"):
        store_signals([_signal(world, 1, session_id)])
        said.append(as_alice.get(reverse("admin:index")).context["chart"].summary)

    assert said == ["1 signal in the last 24 hours, by kind.", "2 signals in the last 24 hours, by kind."]


def test_the_worst_pages_are_those_with_most_frustrated_sessions(world: World, as_alice: Client) -> None:
    store_signals(
        [
            *(_signal(world, 1, "one-angry-visitor", n=n, route="/angry") for n in range(9)),
            *(_signal(world, 1, f"session-{n}", route="/many") for n in range(3)),
        ]
    )

    pages = as_alice.get(reverse("admin:index")).context["pages"]

    assert [(page.route, page.sessions, page.signals, page.trouble) for page in pages] == [
        ("/many", 3, 3, "3 × rage click"),
        ("/angry", 1, 9, "9 × rage click"),
    ]


def test_it_compares_with_the_time_before(world: World, as_alice: Client) -> None:
    store_events(
        [EventRow(project_id=world.cast.project.pk, ts=_ago_ms(1), n=n, session_id=f"s-{n}") for n in range(4)]
    )
    store_signals(
        [
            _signal(world, 1, "s-1"),
            _signal(world, 2, "s-2"),
            _signal(world, 3, "s-2", n=2),
            _signal(world, 30, "s-0"),
        ]
    )

    figures = {one.title: one for one in as_alice.get(reverse("admin:index")).context["figures"]}

    assert figures["Sessions"].value == "4"
    assert figures["Frustrated sessions"].value == "2"
    assert figures["Frustrated sessions"].note == "50 % of all; 100 % more than in the 24 hours before"
    assert figures["Signals"].note == "moments of frustration; 200 % more than in the 24 hours before"


def test_another_organizations_numbers_are_not_in_it(world: World, as_charlie: Client) -> None:
    store_signals([_signal(world, 1, "session-1")])
    store_events([EventRow(project_id=world.cast.project.pk, ts=_ago_ms(1), n=1)])

    page = as_charlie.get(reverse("admin:index"), {"project": world.cast.project.pk})

    assert _bars(page) == {}
    assert page.context["overview"].all_sessions == 0
    assert escape(SENTENCE) not in page.content.decode()
    assert "Secret of the bank." in page.content.decode()


def test_choosing_a_project_leaves_the_others_out(world: World, as_alice: Client) -> None:
    second = make_project(world.cast.organization, name="Help desk", slug="help-desk")
    store_signals([_signal(world, 1, "session-1")])

    assert _bars(as_alice.get(reverse("admin:index"), {"project": second.pk})) == {}
    assert _bars(as_alice.get(reverse("admin:index"), {"project": world.cast.project.pk})) == {"Rage click": 1}


@pytest.mark.parametrize("query", [{"project": "x"}, {"project": "-1"}, {"span": "century"}, {"project": "9" * 40}])
def test_a_senseless_choice_falls_back_to_everything(world: World, as_alice: Client, query: dict[str, str]) -> None:
    page = as_alice.get(reverse("admin:index"), query)

    assert page.status_code == 200
    assert (page.context["chosen"], page.context["span"].slug) == (None, "24h")


def test_an_owner_without_a_project_is_led_to_the_first_one(db: None) -> None:
    owner = User.objects.create_user("owner", password="a-long-test-password", is_staff=True)
    Membership.objects.create(
        organization=Organization.objects.create(name="New", slug="new"), user=owner, role=Role.OWNER
    )
    browser = Client()
    browser.force_login(owner)

    page = browser.get(reverse("admin:index")).content.decode()

    assert reverse("admin:projects_project_add") in page


def test_a_project_without_events_shows_what_to_paste(world: World, as_alice: Client) -> None:
    page = as_alice.get(reverse("admin:index")).content.decode()

    assert escape('data-key="your-key"') in page
    assert reverse("admin:projects_project_create_key", args=[world.cast.project.pk]) in page


def test_who_may_not_make_keys_is_told_who_does(world: World, as_viewer: Client) -> None:
    page = as_viewer.get(reverse("admin:index")).content.decode()

    assert reverse("admin:projects_project_create_key", args=[world.cast.project.pk]) not in page
    assert "An owner of your organization makes the key." in page


def test_once_events_arrived_nothing_is_left_to_paste(world: World, as_alice: Client) -> None:
    store_events([EventRow(project_id=world.cast.project.pk, ts=_ago_ms(200), n=1)])

    assert "your-key" not in as_alice.get(reverse("admin:index")).content.decode()


def test_no_open_incident_is_said_to_be_good_news(world: World, as_alice: Client) -> None:
    Incident.objects.all().delete()

    assert "No open incidents." in as_alice.get(reverse("admin:index")).content.decode()


def test_a_muted_incident_does_not_ask_for_anything(world: World, as_alice: Client) -> None:
    as_alice.post(reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "mute", "for": "1h"})

    page = as_alice.get(reverse("admin:index"))

    assert page.context["open_count"] == 0
    assert list(page.context["open_incidents"]) == []


@pytest.mark.usefixtures("clickhouse_away")
def test_without_the_event_store_the_incidents_are_still_there(world: World, as_alice: Client) -> None:
    page = as_alice.get(reverse("admin:index"))

    assert page.status_code == 200
    assert "The event store does not answer." in page.content.decode()
    assert escape(SENTENCE) in page.content.decode()


def test_hostile_routes_are_shown_as_text(world: World, as_alice: Client) -> None:
    store_signals([_signal(world, 1, "session-1", route="<script>alert(1)</script>", kind='"><script>alert(2)')])

    page = as_alice.get(reverse("admin:index")).content.decode()

    assert "<script>alert" not in page


def test_nothing_is_loaded_from_elsewhere(world: World, as_alice: Client) -> None:
    page = as_alice.get(reverse("admin:index")).content.decode()

    assert 'src="http' not in page
    assert 'href="http' not in page
    assert 'src="//' not in page
