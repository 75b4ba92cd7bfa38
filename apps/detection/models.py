"""What a project's engineers set about signals: their parameters, and what is not to be counted."""

from datetime import datetime
from typing import Self

from django.db import models

from apps.organizations.models import User
from apps.projects.models import Project

HIDES_EVERYTHING = "Name a signal, a route or an element: without one, everything would be hidden."


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Reads of suppressions."""

    def visible_to(self, user: User) -> Self:
        """The suppressions of the projects that `user` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))


class Suppression(models.Model):
    """Signals of a project that are not to be counted, because somebody knows about them.

    It hides the signals that begin in [created_at, ended_at or expires_at). Only its end ever changes.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="suppressions")
    # Empty: every signal.
    signal = models.CharField(max_length=40, blank=True)
    route_pattern = models.CharField(max_length=200, blank=True)
    element_pattern = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField()
    # Ended by a person before it expired.
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(signal="", route_pattern="", element_pattern=""),
                name="suppresses_something_named",
                violation_error_message=HIDES_EVERYTHING,
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="suppression_expires_after_it_began",
                violation_error_message="A suppression must end after it began.",
            ),
        ]

    def __str__(self) -> str:
        return f"Suppression {self.pk}"

    @property
    def until(self) -> datetime:
        """When it stops, or stopped, hiding."""
        return min(self.ended_at, self.expires_at) if self.ended_at else self.expires_at


class ParameterVersionQuerySet(models.QuerySet["ParameterVersion"]):
    """Reads of parameters."""

    def visible_to(self, user: User) -> Self:
        """Those of the projects that `user` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def in_force(self, as_of: datetime) -> Self:
        """Of every project the newest version saved by `as_of`: by the logical time, as for thresholds."""
        return self.filter(created_at__lte=as_of).order_by("project_id", "-number").distinct("project_id")


class ParameterVersion(models.Model):
    """A project's own parameters of its signals, as saved once. Never changed.

    `values` maps signal → parameter → value (a whole number, or a list of names) for what differs from the defaults.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="parameter_versions")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # In force from the first tick at or after this moment.
    created_at = models.DateTimeField()

    objects = ParameterVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="parameter_version_per_project")]

    def __str__(self) -> str:
        return f"{self.project} signals v{self.number}"


class ProjectSignals(Project):
    """A project, seen as the signals that it looks for: the admin's page about their parameters."""

    class Meta:
        proxy = True
        verbose_name = "signals of a project"
        verbose_name_plural = "signals"
