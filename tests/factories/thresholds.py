"""Thresholds with their first version."""

from collections.abc import Sequence
from datetime import UTC, datetime

from apps.projects.models import Project
from apps.thresholds.models import GroupBy, Metric, Severity, Threshold, ThresholdVersion

# Before every test's NOW, so that the version is in force at its first tick.
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def make_threshold(
    project: Project,
    *,
    name: str = "Rage clicks",
    signals: Sequence[str] = ("rage_click",),
    group_by: GroupBy = GroupBy.ROUTE_AND_ELEMENT,
    metric: Metric = Metric.SESSIONS,
    at_least: int = 1,
    window_seconds: int = 900,
    minimum_sessions: int = 1,
    quiet_seconds: int = 3600,
    minimum_exposure: int = 0,
    factor_percent: int = 0,
    earlier_seconds: int = 0,
    breaches_needed: int = 1,
    breaches_among: int = 1,
    severity: Severity = Severity.HIGH,
    route_pattern: str = "",
    element_pattern: str = "",
    created_at: datetime = LONG_AGO,
) -> Threshold:
    """Stores a threshold whose version 1 is in force."""
    threshold = Threshold.objects.create(project=project, name=name)
    threshold.current_version = ThresholdVersion.objects.create(
        threshold=threshold,
        number=1,
        signals=list(signals),
        group_by=group_by,
        metric=metric,
        at_least=at_least,
        window_seconds=window_seconds,
        minimum_sessions=minimum_sessions,
        quiet_seconds=quiet_seconds,
        minimum_exposure=minimum_exposure,
        factor_percent=factor_percent,
        earlier_seconds=earlier_seconds,
        breaches_needed=breaches_needed,
        breaches_among=breaches_among,
        severity=severity,
        route_pattern=route_pattern,
        element_pattern=element_pattern,
        created_at=created_at,
    )
    threshold.save(update_fields=["current_version"])
    return threshold
