"""Thresholds in the admin: words and units, versions, reasons."""

import pytest
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.detection.catalog import DEFINITIONS
from apps.projects.models import Project
from apps.thresholds.admin_words import in_words
from apps.thresholds.models import Threshold
from apps.thresholds.versions import FIELDS, save_version
from tests.admin.conftest import World
from tests.factories import make_threshold

pytestmark = pytest.mark.usefixtures("clickhouse")

FORM: dict[str, object] = {
    "name": "Rage clicks",
    "enabled": "on",
    "signals": ["rage_click"],
    "metric": "sessions",
    "at_least": 1,
    "window_seconds": 900,
    "group_by": "route_element",
    "minimum_sessions": 1,
    "severity": "high",
    "quiet_seconds": 3600,
}


def _save(browser: Client, world: World, **changes: object) -> object:
    address = reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])
    return browser.post(address, FORM | changes)


def test_saving_a_change_makes_the_next_version_and_keeps_the_last(world: World, as_alice: Client) -> None:
    _save(as_alice, world, at_least=7, signals=["rage_click", "dead_click"])

    newest, first = world.threshold.versions.order_by("-number")
    assert (newest.number, newest.at_least, newest.signals) == (2, 7, ["dead_click", "rage_click"])
    assert (first.number, first.at_least) == (1, 1)
    assert newest.created_by == world.cast.alice
    world.threshold.refresh_from_db()
    assert world.threshold.current_version == newest


def test_saving_without_a_change_makes_no_version(world: World, as_alice: Client) -> None:
    _save(as_alice, world)

    assert world.threshold.versions.count() == 1


def test_renaming_makes_no_version(world: World, as_alice: Client) -> None:
    _save(as_alice, world, name="Angry clicks")

    world.threshold.refresh_from_db()
    assert world.threshold.name == "Angry clicks"
    assert world.threshold.versions.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"signals": []}, "signals", "required"),
        ({"signals": ["no_such_signal"]}, "signals", "not one of the available choices"),
        ({"at_least": 0}, "at_least", "greater than or equal to 1"),
        ({"minimum_sessions": 9, "at_least": 2}, "minimum_sessions", "Lower the minimum or raise the bound"),
        ({"route_pattern": "https://shop.example.com/checkout"}, "route_pattern", "Give the path alone"),
        ({"route_pattern": "/search?q=*"}, "route_pattern", "Leave out everything from ? or # on"),
        ({"window_seconds": 7}, "window_seconds", "not one of the available choices"),
        ({"earlier_seconds": 86_400}, "factor_percent", "Say how many percent of the earlier number it takes"),
        ({"earlier_seconds": 86_400, "factor_percent": 99}, "factor_percent", "Between 100 (as many as then)"),
        ({"earlier_seconds": 300, "factor_percent": 200}, "earlier_seconds", "no less than its own length"),
        ({"earlier_seconds": 77, "factor_percent": 200}, "earlier_seconds", "not one of the available choices"),
        ({"breaches_among": 361, "breaches_needed": 2}, "breaches_among", "less than or equal to 360"),
        ({"breaches_among": 6, "breaches_needed": 7}, "breaches_needed", "Between 1 and the 6 verdicts"),
        ({"metric": "share", "at_least": 1_001}, "at_least", "50 is 5 %"),
        ({"minimum_exposure": -1}, "minimum_exposure", "greater than or equal to 0"),
        ({"severity": "apocalyptic"}, "severity", "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field_with_the_reason(
    world: World, as_alice: Client, changes: dict[str, object], field: str, reason: str
) -> None:
    page = _save(as_alice, world, **changes)

    errors = page.context["adminform"].form.errors  # type: ignore[attr-defined]
    assert list(errors) == [field]
    assert reason in errors[field][0]
    assert world.threshold.versions.count() == 1


EVERYTHING: dict[str, object] = {
    "signals": ["dead_click"],
    "metric": "share",
    "at_least": 50,
    "window_seconds": 600,
    "group_by": "route",
    "minimum_sessions": 20,
    "earlier_seconds": 604_800,
    "factor_percent": 150,
    "breaches_among": 6,
    "breaches_needed": 3,
    "route_pattern": "/orders/*",
    "element_pattern": "button*",
    "environment": "production",
    "release": "2026.11.2",
    "device": "mobile",
    "severity": "critical",
    "quiet_seconds": 300,
    "minimum_exposure": 10,
}


def test_every_field_is_saved_and_shown_again(world: World, as_alice: Client) -> None:
    _save(as_alice, world, **EVERYTHING)

    version = world.threshold.versions.order_by("-number")[0]
    assert {name: getattr(version, name) for name in FIELDS} == EVERYTHING | {"enabled": True}
    form = as_alice.get(reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])).context["adminform"]
    assert {name: form.form[name].value() for name in EVERYTHING} == EVERYTHING


@pytest.mark.parametrize(
    ("changes", "saved"),
    [
        ({"earlier_seconds": 0, "factor_percent": 200}, {"earlier_seconds": 0, "factor_percent": 0}),
        ({"breaches_among": 1, "breaches_needed": 3}, {"breaches_among": 1, "breaches_needed": 1}),
        (
            {"earlier_seconds": "", "factor_percent": "", "breaches_among": "", "minimum_exposure": ""},
            {"earlier_seconds": 0, "factor_percent": 0, "breaches_among": 1, "breaches_needed": 1},
        ),
    ],
)
def test_what_the_form_hides_or_leaves_empty_has_its_default(
    world: World, as_alice: Client, changes: dict[str, object], saved: dict[str, int]
) -> None:
    _save(as_alice, world, **EVERYTHING | changes)

    version = world.threshold.versions.order_by("-number")[0]
    assert version.number == 2
    assert {name: getattr(version, name) for name in saved} == saved


