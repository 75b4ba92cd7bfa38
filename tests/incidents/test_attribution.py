"""A breach that begins with a release is attributed to it, and no other breach is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.clickhouse import client, migrator
from apps.core import clock
from apps.detection.detecting import detect
from apps.incidents import triage
from apps.incidents.attribution import NEW_MS, began_with
from apps.incidents.models import Incident
from apps.incidents.schedule import SETTLE_MS
from apps.incidents.tick import run_due_ticks
from tests.conftest import DAY, HOUR, NOW, NOW_MS, SECOND
from tests.factories import Cast, EventRow, dead_clicks, make_cast, make_threshold, store_events


@pytest.mark.parametrize(
    ("first_seen_ms", "expected"),
    [
        ({"1": 0, "2": 5 * HOUR}, True),
        # The first release that was ever seen: nothing to compare it with.
        ({"2": 5 * HOUR}, False),
        # It came before the other: the other is the new one.
        ({"1": 6 * HOUR, "2": 5 * HOUR}, False),
        # It had been out for longer than a day.
        ({"1": 0, "2": 10 * HOUR - NEW_MS - 1}, False),
        ({"1": -2 * NEW_MS, "2": 10 * HOUR - NEW_MS}, True),
        # Never seen.
        ({"1": 0}, False),
    ],
)
def test_when_a_breach_began_with_a_release(first_seen_ms: Mapping[str, int], expected: bool) -> None:
    assert began_with("2", began_ms=10 * HOUR, first_seen_ms=first_seen_ms) is expected


@pytest.fixture
def cast(db: None) -> Cast:
    """A shop that watches for rage clicks, with a quiet visitor of release 1 two days ago."""
    cast = make_cast()
    make_threshold(cast.project, window_seconds=900, quiet_seconds=60)
    old = NOW_MS - 48 * HOUR
    store_events(
        [EventRow(cast.project.pk, ts_ms=old, stored_ms=old + SECOND, release="1", type="page", session_id="quiet")]
    )
    return cast


def rage(cast: Cast, release: str, *, at_ms: int = NOW_MS - 8 * SECOND, session_id: str = "angry") -> list[EventRow]:
    clicks = dead_clicks(cast.project.pk, at_ms=at_ms, stored_ms=at_ms + 4 * SECOND, session_id=session_id)
    return [replace(click, release=release) for click in clicks]


def visit(cast: Cast, release: str, *, at_ms: int) -> EventRow:
    """Somebody who looks at a page."""
    session_id = f"visit-{at_ms}"
    return EventRow(cast.project.pk, ts_ms=at_ms, stored_ms=at_ms, release=release, type="page", session_id=session_id)


def known() -> list[tuple[int, object, str, int]]:
    """The rows of `releases`: project, day, release, when its first event arrived that day (ms)."""
    return client.query(
        "SELECT project_id, day, release, toUnixTimestamp64Milli(first_stored_at) FROM releases FINAL ORDER BY 1, 2, 3"
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("clickhouse")
class TestTicks:
    def test_an_incident_of_a_new_release_names_it(self, cast: Cast) -> None:
        store_events(rage(cast, "2"))
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == "2"

    def test_an_incident_of_an_old_release_names_none(self, cast: Cast) -> None:
        store_events(rage(cast, "1"))
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == ""

    def test_an_incident_of_two_releases_names_none(self, cast: Cast) -> None:
        store_events([*rage(cast, "2"), *rage(cast, "1", session_id="other")])
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == ""

    def test_a_regression_with_a_newer_release_names_that_one(self, cast: Cast) -> None:
        store_events(rage(cast, "2"))
        run_due_ticks(0, 1, now=NOW)
        triage.resolve(incident=Incident.objects.get(), actor=cast.bob)
        Incident.objects.update(resolved_at=NOW + timedelta(seconds=5))
        store_events(rage(cast, "3", at_ms=NOW_MS + 30 * SECOND, session_id="again"))
        run_due_ticks(0, 1, now=NOW + timedelta(seconds=40))
        incident = Incident.objects.get()
        assert (incident.release, incident.regressions) == ("3", 1)

    def test_a_tick_that_was_killed_and_is_run_again_names_the_same(self, cast: Cast) -> None:
        store_events(rage(cast, "2"))
        run_due_ticks(0, 1, now=NOW - timedelta(seconds=10))
        # What a tick leaves that is killed before it judges.
        settled_ms = NOW_MS - SETTLE_MS
        detect(shard=0, shards=1, arrived_from_ms=settled_ms - 10 * SECOND, arrived_to_ms=settled_ms, as_of_ms=NOW_MS)
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == "2"
        assert {(release, first_ms) for _, _, release, first_ms in known()} == {
            ("1", NOW_MS - 48 * HOUR + SECOND),
            ("2", NOW_MS - 4 * SECOND),
        }

    def test_a_release_that_comes_back_after_its_look_back_is_new(self, cast: Cast) -> None:
        """It was used 16 days ago, beyond the look-back; release 1 has been since."""
        store_events([visit(cast, "2", at_ms=NOW_MS - 16 * DAY), *rage(cast, "2")])
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == "2"

    def test_a_release_that_comes_back_within_its_look_back_is_old(self, cast: Cast) -> None:
        store_events([visit(cast, "2", at_ms=NOW_MS - 13 * DAY), *rage(cast, "2")])
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == ""

    def test_what_was_stored_before_the_table_is_known(self, cast: Cast) -> None:
        now_ms = clock.to_ms(clock.now())
        stored = [("0", now_ms - 20 * DAY), ("2", now_ms - 3 * DAY), ("1", now_ms - 2 * DAY), ("1", now_ms - DAY)]
        bank = cast.other_project.pk
        store_events([replace(visit(cast, release, at_ms=ms), project_id=bank) for release, ms in stored])
        [fill] = [each.statements[-1] for each in migrator.load() if each.name == "releases"]
        client.command(fill)
        assert [row[2:] for row in known() if row[0] == bank] == stored[1:]

    def test_a_release_of_another_project_does_not_count(self, cast: Cast) -> None:
        make_threshold(cast.other_project)
        store_events([replace(click, project_id=cast.other_project.pk) for click in rage(cast, "2")])
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == ""
