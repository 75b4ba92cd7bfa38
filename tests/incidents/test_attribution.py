"""A breach that begins with a release is attributed to it, and no other breach is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.incidents import triage
from apps.incidents.attribution import NEW_MS, began_with
from apps.incidents.models import Incident
from apps.incidents.tick import run_due_ticks
from tests.conftest import HOUR, NOW, NOW_MS, SECOND
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

    def test_a_release_of_another_project_does_not_count(self, cast: Cast) -> None:
        make_threshold(cast.other_project)
        store_events([replace(click, project_id=cast.other_project.pk) for click in rage(cast, "2")])
        run_due_ticks(0, 1, now=NOW)
        assert Incident.objects.get().release == ""
