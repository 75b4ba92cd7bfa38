"""What the demo says about a replay."""

from datetime import timedelta

import pytest

from apps.demo.outcome import Outcome
from apps.incidents.tick import run_due_ticks
from apps.projects.models import Project
from tests.conftest import NOW, NOW_MS
from tests.factories import dead_clicks, make_threshold, store_events
from tests.ticks import tick_at

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


def _visit(project: Project, session_id: str, *, at_ms: int, stored_ms: int = NOW_MS - 4_000) -> None:
    store_events(dead_clicks(project.pk, at_ms=at_ms, stored_ms=stored_ms, session_id=session_id))


def test_an_incident_is_reported_once_with_the_page_it_is_on(project: Project) -> None:
    make_threshold(project)
    _visit(project, "session-1", at_ms=NOW_MS - 9_000)
    tick_at(NOW_MS)
    outcome = Outcome(project)

    (opened,) = outcome.look()

    assert opened.kinds == ("rage_click",)
    assert "“Pay now”" in opened.sentence
    assert opened.path == f"/admin/incidents/incident/{opened.id}/change/"
    assert outcome.look() == []
    assert list(outcome.opened) == [opened.id]


def test_the_first_incident_is_measured_from_the_click_by_which_its_bound_was_reached(project: Project) -> None:
    make_threshold(project, at_least=2)
    # The third session also counted when the tick decided, but two were enough.
    for session, ago_ms in (("session-1", 9_000), ("session-2", 7_000), ("session-3", 5_500)):
        _visit(project, session, at_ms=NOW_MS - ago_ms)
    tick_at(NOW_MS)
    outcome = Outcome(project)
    (opened,) = outcome.look()

    seconds = outcome.first_incident_seconds()

    last_of_the_second_sessions_five_clicks = NOW_MS - 7_000 + 4 * 200
    assert seconds == (opened.seen_ms - last_of_the_second_sessions_five_clicks) / 1000


def test_without_an_incident_there_is_no_first_one(project: Project) -> None:
    assert Outcome(project).first_incident_seconds() is None


def test_kinds_of_which_nothing_opened_are_named(project: Project) -> None:
    make_threshold(project)
    make_threshold(project, name="Dead clicks", signals=["dead_click"])
    _visit(project, "session-1", at_ms=NOW_MS - 9_000)
    tick_at(NOW_MS)
    outcome = Outcome(project)
    outcome.look()

    assert outcome.missing_kinds() == ["clicks on “Search” that end in an error", "a coupon form that keeps failing"]
    assert not outcome.enough()


def test_a_replay_is_settled_when_two_ticks_have_seen_every_event(project: Project) -> None:
    # Stored just before the tick at NOW looks, which is 3 s earlier.
    _visit(project, "session-1", at_ms=NOW_MS - 9_000, stored_ms=NOW_MS - 3_001)
    outcome = Outcome(project)

    settled = []
    for ticks in range(3):
        run_due_ticks(0, 1, now=NOW + timedelta(seconds=10 * ticks - 10))
        settled.append(outcome.is_settled())

    assert settled == [False, False, True]


def test_events_stored_at_the_moment_when_a_tick_looks_belong_to_the_next(project: Project) -> None:
    _visit(project, "session-1", at_ms=NOW_MS - 9_000, stored_ms=NOW_MS - 3_000)
    outcome = Outcome(project)

    tick_at(NOW_MS + 10_000)

    assert not outcome.is_settled()


def test_a_project_that_nobody_visited_is_not_settled(project: Project) -> None:
    tick_at(NOW_MS)

    assert not Outcome(project).is_settled()
