"""Saving thresholds: immutable versions, and what is refused."""

from datetime import timedelta
from typing import get_args

import pytest
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from apps.thresholds.evaluation import Grouping
from apps.thresholds.evaluation import Metric as MetricName
from apps.thresholds.models import GroupBy, Metric, ThresholdVersion
from apps.thresholds.versions import SenselessThresholdError, create_defaults, problems, save_version
from tests.conftest import NOW
from tests.factories import make_cast, make_threshold

SENSIBLE: dict[str, object] = {"signals": ["rage_click"]}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"signals": []}, "signals"),
        ({"signals": ["rage_clack"]}, "signals"),
        ({"window_seconds": 59}, "window_seconds"),
        ({"window_seconds": 86_410}, "window_seconds"),
        ({"window_seconds": 605}, "window_seconds"),
        ({"at_least": 0}, "at_least"),
        ({"minimum_sessions": 0}, "minimum_sessions"),
        ({"metric": "sessions", "at_least": 5, "minimum_sessions": 6}, "minimum_sessions"),
        ({"metric": "signals", "at_least": 5, "minimum_sessions": 6}, "minimum_sessions"),
        ({"quiet_seconds": 59}, "quiet_seconds"),
        ({"quiet_seconds": 604_801}, "quiet_seconds"),
        ({"route_pattern": "https://shop.example.com/checkout"}, "route_pattern"),
        ({"route_pattern": "/search?q=*"}, "route_pattern"),
        ({"device": "fridge"}, "device"),
        ({"group_by": "moon"}, "group_by"),
        ({"metric": "tears"}, "metric"),
        ({"severity": "meh"}, "severity"),
        ({"metric": "share", "at_least": 1_001}, "at_least"),
        ({"earlier_seconds": 86_400}, "factor_percent"),
        ({"factor_percent": 99, "earlier_seconds": 86_400}, "factor_percent"),
        ({"factor_percent": 200}, "earlier_seconds"),
        ({"factor_percent": 200, "earlier_seconds": 890}, "earlier_seconds"),
        ({"factor_percent": 200, "earlier_seconds": 3_605}, "earlier_seconds"),
        ({"factor_percent": 200, "earlier_seconds": 604_810}, "earlier_seconds"),
        ({"breaches_among": 361}, "breaches_among"),
        ({"breaches_among": 3, "breaches_needed": 4}, "breaches_needed"),
        ({"breaches_needed": 0}, "breaches_needed"),
        ({"minimum_exposure": 1_000_001}, "minimum_exposure"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(fields: dict[str, object], field: str) -> None:
    found = problems({**SENSIBLE, **fields})
    assert list(found) == [field]
    assert found[field].endswith(".")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"window_seconds": 60},
        {"window_seconds": 86_400},
        {"metric": "sessions", "at_least": 5, "minimum_sessions": 5},
        # Five users can be reached by ten sessions.
        {"metric": "users", "at_least": 5, "minimum_sessions": 10},
        {"route_pattern": "/checkout/*", "device": "mobile", "quiet_seconds": 60},
        {"environment": None, "at_least": None},
        {"metric": "share", "at_least": 1_000, "minimum_sessions": 5_000},
        {"factor_percent": 100, "earlier_seconds": 900},
        {"factor_percent": 300, "earlier_seconds": 604_800, "breaches_among": 360, "breaches_needed": 360},
        {"minimum_exposure": 1_000_000},
    ],
)
def test_what_makes_sense_passes(fields: dict[str, object]) -> None:
    assert problems({**SENSIBLE, **fields}) == {}


@pytest.mark.django_db
def test_a_change_makes_the_next_version_and_leaves_the_one_before_as_it_was() -> None:
    cast = make_cast()
    threshold = make_threshold(cast.project, at_least=5)
    version = save_version(threshold=threshold, fields={"at_least": 7}, actor=cast.alice, at=NOW)
    assert (version.number, version.at_least, version.created_by, version.created_at) == (2, 7, cast.alice, NOW)
    assert threshold.current_version == version
    assert list(threshold.versions.values_list("number", "at_least")) == [(2, 7), (1, 5)]


@pytest.mark.django_db
def test_saving_what_is_there_already_makes_no_version() -> None:
    threshold = make_threshold(make_cast().project, signals=["rage_click", "dead_click"])
    before = threshold.current_version
    fields = {"signals": ["dead_click", "rage_click"], "route_pattern": " ", "at_least": 1}
    assert save_version(threshold=threshold, fields=fields, actor=None, at=NOW) == before
    assert threshold.versions.count() == 1


