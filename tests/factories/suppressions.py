"""Suppressions, as the admin makes them."""

from datetime import datetime, timedelta

from apps.detection.models import Suppression
from apps.organizations.models import User
from apps.projects.models import Project


def make_suppression(
    project: Project,
    *,
    created_at: datetime,
    signal: str = "",
    route_pattern: str = "",
    element_pattern: str = "",
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> Suppression:
    """Stores a suppression; by default it expires after two weeks."""
    return Suppression.objects.create(
        project=project,
        signal=signal,
        route_pattern=route_pattern,
        element_pattern=element_pattern,
        reason="Known, fixed in the next release.",
        created_by=created_by,
        created_at=created_at,
        expires_at=expires_at or created_at + timedelta(days=14),
    )
