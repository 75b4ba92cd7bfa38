"""A role may do what it says and nothing more, within its own organization."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.incidents.models import State
from apps.organizations.models import Membership, Role
from apps.projects.models import Project
from tests.admin.conftest import World, signed_in_as

pytestmark = pytest.mark.usefixtures("clickhouse")


@pytest.mark.parametrize("model", ["incidents_incident", "projects_project", "thresholds_threshold"])
def test_a_viewer_reads_every_page_and_is_offered_no_button_to_save(
    world: World, as_viewer: Client, model: str
) -> None:
    rows = {
        "incidents_incident": world.incident.pk,
        "projects_project": world.cast.project.pk,
        "thresholds_threshold": world.threshold.pk,
    }

    listed = as_viewer.get(reverse(f"admin:{model}_changelist"))
    shown = as_viewer.get(reverse(f"admin:{model}_change", args=[rows[model]]))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert 'name="_save"' not in shown.content.decode()
    assert as_viewer.get(reverse(f"admin:{model}_add")).status_code == 403


@pytest.mark.parametrize("action", ["acknowledge", "resolve", "mute", "assign"])
def test_a_viewer_who_posts_anyway_is_refused(world: World, as_viewer: Client, action: str) -> None:
    answer = as_viewer.post(
        reverse("admin:incidents_incident_triage", args=[world.incident.pk]),
        {"action": action, "for": "1h", "assignee": "me"},
    )

    world.incident.refresh_from_db()
    assert answer.status_code == 403
    assert (world.incident.state, world.incident.assignee) == (State.OPEN, None)


def test_a_viewer_is_offered_no_bulk_action_and_a_posted_one_does_nothing(world: World, as_viewer: Client) -> None:
    address = reverse("admin:incidents_incident_changelist")

    page = as_viewer.get(address)
    as_viewer.post(address, {"action": "resolve_selected", "_selected_action": [str(world.incident.pk)]})

    world.incident.refresh_from_db()
    assert page.context["action_form"] is None
    assert world.incident.state == State.OPEN


def test_a_triager_triages_and_only_reads_thresholds(world: World, as_bob: Client) -> None:
    as_bob.post(reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "acknowledge"})
    threshold = reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])

    world.incident.refresh_from_db()
    assert world.incident.state == State.ACKNOWLEDGED
    assert as_bob.post(threshold, {"name": "Mine"}).status_code == 403
    assert "Opens a high incident" in as_bob.get(threshold).content.decode()


def test_an_engineer_edits_thresholds_and_only_reads_projects(world: World, as_engineer: Client) -> None:
    project = reverse("admin:projects_project_change", args=[world.cast.project.pk])
    threshold = reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])

    assert 'name="_save"' in as_engineer.get(threshold).content.decode()
    assert 'name="_save"' not in as_engineer.get(project).content.decode()
    assert as_engineer.post(project, {"name": "Mine"}).status_code == 403
    create_key = reverse("admin:projects_project_create_key", args=[world.cast.project.pk])
    assert as_engineer.post(create_key, {"name": "mine"}).status_code == 403


def test_an_owner_of_one_organization_who_views_another_writes_only_in_the_first(
    world: World, as_charlie: Client
) -> None:
    Membership.objects.create(organization=world.cast.organization, user=world.cast.charlie, role=Role.VIEWER)

    page = as_charlie.post(
        reverse("admin:projects_project_add"),
        {"organization": world.cast.organization.pk, "name": "Mole", "slug": "mole", "retention_days": 90},
    )
    change = as_charlie.post(reverse("admin:projects_project_change", args=[world.cast.project.pk]), {"name": "Mole"})
    triage = as_charlie.post(
        reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "resolve"}
    )

    assert "organization" in page.context["adminform"].form.errors
    assert (change.status_code, triage.status_code) == (403, 403)
    assert not Project.objects.filter(name="Mole").exists()


def test_incidents_projects_and_thresholds_are_never_deleted_here(world: World, as_alice: Client) -> None:
    for model, pk in (
        ("incidents_incident", world.incident.pk),
        ("projects_project", world.cast.project.pk),
        ("thresholds_threshold", world.threshold.pk),
    ):
        assert as_alice.post(reverse(f"admin:{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403


def test_an_organization_keeps_an_owner(world: World, as_alice: Client) -> None:
    own = world.cast.organization
    alices, bobs = Membership.objects.filter(organization=own).order_by("user__username")

    page = as_alice.post(
        reverse("admin:organizations_organization_change", args=[own.pk]),
        {
            "name": own.name,
            "slug": own.slug,
            "memberships-TOTAL_FORMS": 2,
            "memberships-INITIAL_FORMS": 2,
            "memberships-0-id": alices.pk,
            "memberships-0-organization": own.pk,
            "memberships-0-user": world.cast.alice.pk,
            "memberships-0-role": "viewer",
            "memberships-1-id": bobs.pk,
            "memberships-1-organization": own.pk,
            "memberships-1-user": world.cast.bob.pk,
            "memberships-1-role": "triager",
        },
    )

    alices.refresh_from_db()
    assert "at least one owner" in page.content.decode()
    assert alices.role == Role.OWNER


def test_who_is_not_staff_is_sent_to_the_login_page(world: World) -> None:
    world.cast.bob.is_staff = False
    world.cast.bob.save()
    browser = Client()
    browser.force_login(world.cast.bob)

    answer = browser.post(
        reverse("admin:incidents_incident_triage", args=[world.incident.pk]), {"action": "acknowledge"}
    )

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_whoever_runs_the_installation_adds_members_and_an_owner_reads_so(world: World, as_alice: Client) -> None:
    own = world.cast.organization
    world.cast.charlie.is_superuser = True
    world.cast.charlie.save()
    page = reverse("admin:organizations_organization_change", args=[own.pk])
    said = "New members are added by whoever runs this installation."
    owners = Membership.objects.filter(organization=own).order_by("user__username")
    rows = {
        name: value
        for number, membership in enumerate(owners)
        for name, value in {
            f"memberships-{number}-id": membership.pk,
            f"memberships-{number}-organization": own.pk,
            f"memberships-{number}-user": membership.user_id,
            f"memberships-{number}-role": membership.role,
        }.items()
    }
    at = len(owners)
    form = {
        "name": own.name,
        "slug": own.slug,
        **rows,
        "memberships-TOTAL_FORMS": at + 1,
        "memberships-INITIAL_FORMS": at,
        f"memberships-{at}-organization": own.pk,
        f"memberships-{at}-user": world.cast.charlie.pk,
        f"memberships-{at}-role": "viewer",
    }

    assert said in as_alice.get(page).content.decode()
    as_alice.post(page, form)
    assert not own.memberships.filter(user=world.cast.charlie).exists()

    assert said not in signed_in_as(world.cast.charlie).get(page).content.decode()
    signed_in_as(world.cast.charlie).post(page, form)
    assert own.memberships.get(user=world.cast.charlie).role == Role.VIEWER