def test_a_comparison_with_what_the_project_no_longer_keeps_is_refused(world: World, as_alice: Client) -> None:
    Project.objects.filter(pk=world.cast.project.pk).update(retention_days=7)

    page = _save(as_alice, world, earlier_seconds=604_800, factor_percent=200)

    errors = page.context["adminform"].form.errors  # type: ignore[attr-defined]
    assert "keeps events for 7 days only" in errors["earlier_seconds"][0]
    assert world.threshold.versions.count() == 1


def test_a_new_threshold_has_its_first_version_at_once(world: World, as_engineer: Client) -> None:
    as_engineer.post(
        reverse("admin:thresholds_threshold_add"), FORM | {"name": "New", "project": world.cast.project.pk}
    )

    threshold = Threshold.objects.get(name="New")
    assert threshold.current_version is not None
    assert threshold.current_version.number == 1


def test_a_name_that_the_project_has_already_is_refused(world: World, as_alice: Client) -> None:
    page = as_alice.post(reverse("admin:thresholds_threshold_add"), FORM | {"project": world.cast.project.pk})

    assert page.status_code == 200
    assert "has a threshold of this name already" in page.content.decode()
    assert world.cast.project.thresholds.count() == 1


def test_a_threshold_does_not_move_to_another_project(world: World, as_alice: Client) -> None:
    _save(as_alice, world, project=world.cast.other_project.pk)

    world.threshold.refresh_from_db()
    assert world.threshold.project == world.cast.project


def test_a_window_that_the_form_does_not_offer_survives_a_save(world: World, as_alice: Client) -> None:
    save_version(threshold=world.threshold, fields={"window_seconds": 70}, actor=None, at=clock.now())

    page = as_alice.get(reverse("admin:thresholds_threshold_change", args=[world.threshold.pk]))
    _save(as_alice, world, window_seconds=70, at_least=3)

    world.threshold.refresh_from_db()
    assert "1 minute 10 seconds" in page.content.decode()
    assert world.threshold.current_version is not None
    assert world.threshold.current_version.window_seconds == 70


def test_every_version_is_readable_as_a_sentence(world: World, as_viewer: Client) -> None:
    save_version(
        threshold=world.threshold,
        fields={"at_least": 3, "window_seconds": 3600, "route_pattern": "/orders/*", "minimum_sessions": 2},
        actor=world.cast.alice,
        at=clock.now(),
    )

    page = as_viewer.get(reverse("admin:thresholds_threshold_change", args=[world.threshold.pk]))

    assert [words for _, words in page.context["versions"]] == [
        (
            "Opens a high incident when at least 3 sessions have rage clicks within 1 hour "
            "on one element of one route, in at least 2 sessions; only routes /orders/*. "
            "Resolves after 1 hour of quiet."
        ),
        (
            "Opens a high incident when at least 1 session has rage clicks within 15 minutes "
            "on one element of one route. Resolves after 1 hour of quiet."
        ),
    ]


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        (
            {"metric": "signals", "at_least": 1, "group_by": "nothing", "signals": ["form_retry"]},
            "Opens a high incident when there is at least 1 (form retries) within 15 minutes in the whole project",
        ),
        (
            {"metric": "users", "at_least": 2, "group_by": "route", "signals": ["error_click", "dead_click"]},
            (
                "Opens a high incident when at least 2 identified users have dead clicks or error clicks "
                "within 15 minutes on one route"
            ),
        ),
    ],
)
def test_the_words_fit_the_metric(world: World, fields: dict[str, object], begins: str) -> None:
    version = save_version(threshold=world.threshold, fields=fields, actor=None, at=clock.now())

    assert in_words(version).startswith(begins)


def test_a_hostile_pattern_is_shown_as_text(world: World, as_alice: Client) -> None:
    save_version(
        threshold=world.threshold, fields={"route_pattern": "<script>alert(1)</script>"}, actor=None, at=clock.now()
    )

    listed = as_alice.get(reverse("admin:thresholds_threshold_changelist")).content.decode()
    shown = as_alice.get(reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])).content.decode()

    assert "<script>alert" not in listed + shown


def test_several_of_each_signal_are_called_in_right_english(world: World) -> None:
    version = world.threshold.current_version
    assert version is not None
    version.signals = [definition.name for definition in DEFINITIONS]
    counted = in_words(version).partition("1 session has ")[2].partition(" within ")[0]

    assert sorted(counted.split(" or ")) == [
        "abandoned forms", "copied errors", "dead clicks", "error bursts", "error clicks", "field struggles",
        "form retries", "layout jumps", "page loops", "quick backs", "rage clicks", "reload bursts",
        "repeated searches", "request failures", "scroll thrashes", "slow clicks", "slow interactions",
        "tab switching", "thrashed cursors", "zoom struggles",
    ]  # fmt: skip


def test_renaming_to_the_name_of_another_threshold_is_refused(world: World, as_alice: Client) -> None:
    make_threshold(world.cast.project, name="Angry clicks")
    page = _save(as_alice, world, name="Angry clicks")

    assert isinstance(page, TemplateResponse)
    assert page.context_data is not None
    assert page.context_data["adminform"].form.errors == {
        "name": ["Shop has a threshold of this name already. Choose another."]
    }
