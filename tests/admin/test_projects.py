"""Projects and keys in the admin."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from apps.projects import keys
from apps.projects.models import ApiKey, Project
from tests.admin.conftest import World
from tests.factories import make_project

pytestmark = pytest.mark.usefixtures("clickhouse")


def _create_key(browser: Client, world: World) -> str:
    address = reverse("admin:projects_project_create_key", args=[world.cast.project.pk])
    return str(browser.post(address, {"name": "production web app"}).content.decode())


def test_a_new_key_is_shown_once_with_what_to_paste(world: World, as_alice: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://irk.example.com/"

    page = _create_key(as_alice, world)
    again = as_alice.get(reverse("admin:projects_project_change", args=[world.cast.project.pk])).content.decode()

    [plain] = set(re.findall(r"irk_pk_\w{24}", page))
    api_key = ApiKey.objects.get()
    assert api_key.key_hash == keys.hash_key(plain)
    assert api_key.created_by == world.cast.alice
    tag = f'<script src="https://irk.example.com/sdk/irk.js"\n        data-key="{plain}"\n        crossorigin defer>'
    assert escape(tag) in page
    assert plain not in again
    assert api_key.prefix in again


def test_a_projects_page_tells_what_to_paste_also_later(
    world: World, as_alice: Client, as_viewer: Client, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://irk.example.com/"
    tag = '<script src="https://irk.example.com/sdk/irk.js"\n        data-key="your-key"\n        crossorigin defer>'
    for browser in (as_alice, as_viewer):
        page = browser.get(reverse("admin:projects_project_change", args=[world.cast.project.pk])).content.decode()

        assert escape(tag) in page


def test_a_projects_name_keeps_its_small_letters_above_its_page(world: World, as_alice: Client) -> None:
    project = make_project(world.cast.organization, name="iPad shop", slug="ipad")
    page = as_alice.get(reverse("admin:projects_project_change", args=[project.pk])).content.decode()

    assert ">iPad shop</a>" in page
    assert ">Projects</a>" in page
    assert "IPad shop" not in page


def test_a_plain_key_is_written_down_nowhere(world: World, as_alice: Client) -> None:
    page = _create_key(as_alice, world)

    [plain] = set(re.findall(r"irk_pk_\w{24}", page))
    assert all(plain not in entry.change_message for entry in LogEntry.objects.all())
    assert all(plain not in str(row) for row in ApiKey.objects.values_list())


def test_the_page_with_the_key_is_not_kept_by_browsers(world: World, as_alice: Client) -> None:
    address = reverse("admin:projects_project_create_key", args=[world.cast.project.pk])

    assert "no-store" in as_alice.post(address, {"name": "web"})["Cache-Control"]


def test_looking_at_the_form_makes_no_key(world: World, as_alice: Client) -> None:
    address = reverse("admin:projects_project_create_key", args=[world.cast.project.pk])

    as_alice.get(address)
    without_a_name = as_alice.post(address, {"name": " "})

    assert "This field is required." in without_a_name.content.decode()
    assert not ApiKey.objects.exists()


def test_revoking_asks_first(world: World, as_alice: Client) -> None:
    api_key = keys.create(project=world.cast.project, name="web", actor=None).api_key
    address = reverse("admin:projects_project_revoke_key", args=[world.cast.project.pk, api_key.pk])

    asked = as_alice.get(address)
    api_key.refresh_from_db()
    before = api_key.revoked_at
    as_alice.post(address)
    api_key.refresh_from_db()

    assert "Revoke “web”" in asked.content.decode()
    assert before is None
    assert api_key.revoked_at is not None


def test_a_new_project_watches_at_once_and_leads_to_its_first_key(world: World, as_alice: Client) -> None:
    answer = as_alice.post(
        reverse("admin:projects_project_add"),
        {
            "organization": world.cast.organization.pk,
            "name": "Help desk",
            "slug": "help-desk",
            "allowed_origins": "https://help.example.com",
            "retention_days": 90,
        },
    )

    project = Project.objects.get(name="Help desk")
    assert answer["Location"] == reverse("admin:projects_project_create_key", args=[project.pk])
    assert {name for threshold in project.thresholds.all() for name in threshold.current_version.signals} >= {  # type: ignore[union-attr]
        "rage_click",
        "dead_click",
        "error_click",
        "form_retry",
    }


def test_changing_a_project_gives_it_no_new_thresholds(world: World, as_alice: Client) -> None:
    as_alice.post(
        reverse("admin:projects_project_change", args=[world.cast.project.pk]),
        {
            "name": "The shop",
            "slug": "shop",
            "retention_days": 30,
            "api_keys-TOTAL_FORMS": 0,
            "api_keys-INITIAL_FORMS": 0,
        },
    )

    world.cast.project.refresh_from_db()
    assert (world.cast.project.name, world.cast.project.retention_days) == ("The shop", 30)
    assert world.cast.project.thresholds.count() == 1


def test_an_origin_with_a_path_is_refused_with_the_reason(world: World, as_alice: Client) -> None:
    page = as_alice.post(
        reverse("admin:projects_project_add"),
        {
            "organization": world.cast.organization.pk,
            "name": "Help desk",
            "slug": "help-desk",
            "allowed_origins": "https://help.example.com/path",
            "retention_days": 90,
        },
    )

    assert "is not an origin" in page.content.decode()
    assert not Project.objects.filter(name="Help desk").exists()


def _change(browser: Client, project: Project, **fields: object) -> Any:
    """Posts the project's form."""
    keys_of_none = {"api_keys-TOTAL_FORMS": 0, "api_keys-INITIAL_FORMS": 0}
    form = {"name": project.name, "slug": project.slug, "retention_days": 90, **keys_of_none, **fields}
    address = reverse("admin:projects_project_change", args=[project.pk])
    return browser.post(address, form)


def test_each_wrong_origin_is_named_in_words_of_ours(world: World, as_alice: Client) -> None:
    page = _change(as_alice, world.cast.project, allowed_origins="https://a.example.com, shop\nftp://b.example.com")

    how = "Write it as https://shop.example.com, without a path, or https://*.example.com for every subdomain."
    errors = page.context["adminform"].form.errors
    assert errors["allowed_origins"] == [
        f"“shop” is not an origin. {how}",
        f"“ftp://b.example.com” is not an origin. {how}",
    ]
    assert "shop\nftp://b.example.com" in page.content.decode()


def test_origins_are_separated_as_people_do(world: World, as_alice: Client) -> None:
    _change(as_alice, world.cast.project, allowed_origins="https://a.example.com,\nhttps://*.example.org  ")
    page = as_alice.get(reverse("admin:projects_project_change", args=[world.cast.project.pk])).content.decode()

    world.cast.project.refresh_from_db()
    assert world.cast.project.allowed_origins == ["https://a.example.com", "https://*.example.org"]
    assert "https://a.example.com, https://*.example.org</textarea>" in page


def test_a_slug_that_another_project_of_the_organization_has_is_refused(world: World, as_alice: Client) -> None:
    other = make_project(world.cast.organization, name="Help desk", slug="help-desk")
    page = _change(as_alice, other, slug="shop")

    assert page.context["adminform"].form.errors["slug"] == [
        "Alice's Shop has a project of this slug already. Choose another."
    ]
    assert _change(as_alice, other, slug="bank").status_code == 302  # Charlie's organization has one of it
