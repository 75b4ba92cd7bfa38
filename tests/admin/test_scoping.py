"""Nobody reaches across organizations: every page, by every way in, with Charlie at the keyboard."""

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from apps.incidents.models import Incident, State
from apps.organizations.models import Membership, Organization, Role, User
from apps.projects import keys
from apps.projects.models import ApiKey, Project
from apps.thresholds.models import Threshold, ThresholdVersion
from tests.admin.conftest import SENTENCE, World

LISTS = [
    "incidents_incident",
    "projects_project",
    "thresholds_threshold",
    "organizations_organization",
]
# What would give away that the other organization exists.
ALICES = ("Alice's Shop", "Pay now", SENTENCE, "alice@example.com")

pytestmark = pytest.mark.usefixtures("clickhouse")


def _pk_of(world: World, model: str) -> object:
    rows: dict[str, object] = {
        "incidents_incident": world.incident.pk,
        "projects_project": world.cast.project.pk,
        "thresholds_threshold": world.threshold.pk,
        "organizations_organization": world.cast.organization.pk,
    }
    return rows[model]


@pytest.mark.parametrize("model", LISTS)
def test_a_list_shows_ones_own_rows_and_nobody_elses(world: World, as_charlie: Client, model: str) -> None:
    page = as_charlie.get(reverse(f"admin:{model}_changelist"), {"state": "all"} if "incident" in model else {})

    assert page.status_code == 200
    rows = list(page.context["cl"].result_list)
    assert len(rows) == 1
    assert rows[0].pk != _pk_of(world, model)
    assert not any(secret in page.content.decode() for secret in ALICES)


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize("view", ["change", "history", "delete"])
def test_a_row_of_another_organization_does_not_exist(world: World, as_charlie: Client, model: str, view: str) -> None:
    page = as_charlie.get(reverse(f"admin:{model}_{view}", args=[_pk_of(world, model)]), follow=True)

    assert not any(secret in page.content.decode() for secret in ALICES)
    assert page.status_code in {403, 404} or page.redirect_chain[-1][0] == reverse("admin:index")


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize("view", ["change", "delete"])
def test_posting_to_a_row_of_another_organization_changes_nothing(
    world: World, as_charlie: Client, model: str, view: str
) -> None:
    before = _everything()

    as_charlie.post(
        reverse(f"admin:{model}_{view}", args=[_pk_of(world, model)]),
        {"post": "yes", "name": "taken over", "slug": "taken-over", "project": world.cast.other_project.pk},
    )

    assert _everything() == before


def test_the_history_of_a_row_is_hidden_with_the_row(world: World, as_charlie: Client) -> None:
    LogEntry.objects.create(
        user=world.cast.alice,
        content_type=ContentType.objects.get_for_model(Project),
        object_id=str(world.cast.project.pk),
        object_repr="Shop",
        action_flag=ADDITION,
        change_message="A telling message.",
    )

    page = as_charlie.get(reverse("admin:projects_project_history", args=[world.cast.project.pk]), follow=True)

    assert "A telling message." not in page.content.decode()


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        ("incidents_incident", "project__id__exact"),
        ("thresholds_threshold", "project__id__exact"),
        ("projects_project", "organization__id__exact"),
    ],
)
def test_filtering_by_a_foreign_id_finds_nothing(world: World, as_charlie: Client, model: str, lookup: str) -> None:
    foreign = world.cast.organization.pk if model == "projects_project" else world.cast.project.pk

    page = as_charlie.get(reverse(f"admin:{model}_changelist"), {lookup: foreign})

    assert list(page.context["cl"].result_list) == []
    assert not any(secret in page.content.decode() for secret in ALICES)


def test_searching_finds_nothing_of_another_organization(world: World, as_charlie: Client) -> None:
    page = as_charlie.get(reverse("admin:incidents_incident_changelist"), {"q": "Pay now", "state": "all"})

    assert list(page.context["cl"].result_list) == []


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("thresholds", "threshold", "project"),
        ("projects", "project", "organization"),
        ("organizations", "membership", "user"),
        ("incidents", "incident", "assignee"),
    ],
)
def test_autocomplete_offers_nothing_of_another_organization(
    world: World, as_charlie: Client, app: str, model: str, field: str
) -> None:
    answer = as_charlie.get(
        reverse("admin:autocomplete"), {"app_label": app, "model_name": model, "field_name": field, "term": ""}
    )

    assert answer.status_code == 403 or all(
        secret not in answer.content.decode() for secret in ("Alice", "alice", "bob", "Shop")
    )


def test_a_project_cannot_be_put_into_another_organization(world: World, as_charlie: Client) -> None:
    page = as_charlie.post(
        reverse("admin:projects_project_add"),
        {"organization": world.cast.organization.pk, "name": "Mole", "slug": "mole", "retention_days": 90},
    )

    assert page.status_code == 200
    assert "organization" in page.context["adminform"].form.errors
    assert not Project.objects.filter(name="Mole").exists()


def test_a_threshold_cannot_be_put_into_another_organizations_project(world: World, as_charlie: Client) -> None:
    page = as_charlie.post(
        reverse("admin:thresholds_threshold_add"),
        {
            "project": world.cast.project.pk,
            "name": "Mole",
            "enabled": "on",
            "signals": ["rage_click"],
            "metric": "sessions",
            "at_least": 1,
            "window_seconds": 900,
            "group_by": "route",
            "minimum_sessions": 1,
            "severity": "low",
            "quiet_seconds": 3600,
        },
    )

    assert page.status_code == 200
    assert "project" in page.context["adminform"].form.errors
    assert not Threshold.objects.filter(name="Mole").exists()


