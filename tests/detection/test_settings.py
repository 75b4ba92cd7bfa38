"""Parameters and suppressions as saved by people and read by ticks."""

from datetime import timedelta

import pytest

from apps.core.clock import from_ms
from apps.detection import settings
from apps.detection.models import ParameterVersion, Suppression
from apps.detection.settings import OwnValues, SenselessParametersError, save_parameters
from apps.incidents.models import Incident
from tests.conftest import NOW, NOW_MS
from tests.factories import Cast, dead_clicks, make_cast, make_threshold, store_events
from tests.factories.suppressions import make_suppression
from tests.ticks import tick_at

TICK_MS = 10_000

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


@pytest.fixture
def cast(db: None) -> Cast:
    cast = make_cast()
    make_threshold(cast.project)
    return cast


def rage(cast: Cast, *, at_ms: int, session_id: str = "session-1", clicks: int = 3) -> None:
    """A rage click that is stored a second after its last click."""
    store_events(
        dead_clicks(cast.project.pk, at_ms=at_ms, stored_ms=at_ms + 2_000, session_id=session_id, clicks=clicks)
    )


def open_incidents() -> int:
    return Incident.objects.count()


def test_what_is_suppressed_opens_no_incident_and_the_others_do(cast: Cast) -> None:
    make_suppression(cast.project, signal="rage_click", created_at=NOW - timedelta(minutes=1))
    make_threshold(cast.project, name="Dead clicks", signals=["dead_click"])
    rage(cast, at_ms=NOW_MS - 8_000)

    tick_at(NOW_MS)

    assert [incident.threshold.name for incident in Incident.objects.all()] == ["Dead clicks"]


def test_what_began_before_or_after_a_suppression_counts(cast: Cast) -> None:
    make_suppression(
        cast.project, signal="rage_click", created_at=NOW - timedelta(seconds=5), expires_at=NOW + timedelta(seconds=20)
    )
    rage(cast, at_ms=NOW_MS - 8_000)
    tick_at(NOW_MS)
    assert open_incidents() == 1
    Incident.objects.all().delete()

    rage(cast, at_ms=NOW_MS + 20_000, session_id="session-2")
    tick_at(NOW_MS + 30_000)
    assert open_incidents() == 1


def test_a_suppression_that_was_ended_hides_no_longer(cast: Cast) -> None:
    suppression = make_suppression(cast.project, signal="rage_click", created_at=NOW - timedelta(minutes=5))
    tick_at(NOW_MS)
    assert settings.end_suppression(suppression, actor=cast.alice, at=NOW)
    assert not settings.end_suppression(suppression, actor=cast.alice, at=NOW)

    rage(cast, at_ms=NOW_MS + 1_000)
    tick_at(NOW_MS + TICK_MS)

    assert open_incidents() == 1


def test_another_projects_suppression_hides_nothing_here(cast: Cast) -> None:
    make_suppression(cast.other_project, signal="rage_click", created_at=NOW - timedelta(minutes=1))
    rage(cast, at_ms=NOW_MS - 8_000)
    tick_at(NOW_MS)
    assert open_incidents() == 1


def test_parameters_hold_from_the_first_tick_after_they_were_saved(cast: Cast) -> None:
    save_parameters(
        project=cast.project, values={"rage_click": {"min_clicks": 4}}, actor=cast.alice, at=from_ms(NOW_MS + 1)
    )
    rage(cast, at_ms=NOW_MS - 8_000)
    tick_at(NOW_MS)
    assert open_incidents() == 1
    Incident.objects.all().delete()

    rage(cast, at_ms=NOW_MS + 2_000, session_id="session-2")
    tick_at(NOW_MS + TICK_MS)
    assert open_incidents() == 0

    rage(cast, at_ms=NOW_MS + 12_000, session_id="session-3", clicks=4)
    tick_at(NOW_MS + 2 * TICK_MS)
    assert open_incidents() == 1


def test_only_what_differs_is_saved_and_saving_the_same_again_makes_no_version(cast: Cast) -> None:
    values: OwnValues = {
        "rage_click": {"min_clicks": 4, "radius_px": 30},
        "dead_click": {"answer_kinds": ("mut", "req")},
    }
    first = save_parameters(project=cast.project, values=values, actor=cast.alice, at=NOW)
    again = save_parameters(project=cast.project, values=values, actor=cast.bob, at=NOW)

    assert first is not None
    assert first == again
    assert settings.own_values(ParameterVersion.objects.get()) == {
        "rage_click": {"min_clicks": 4},
        "dead_click": {"answer_kinds": ("mut", "req")},
    }


def test_going_back_to_the_defaults_is_a_version(cast: Cast) -> None:
    save_parameters(project=cast.project, values={"rage_click": {"min_clicks": 4}}, actor=None, at=NOW)
    back = save_parameters(project=cast.project, values={"rage_click": {"min_clicks": 3}}, actor=None, at=NOW)
    assert back is not None
    assert (back.number, back.values) == (2, {})


def test_a_value_that_a_parameter_cannot_have_is_refused_with_the_reason(cast: Cast) -> None:
    with pytest.raises(SenselessParametersError) as refused:
        save_parameters(
            project=cast.project,
            values={"rage_click": {"min_clicks": 1, "no_such": 2}},
            actor=None,
            at=NOW,
        )
    assert set(refused.value.problems) == {("rage_click", "min_clicks"), ("rage_click", "no_such")}
    assert not ParameterVersion.objects.exists()


def test_what_this_release_no_longer_has_is_left_out(cast: Cast) -> None:
    version = ParameterVersion(project=cast.project, number=1, values={"gone": {"x": 1}, "rage_click": {"gone": 2}})
    assert settings.own_values(version) == {}


def test_a_tick_does_not_read_what_can_hide_nothing_any_more(cast: Cast) -> None:
    make_suppression(
        cast.project, signal="rage_click", created_at=NOW - timedelta(days=20), expires_at=NOW - timedelta(days=10)
    )
    horizon = NOW - timedelta(days=9)
    assert settings.hidings_in_force(shard=0, shards=1, as_of=NOW, horizon=horizon) == {}
    assert Suppression.objects.count() == 1