@pytest.mark.django_db
def test_a_senseless_change_is_refused_and_nothing_is_saved() -> None:
    threshold = make_threshold(make_cast().project)
    with pytest.raises(SenselessThresholdError) as caught:
        save_version(threshold=threshold, fields={"window_seconds": 5}, actor=None, at=NOW)
    assert list(caught.value.problems) == ["window_seconds"]
    assert threshold.versions.count() == 1


@pytest.mark.django_db
def test_a_field_that_a_version_does_not_have_is_a_mistake_in_the_code() -> None:
    with pytest.raises(TypeError):
        save_version(threshold=make_threshold(make_cast().project), fields={"colour": "red"}, actor=None, at=NOW)


@pytest.mark.django_db
def test_a_clock_set_back_puts_no_version_in_force_before_the_one_it_follows() -> None:
    threshold = make_threshold(make_cast().project, created_at=NOW)
    version = save_version(threshold=threshold, fields={"at_least": 9}, actor=None, at=NOW - timedelta(hours=1))
    assert version.created_at == NOW


@pytest.mark.django_db
def test_in_force_is_the_newest_version_saved_by_then() -> None:
    threshold = make_threshold(make_cast().project, created_at=NOW)
    save_version(threshold=threshold, fields={"at_least": 9}, actor=None, at=NOW + timedelta(seconds=10))

    def in_force(seconds: int) -> list[int]:
        return [version.number for version in ThresholdVersion.objects.in_force(NOW + timedelta(seconds=seconds))]

    assert [in_force(seconds) for seconds in (-1, 0, 9, 10)] == [[], [1], [1], [2]]
    save_version(threshold=threshold, fields={"enabled": False}, actor=None, at=NOW + timedelta(seconds=20))
    assert [in_force(seconds) for seconds in (19, 20)] == [[2], []]


@pytest.mark.django_db
def test_switching_off_and_on_are_versions() -> None:
    threshold = make_threshold(make_cast().project, at_least=5)
    off = save_version(threshold=threshold, fields={"enabled": False}, actor=None, at=NOW)
    on = save_version(threshold=threshold, fields={"enabled": True}, actor=None, at=NOW + timedelta(minutes=1))
    assert [(each.number, each.enabled, each.at_least) for each in (off, on)] == [(2, False, 5), (3, True, 5)]


@pytest.mark.django_db
def test_nothing_is_compared_with_a_time_of_which_the_project_keeps_nothing() -> None:
    threshold = make_threshold(make_cast().project)
    threshold.project.retention_days = 7
    threshold.project.save()
    week = {"factor_percent": 200, "earlier_seconds": 604_800}
    with pytest.raises(SenselessThresholdError, match="keeps events for 7 days only"):
        save_version(threshold=threshold, fields=week, actor=None, at=NOW)
    day = {**week, "earlier_seconds": 86_400}
    assert save_version(threshold=threshold, fields=day, actor=None, at=NOW).number == 2


@pytest.mark.django_db
def test_a_new_project_watches_what_is_a_fault_of_any_site() -> None:
    cast = make_cast()
    create_defaults(cast.project, cast.alice)
    watched = [signal for version in ThresholdVersion.objects.all() for signal in version.signals]
    faults = ["dead_click", "error_burst", "error_click", "form_retry", "page_loop", "rage_click", "reload_burst"]
    assert sorted(watched) == [*faults, "request_failures"]
    assert create_defaults(cast.project, cast.alice) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"window_seconds": 65},
        {"window_seconds": 50},
        {"at_least": 0},
        {"minimum_sessions": 0},
        {"quiet_seconds": 10},
        {"signals": []},
        {"metric": "tears"},
        {"group_by": "moon"},
        {"metric": "share", "at_least": 1_001},
        {"factor_percent": 200},
        {"earlier_seconds": 900},
        {"factor_percent": 99, "earlier_seconds": 900},
        {"factor_percent": 200, "earlier_seconds": 890},
        {"factor_percent": 200, "earlier_seconds": 905},
        {"breaches_needed": 2},
        {"breaches_needed": 0},
        {"breaches_among": 361},
        {"minimum_exposure": 1_000_001},
    ],
)
def test_the_database_refuses_senseless_versions_too(fields: dict[str, object]) -> None:
    threshold = make_threshold(make_cast().project)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThresholdVersion.objects.filter(threshold=threshold).update(**fields)


@pytest.mark.django_db
def test_a_threshold_goes_with_its_versions_and_no_version_goes_alone() -> None:
    threshold = make_threshold(make_cast().project)
    with pytest.raises(RestrictedError), transaction.atomic():
        threshold.versions.get().delete()
    threshold.delete()
    assert not ThresholdVersion.objects.exists()


def test_the_models_choices_are_those_of_the_rules() -> None:
    assert set(GroupBy.values) == set(get_args(Grouping))
    assert set(Metric.values) == set(get_args(MetricName))
