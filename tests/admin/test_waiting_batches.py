"""What waits in the spool: a note for those whose events they are, a page for those who run the installation."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core import clock
from apps.ingest.models import SpooledBatch, SpoolSize
from apps.organizations.models import User
from tests.admin.conftest import World, signed_in_as

pytestmark = pytest.mark.usefixtures("clickhouse")

PAGE = reverse("admin:ingest_spooledbatch_changelist")
NOTE = "are kept safe but not all counted yet"


@pytest.fixture
def waiting(world: World) -> SpooledBatch:
    """A batch of Alice's shop."""
    return SpooledBatch.objects.create(project_id=world.cast.project.pk, events=37, bytes=4, payload=b"data")


@pytest.fixture
def as_superuser(world: World) -> Client:
    return signed_in_as(User.objects.create_superuser("root", password="a-long-test-password"))


def test_the_overview_says_that_events_wait_to_those_whose_they_are(
    waiting: SpooledBatch, as_alice: Client, as_charlie: Client, as_superuser: Client
) -> None:
    shown = {
        name: browser.get(reverse("admin:index")).content.decode()
        for name, browser in (("alice", as_alice), ("charlie", as_charlie), ("root", as_superuser))
    }
    assert {name: NOTE in page for name, page in shown.items()} == {"alice": True, "charlie": False, "root": True}
    assert f">{waiting.spooled_at:%Y-%m-%d %H:%M} UTC</time> are kept safe" in shown["alice"]


def test_the_overview_says_nothing_when_nothing_waits(waiting: SpooledBatch, as_alice: Client) -> None:
    SpooledBatch.objects.update(set_aside="It cannot be read.")
    assert NOTE not in as_alice.get(reverse("admin:index")).content.decode()


def test_a_superuser_sees_each_batch_and_can_delete_none(waiting: SpooledBatch, as_superuser: Client) -> None:
    page = as_superuser.get(PAGE)
    assert page.status_code == 200
    assert all(text in page.content.decode() for text in ("Shop", "37", "Waits for the event store"))
    assert as_superuser.get(reverse("admin:ingest_spooledbatch_add")).status_code == 403
    assert as_superuser.post(reverse("admin:ingest_spooledbatch_delete", args=[waiting.pk])).status_code == 403
    assert as_superuser.get(reverse("admin:ingest_spooledbatch_change", args=[waiting.pk])).status_code == 200
    assert SpooledBatch.objects.count() == 1


def test_the_page_says_how_much_the_spool_holds_for_how_long_and_how_many_are_set_aside(
    waiting: SpooledBatch, as_superuser: Client
) -> None:
    SpoolSize.objects.create(bytes=3 * 2**20)
    SpooledBatch.objects.filter(pk=waiting.pk).update(spooled_at=clock.now() - timedelta(minutes=7, seconds=1))
    page = _words(as_superuser.get(PAGE).content)
    assert "The spool holds 3.0 MB of 1.0 GB. The oldest batch has waited for 7 minutes" in page
    assert "set aside and" not in page
    SpooledBatch.objects.update(set_aside="VIOLATED_CONSTRAINT")
    page = _words(as_superuser.get(PAGE).content)
    assert "1 batch is set aside and will not be stored by itself." in page
    assert "The oldest batch" not in page


def _words(page: bytes) -> str:
    return " ".join(page.decode().split())


def test_an_empty_page_says_what_that_means(as_superuser: Client) -> None:
    page = as_superuser.get(PAGE).content.decode()
    assert "No batch waits: every acknowledged event is in the event store." in page
    assert "Create a new item" not in page


def test_a_batch_whose_project_was_deleted_is_shown_all_the_same(world: World, as_superuser: Client) -> None:
    SpooledBatch.objects.create(project_id=99_999, events=1, bytes=4, payload=b"data", set_aside="<b>odd</b>")
    page = as_superuser.get(PAGE).content.decode()
    assert "99999 (deleted)" in page
    assert "Set aside: &lt;b&gt;odd&lt;/b&gt;" in page


def try_again(browser: Client, batch: SpooledBatch) -> int:
    """What comes of choosing "Try again to store" for a batch: the status."""
    return browser.post(PAGE, {"action": "try_again", "_selected_action": [batch.pk]}, follow=True).status_code


def test_a_batch_that_was_set_aside_can_be_let_wait_again(waiting: SpooledBatch, as_superuser: Client) -> None:
    SpooledBatch.objects.update(set_aside="VIOLATED_CONSTRAINT")
    assert "Try again to store" in as_superuser.get(PAGE).content.decode()
    assert try_again(as_superuser, waiting) == 200
    assert list(SpooledBatch.objects.waiting()) == [waiting]


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_nobody_else_can_let_it_wait_again(world: World, waiting: SpooledBatch, who: str) -> None:
    SpooledBatch.objects.update(set_aside="VIOLATED_CONSTRAINT")
    assert try_again(signed_in_as(getattr(world.cast, who)), waiting) == 403
    assert not SpooledBatch.objects.waiting().exists()


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_nobody_else_sees_the_page(world: World, waiting: SpooledBatch, who: str) -> None:
    browser = signed_in_as(getattr(world.cast, who))
    assert browser.get(PAGE).status_code == 403
    assert PAGE not in browser.get(reverse("admin:index")).content.decode()
    assert browser.get(reverse("admin:ingest_spooledbatch_change", args=[waiting.pk])).status_code in {302, 403}


def test_the_list_costs_the_same_however_many_wait(world: World, waiting: SpooledBatch, as_superuser: Client) -> None:
    with CaptureQueriesContext(connection) as one:
        as_superuser.get(PAGE)
    for _ in range(20):
        SpooledBatch.objects.create(project_id=world.cast.project.pk, events=1, bytes=4, payload=b"data")
    with CaptureQueriesContext(connection) as many:
        as_superuser.get(PAGE)
    assert len(many) == len(one)
