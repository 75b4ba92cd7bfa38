"""Thresholds and their immutable versions."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from apps.organizations.models import User
from apps.projects.models import Project
from apps.projects.shards import of_shard


class GroupBy(models.TextChoices):
    """What a threshold counts apart: each group has its own verdict and its own incident."""

    NOTHING = "nothing", "Nothing: the whole project"
    ROUTE = "route", "Route"
    ELEMENT = "element", "Element"
    ROUTE_AND_ELEMENT = "route_element", "Route and element"


class Metric(models.TextChoices):
    """What a threshold counts."""

    SIGNALS = "signals", "Signals"
    SESSIONS = "sessions", "Sessions with a signal"
    USERS = "users", "Identified users with a signal"
    SHARE = "share", "Sessions with a signal, of every 1,000 sessions"


class Severity(models.TextChoices):
    """How urgent an incident of this threshold is."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class ThresholdQuerySet(models.QuerySet["Threshold"]):
    """Reads of thresholds."""

    def visible_to(self, user: User) -> Self:
        """The thresholds of the projects that `user` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))


class Threshold(models.Model):
    """A rule of a project: its name and the version in force, which has the numbers and says whether it is on."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="thresholds")
    name = models.CharField(max_length=100)
    # RESTRICT, not PROTECT: the version cannot go alone, but it goes when the whole threshold does.
    current_version = models.ForeignKey(
        "ThresholdVersion", on_delete=models.RESTRICT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ThresholdQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="threshold_name_per_project")]

    def __str__(self) -> str:
        return self.name


class ThresholdVersionQuerySet(models.QuerySet["ThresholdVersion"]):
    """Reads of versions."""

    def of_shard(self, shard: int, shards: int) -> Self:
        """The versions of the projects whose id is `shard` modulo `shards`."""
        return self.filter(of_shard(shard, shards, project="threshold__project_id"))

    def saved_in(self, after: datetime, until: datetime) -> Self:
        """The versions that came into force at a tick in (after, until]."""
        return self.filter(created_at__gt=after, created_at__lte=until)

    def in_force(self, as_of: datetime) -> Self:
        """Of every threshold the newest version saved by `as_of`, where that one is enabled.

        By the logical time, not "the current one": a missed tick that is caught up later is judged by the rules of its
        own time.
        """
        newest = self.filter(created_at__lte=as_of).order_by("threshold_id", "-number").distinct("threshold_id")
        return ThresholdVersion.objects.filter(pk__in=newest.values("pk"), enabled=True)  # type: ignore[return-value]


class ThresholdVersion(models.Model):
    """One saved state of a threshold. Never changed: a verdict names the version that gave it."""

    threshold = models.ForeignKey(Threshold, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # Switching off and on makes versions too, so that a replay knows when a threshold measured nothing.
    enabled = models.BooleanField(default=True)
    signals = ArrayField(models.CharField(max_length=40))
    route_pattern = models.CharField(max_length=200, blank=True)
    element_pattern = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=50, blank=True)
    release = models.CharField(max_length=100, blank=True)
    device = models.CharField(max_length=20, blank=True)
    group_by = models.CharField(max_length=20, choices=GroupBy, default=GroupBy.ROUTE_AND_ELEMENT)
    metric = models.CharField(max_length=20, choices=Metric, default=Metric.SESSIONS)
    # Seconds; a multiple of the tick (10 s), so that every window is cut on the same grid.
    window_seconds = models.PositiveIntegerField(
        default=900, validators=[MinValueValidator(60), MaxValueValidator(86_400)]
    )
    # Of a share: sessions in 1,000.
    at_least = models.PositiveIntegerField(default=5, validators=[MinValueValidator(1)])
    # Of a share: all sessions; else those with a signal.
    minimum_sessions = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    # How many percent of the number `earlier_seconds` before it takes too; 0 compares with nothing.
    factor_percent = models.PositiveIntegerField(default=0)
    earlier_seconds = models.PositiveIntegerField(default=0)
    # Of the last `breaches_among` verdicts, one every 10 s, so many have to reach the numbers, the last of them too.
    breaches_needed = models.PositiveIntegerField(default=1)
    breaches_among = models.PositiveIntegerField(default=1)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.MEDIUM)
    # Seconds without a breach after which an incident resolves by itself.
    quiet_seconds = models.PositiveIntegerField(
        default=3600, validators=[MinValueValidator(60), MaxValueValidator(604_800)]
    )
    # Sessions that have to come to the route after the last breach before an incident resolves by itself: that nobody
    # came is no sign that it is well again.
    minimum_exposure = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # In force from the first tick at or after this moment.
    created_at = models.DateTimeField()

    objects = ThresholdVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["threshold", "number"], name="version_number_per_threshold"),
            models.CheckConstraint(condition=models.Q(window_seconds__range=(60, 86_400)), name="window_1min_to_24h"),
            models.CheckConstraint(condition=Exact(Mod("window_seconds", 10), 0), name="window_on_the_grid"),
            models.CheckConstraint(condition=models.Q(at_least__gte=1), name="bound_at_least_one"),
            models.CheckConstraint(condition=models.Q(minimum_sessions__gte=1), name="minimum_sessions_at_least_one"),
            models.CheckConstraint(condition=models.Q(quiet_seconds__range=(60, 604_800)), name="quiet_1min_to_7d"),
            models.CheckConstraint(
                condition=models.Q(factor_percent=0, earlier_seconds=0)
                | models.Q(
                    factor_percent__range=(100, 100_000),
                    earlier_seconds__gte=models.F("window_seconds"),
                    earlier_seconds__lte=604_800,
                ),
                name="compares_with_an_earlier_window",
            ),
            models.CheckConstraint(condition=Exact(Mod("earlier_seconds", 10), 0), name="earlier_on_the_grid"),
            models.CheckConstraint(
                condition=models.Q(
                    breaches_needed__gte=1, breaches_among__gte=models.F("breaches_needed"), breaches_among__lte=360
                ),
                name="breaches_needed_of_those_among",
            ),
            models.CheckConstraint(
                condition=~models.Q(metric="share") | models.Q(at_least__lte=1_000), name="share_of_at_most_all"
            ),
            models.CheckConstraint(condition=models.Q(minimum_exposure__lte=1_000_000), name="exposure_at_most_1m"),
            models.CheckConstraint(condition=models.Q(group_by__in=GroupBy.values), name="group_by_is_known"),
            models.CheckConstraint(condition=models.Q(metric__in=Metric.values), name="metric_is_known"),
            models.CheckConstraint(condition=models.Q(signals__len__gte=1), name="counts_at_least_one_signal"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} v{self.number}"
