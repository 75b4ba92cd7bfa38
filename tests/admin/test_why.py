"""The page "Why, or why not"."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.incidents.models import EvaluatedShard
from tests.admin.conftest import World
from tests.conftest import NOW
from tests.factories import SignalRow, store_signals

pytestmark = pytest.mark.usefixtures("clickhouse")

AT = {"at": "2026-11-23T12:00:00"}


@pytest.fixture(autouse=True)
def _ticked(db: None) -> None:
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=NOW)


def _address(world: World) -> str:
    return reverse("admin:explanations_why", args=[world.threshold.pk])


def test_everybody_who_sees_the_threshold_reads_why(world: World, as_viewer: Client) -> None:
    ts_ms = int(NOW.timestamp() * 1000) - 60_000
    store_signals(
        [SignalRow(world.cast.project.pk, ts_ms, ts_ms + 10_000, element_label="<b>Pay</b>", route="/<script>")]
    )

    page = as_viewer.get(_address(world), AT)

    text = page.content.decode()
    assert "Yes: “&lt;b&gt;Pay&lt;/b&gt;” on /&lt;script&gt; breached with 1 session, 1 needed" in text
    assert "exactly enough" in text


def test_the_thresholds_page_leads_there(world: World, as_viewer: Client) -> None:
    page = as_viewer.get(reverse("admin:thresholds_threshold_change", args=[world.threshold.pk]))

    assert f'href="{_address(world)}"' in page.content.decode()


def test_for_charlie_it_is_not_there(world: World, as_charlie: Client) -> None:
    assert as_charlie.get(_address(world), AT).status_code == 404


@pytest.mark.parametrize("at", ["", "yesterday", "0001-01-01", "9999-12-31T23:59:59-23:59"])
def test_an_unreadable_moment_is_the_last_tick(world: World, as_alice: Client, at: str) -> None:
    page = as_alice.get(_address(world), {"at": at})

    assert "the tick of" in page.content.decode()


def test_of_a_moment_to_come_the_page_says_that_no_tick_has_looked_at_it(world: World, as_alice: Client) -> None:
    page = as_alice.get(_address(world), {"at": "2030-01-01"})

    assert "No tick has looked at that moment yet" in page.content.decode()


def test_before_the_first_version_the_page_says_so(world: World, as_alice: Client) -> None:
    assert "did not exist yet" in as_alice.get(_address(world), {"at": "2020-01-01"}).content.decode()


@pytest.mark.usefixtures("clickhouse_away")
def test_while_the_event_store_is_away_the_page_says_so(world: World, as_alice: Client) -> None:
    page = as_alice.get(_address(world), AT)

    assert page.status_code == 503
    assert "The event store does not answer" in page.content.decode()
