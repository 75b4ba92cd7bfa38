"""Suppressions and parameters in the admin: who may, in words, with reasons."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.detection.admin_forms import parameter_fields
from apps.detection.models import ParameterVersion, Suppression
from tests.admin.conftest import World
from tests.factories import SignalRow, store_signals
from tests.factories.suppressions import make_suppression

pytestmark = pytest.mark.usefixtures("clickhouse")

ADD = "/admin/detection/suppression/add/"


def form(world: World, **changes: object) -> dict[str, object]:
    return {
        "project": world.cast.project.pk,
        "signal": "rage_click",
        "route_pattern": "/checkout",
        "element_pattern": "",
        "reason": "Known, fixed in 2026.12.",
        "days": 7,
    } | changes


def parameters(**changes: object) -> dict[str, object]:
    defaults = {
        name: ", ".join(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        for name, _, parameter in parameter_fields()
    }
    return {**defaults, **changes}


def of_project(world: World) -> str:
    return reverse("admin:detection_projectsignals_change", args=[world.cast.project.pk])


def test_an_engineer_suppresses_with_a_reason_and_an_end(world: World, as_engineer: Client) -> None:
    as_engineer.post(ADD, form(world))

    made = Suppression.objects.get()
    assert (made.signal, made.route_pattern, made.reason) == ("rage_click", "/checkout", "Known, fixed in 2026.12.")
    assert made.expires_at - made.created_at == timedelta(days=7)
    assert made.created_by is not None
    assert made.created_by.username == "a-engineer"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signal": "", "route_pattern": " ", "element_pattern": "*"}, "everything would be hidden"),
        ({"reason": ""}, "required"),
        ({"route_pattern": "https://shop.example.com/checkout"}, "Give the path alone"),
        ({"route_pattern": "/search?q=*"}, "Leave out everything from ? or # on"),
        ({"route_pattern": "/orders#open"}, "Leave out everything from ? or # on"),
        ({"signal": "no_such"}, "not one of the available choices"),
        ({"days": 4000}, "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(
    world: World, as_engineer: Client, changes: dict[str, object], reason: str
) -> None:
    page = as_engineer.post(ADD, form(world, **changes))
    assert reason in page.content.decode()
    assert not Suppression.objects.exists()


def test_what_would_hide_everything_is_refused_once(world: World, as_engineer: Client) -> None:
    page = as_engineer.post(ADD, form(world, signal="", route_pattern=""))

    assert page.context["adminform"].form.errors == {
        "signal": ["Name a signal, a route or an element: without one, everything would be hidden."]
    }


def test_the_constraints_of_a_suppression_have_words_for_people(world: World) -> None:
    made = make_suppression(world.cast.project, signal="rage_click", created_at=clock.now())
    made.signal, made.expires_at = "", made.created_at
    with pytest.raises(ValidationError) as refused:
        made.validate_constraints()

    assert sorted(refused.value.messages) == [
        "A suppression must end after it began.",
        "Name a signal, a route or an element: without one, everything would be hidden.",
    ]


def test_the_list_says_what_each_hid_and_asks_the_event_store_once(world: World, as_viewer: Client) -> None:
    now = clock.now()
    suppression = make_suppression(world.cast.project, signal="rage_click", created_at=now - timedelta(hours=1))
    make_suppression(world.cast.project, route_pattern="/cart", created_at=now - timedelta(hours=2))
    ts_ms = clock.to_ms(now) - 60_000
    store_signals(
        [
            SignalRow(
                world.cast.project.pk, ts_ms, ts_ms, n=n, session_id=f"session-{n}", retracted=True,
                suppressed_by=suppression.pk,
            )
            for n in (1, 2)
        ]
    )  # fmt: skip

    page = as_viewer.get(reverse("admin:detection_suppression_changelist")).content.decode()

    assert "2 signals of 2 sessions" in page
    assert "Nothing so far" in page
    assert "Every signal of /cart" in page


def test_without_the_event_store_the_list_says_so(world: World, as_viewer: Client, clickhouse_away: None) -> None:
    make_suppression(world.cast.project, signal="rage_click", created_at=clock.now())
    page = as_viewer.get(reverse("admin:detection_suppression_changelist"))
    assert page.status_code == 200
    assert "the event store does not answer" in page.content.decode()


def test_a_suppression_is_never_edited_only_ended(world: World, as_engineer: Client) -> None:
    suppression = make_suppression(world.cast.project, signal="rage_click", created_at=clock.now())
    address = reverse("admin:detection_suppression_change", args=[suppression.pk])
    as_engineer.post(address, form(world, signal="dead_click"))
    suppression.refresh_from_db()
    assert suppression.signal == "rage_click"

    as_engineer.post(reverse("admin:end_suppression", args=[suppression.pk]))

    suppression.refresh_from_db()
    assert suppression.ended_at is not None
    assert suppression.ended_by is not None
    assert "Ended" in as_engineer.get(address).content.decode()


def test_who_may_only_look_can_neither_make_nor_end_one(world: World, as_viewer: Client, as_bob: Client) -> None:
    suppression = make_suppression(world.cast.project, signal="rage_click", created_at=clock.now())
    for browser in (as_viewer, as_bob):
        assert browser.post(ADD, form(world)).status_code == 403
        assert browser.post(reverse("admin:end_suppression", args=[suppression.pk])).status_code == 403
        assert browser.get(reverse("admin:detection_suppression_changelist")).status_code == 200
    suppression.refresh_from_db()
    assert suppression.ended_at is None


def test_charlie_sees_and_reaches_no_suppression_and_no_parameters_of_alices(world: World, as_charlie: Client) -> None:
    suppression = make_suppression(world.cast.project, signal="rage_click", created_at=clock.now())
    of_suppression = reverse("admin:detection_suppression_change", args=[suppression.pk])

    assert suppression.reason not in as_charlie.get(reverse("admin:detection_suppression_changelist")).content.decode()
    assert as_charlie.get(of_suppression, follow=True).redirect_chain
    assert as_charlie.post(reverse("admin:end_suppression", args=[suppression.pk])).status_code == 404
    assert as_charlie.get(reverse("admin:end_suppression", args=[suppression.pk])).status_code == 404
    as_charlie.post(ADD, form(world))
    assert Suppression.objects.count() == 1
    assert as_charlie.get(of_project(world), follow=True).redirect_chain
    as_charlie.post(of_project(world), parameters(rage_click__min_clicks=9))
    assert not ParameterVersion.objects.exists()
    names = as_charlie.get(reverse("admin:detection_projectsignals_changelist")).content.decode()
    assert f"/{world.cast.project.pk}/change/" not in names


def test_saving_parameters_makes_a_version_that_the_pages_tell_in_words(world: World, as_engineer: Client) -> None:
    as_engineer.post(of_project(world), parameters(rage_click__min_clicks=4, dead_click__answer_kinds="mut, req"))

    version = ParameterVersion.objects.get()
    assert version.values == {"rage_click": {"min_clicks": 4}, "dead_click": {"answer_kinds": ["mut", "req"]}}
    assert "Rage click: min clicks 4 instead of 3." in as_engineer.get(of_project(world)).content.decode()
    page = as_engineer.get(reverse("admin:detection_projectsignals_changelist")).content.decode()
    assert "Dead click, Rage click" in page


def test_a_number_that_cannot_be_is_refused_beside_its_field(world: World, as_engineer: Client) -> None:
    page = as_engineer.post(of_project(world), parameters(rage_click__min_clicks=1))
    assert list(page.context["adminform"].form.errors) == ["rage_click__min_clicks"]
    assert not ParameterVersion.objects.exists()


def test_who_may_only_look_sees_the_numbers_in_words(world: World, as_viewer: Client) -> None:
    page = as_viewer.get(of_project(world))
    assert "The defaults." in page.content.decode()
    as_viewer.post(of_project(world), parameters(rage_click__min_clicks=4))
    assert not ParameterVersion.objects.exists()


def test_the_list_of_projects_says_what_is_set_there_and_where_nothing_is(world: World, as_viewer: Client) -> None:
    page = as_viewer.get(reverse("admin:detection_projectsignals_changelist")).content.decode()

    assert "every project begins with the same numbers" in page
    assert "None: the defaults hold" in page
