"""Every moment that the admin shows is one that a browser can turn into local time."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.detection.settings import end_suppression
from apps.ingest.models import SpooledBatch
from apps.organizations.models import User
from apps.projects import keys
from tests.admin.conftest import World, signed_in_as
from tests.factories.suppressions import make_suppression

pytestmark = pytest.mark.usefixtures("clickhouse")

# "Nov. 30, 2026, 2:44 a.m.", "Nov. 30, 2026, 3 a.m.", "midnight", "2026-11-30 02:44".
_BARE = re.compile(r"\d{4}, (?:[\d:]+ [ap]\.m\.|noon|midnight)|\d{4}-\d\d-\d\d \d\d:\d\d")


@pytest.fixture
def as_root(world: World) -> Client:
    """Who runs the installation, and therefore sees every page."""
    return signed_in_as(User.objects.create_superuser("root", password="a-long-test-password"))


def _bare_moments(page: str) -> list[str]:
    """The moments outside of `<time>` and of attributes."""
    return _BARE.findall(re.sub(r"<time .*?</time>|<[^>]*>", "", page, flags=re.DOTALL))


def test_no_page_shows_a_moment_that_stays_in_utc(world: World, as_alice: Client, as_root: Client) -> None:
    project, alice = world.cast.project, world.cast.alice
    revoked = keys.create(project=project, name="old", actor=alice)
    keys.create(project=project, name="new", actor=alice)
    keys.revoke(revoked.api_key)
    lasting, over = (
        make_suppression(project, created_at=clock.now(), signal=signal, created_by=alice)
        for signal in ("dead_click", "rage_click")
    )
    end_suppression(over, actor=alice, at=clock.now())
    SpooledBatch.objects.create(project_id=project.pk, payload=b"", bytes=1, events=1)
    as_alice.post(reverse("admin:end_suppression", args=[lasting.pk]))  # leaves an entry in its history
    addresses = {
        reverse("admin:projects_project_changelist"): 2,
        reverse("admin:projects_project_change", args=[project.pk]): 3,
        reverse("admin:projects_project_revoke_key", args=[project.pk, revoked.api_key.pk]): 1,
        reverse("admin:organizations_organization_changelist"): 2,
        reverse("admin:organizations_user_changelist"): 2,
        reverse("admin:detection_suppression_changelist"): 2,
        reverse("admin:detection_suppression_change", args=[over.pk]): 2,
        reverse("admin:end_suppression", args=[over.pk]): 1,
        reverse("admin:detection_suppression_history", args=[lasting.pk]): 1,
        reverse("admin:ingest_spooledbatch_changelist"): 1,
        reverse("admin:incidents_incident_changelist"): 2,
    }

    for address, moments in addresses.items():
        page = as_root.get(address).content.decode()

        assert (_bare_moments(page), address) == ([], address)
        assert (page.count("<time datetime="), address) == (moments, address)


def test_a_history_leads_to_its_later_entries_and_to_no_others(world: World, as_root: Client) -> None:
    project, somebody = world.cast.project, world.cast.alice
    address = reverse("admin:projects_project_history", args=[project.pk])
    LogEntry.objects.log_actions(somebody.pk, [project], CHANGE, change_message="The first.", single_object=True)
    short = as_root.get(address).content.decode()
    for _ in range(100):
        LogEntry.objects.log_actions(somebody.pk, [project], CHANGE, change_message="One more.", single_object=True)
    first, second = (as_root.get(address, {"p": page}).content.decode() for page in (1, 2))

    assert (">Earlier<" in short, ">Later<" in short, "The first." in short) == (False, False, True)
    assert (">Earlier<" in first, ">Later<" in first, "The first." in first) == (False, True, True)
    assert (">Earlier<" in second, ">Later<" in second, "The first." in second) == (True, False, False)


def test_who_never_signed_in_has_no_moment(world: World, as_root: Client) -> None:
    User.objects.filter(pk=world.cast.bob.pk).update(last_login=None)
    page = as_root.get(reverse("admin:organizations_user_changelist"), {"q": "bob"}).content.decode()

    assert ">Never<" in re.sub(r"\s+", "", page)


def test_no_template_writes_a_moment_in_a_way_of_its_own() -> None:
    files = [*settings.BASE_DIR.glob("templates/**/*.html"), *settings.BASE_DIR.glob("apps/**/*.py")]

    assert [file.name for file in files if "<time " in file.read_text()] == ["admin_times.py"]


@pytest.mark.parametrize(
    ("asked", "attribute", "told"),
    [
        ("at", "", "2026-11-30 02:44"),
        ("at seconds=True", "", "2026-11-30 02:44:05"),
        ("at ago=True", " data-irk-ago", "2026-11-30 02:44"),
    ],
)
def test_a_template_shows_a_moment_as_the_lists_do(asked: str, attribute: str, told: str) -> None:
    at = datetime(2026, 11, 30, 2, 44, 5, tzinfo=UTC)
    for zone in (UTC, timezone(timedelta(hours=9))):
        page = Template("{% load moments %}{% moment " + asked + " %}").render(Context({"at": at.astimezone(zone)}))

        assert page == f'<time datetime="2026-11-30T02:44:05+00:00"{attribute}>{told} UTC</time>'