def test_an_owner_cannot_pull_a_stranger_into_the_organization(world: World, as_charlie: Client) -> None:
    own = world.cast.other_organization
    membership = Membership.objects.get(organization=own)

    as_charlie.post(
        reverse("admin:organizations_organization_change", args=[own.pk]),
        {
            "name": own.name,
            "slug": own.slug,
            "memberships-TOTAL_FORMS": 2,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": membership.pk,
            "memberships-0-organization": own.pk,
            "memberships-0-user": world.cast.charlie.pk,
            "memberships-0-role": "owner",
            "memberships-1-organization": own.pk,
            "memberships-1-user": world.cast.bob.pk,
            "memberships-1-role": "viewer",
        },
    )

    assert not Membership.objects.filter(organization=own, user=world.cast.bob).exists()


def test_an_owner_cannot_edit_a_foreign_membership_by_its_id(world: World, as_charlie: Client) -> None:
    own = world.cast.other_organization
    bobs = Membership.objects.get(user=world.cast.bob)

    as_charlie.post(
        reverse("admin:organizations_organization_change", args=[own.pk]),
        {
            "name": own.name,
            "slug": own.slug,
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": bobs.pk,
            "memberships-0-organization": own.pk,
            "memberships-0-user": world.cast.charlie.pk,
            "memberships-0-role": "owner",
        },
    )

    bobs.refresh_from_db()
    assert (bobs.organization, bobs.user, bobs.role) == (world.cast.organization, world.cast.bob, Role.TRIAGER)


@pytest.mark.parametrize("action", ["acknowledge", "resolve", "mute", "assign", "unmute", "reopen"])
def test_triaging_a_foreign_incident_is_as_if_it_were_not_there(world: World, as_charlie: Client, action: str) -> None:
    page = as_charlie.post(
        reverse("admin:incidents_incident_triage", args=[world.incident.pk]),
        {"action": action, "for": "1h", "assignee": "me"},
    )

    assert page.status_code == 404
    world.incident.refresh_from_db()
    assert (world.incident.state, world.incident.assignee) == (State.OPEN, None)


@pytest.mark.parametrize(
    "action", ["acknowledge_selected", "resolve_selected", "assign_selected_to_me", "mute_selected"]
)
def test_a_bulk_action_leaves_foreign_incidents_alone(world: World, as_charlie: Client, action: str) -> None:
    as_charlie.post(
        reverse("admin:incidents_incident_changelist"),
        {"action": action, "_selected_action": [str(world.incident.pk), str(world.other_incident.pk)]},
    )

    world.incident.refresh_from_db()
    assert (world.incident.state, world.incident.assignee) == (State.OPEN, None)


def test_an_incident_cannot_be_assigned_to_a_stranger(world: World, as_bob: Client) -> None:
    as_bob.post(
        reverse("admin:incidents_incident_triage", args=[world.incident.pk]),
        {"action": "assign", "assignee": world.cast.charlie.pk},
    )

    world.incident.refresh_from_db()
    assert world.incident.assignee is None


def test_the_pages_around_keys_are_closed_to_strangers(world: World, as_charlie: Client) -> None:
    api_key = keys.create(project=world.cast.project, name="web", actor=None).api_key
    create = reverse("admin:projects_project_create_key", args=[world.cast.project.pk])
    revoke = reverse("admin:projects_project_revoke_key", args=[world.cast.project.pk, api_key.pk])
    through_own_project = reverse("admin:projects_project_revoke_key", args=[world.cast.other_project.pk, api_key.pk])

    answers = [
        as_charlie.get(create),
        as_charlie.post(create, {"name": "mole"}),
        as_charlie.get(revoke),
        as_charlie.post(revoke),
        as_charlie.post(through_own_project),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert ApiKey.objects.get() == api_key
    assert ApiKey.objects.get().revoked_at is None


def test_a_foreign_incidents_session_page_does_not_exist(world: World, as_charlie: Client) -> None:
    page = as_charlie.get(reverse("admin:incidents_incident_session", args=[world.incident.pk, "session-1"]))

    assert page.status_code == 404


def test_the_overview_of_a_foreign_project_shows_ones_own_instead(world: World, as_charlie: Client) -> None:
    page = as_charlie.get(reverse("admin:index"), {"project": world.cast.project.pk})

    assert page.context["chosen"] is None
    assert "not yours" in page.content.decode()
    assert not any(secret in page.content.decode() for secret in ALICES)


def test_only_who_runs_the_installation_sees_its_people(world: World, as_alice: Client) -> None:
    people = reverse("admin:organizations_user_changelist")
    person = reverse("admin:organizations_user_change", args=[world.cast.charlie.pk])
    password = reverse("admin:auth_user_password_change", args=[world.cast.charlie.pk])

    answers = [as_alice.get(address) for address in (people, person, password)]

    assert all(answer.status_code in {302, 403, 404} for answer in answers)
    assert all("charlie" not in answer.content.decode() for answer in answers)


def test_a_member_of_nothing_sees_nothing(world: World) -> None:
    stranger = User.objects.create_user("stranger", password="a-long-test-password", is_staff=True)
    browser = Client()
    browser.force_login(stranger)

    for model in LISTS:
        assert browser.get(reverse(f"admin:{model}_changelist")).status_code == 403
    page = browser.get(reverse("admin:index"))
    assert page.status_code == 200
    assert not any(secret in page.content.decode() for secret in (*ALICES, "Charlie"))


def _everything() -> list[object]:
    """Every row that the pages could change, in full."""
    models = (Incident, Project, Threshold, ThresholdVersion, Organization, Membership, ApiKey)
    return [list(model.objects.order_by("pk").values()) for model in models]
