"""Incidents, the transitions of their state, and how far each shard has been evaluated."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Greatest

from apps.organizations.models import User
from apps.projects.models import Project
from apps.thresholds.models import Severity, Threshold, ThresholdVersion


class State(models.TextChoices):
    """Where an incident stands. `lifecycle.decide` says how it moves."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    MUTED = "muted", "Muted"
    RESOLVED = "resolved", "Resolved"


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Reads of incidents."""

    def visible_to(self, user: User) -> Self:
        """The incidents of the projects that `user` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def unresolved(self) -> Self:
        """The incidents that still need somebody: open, acknowledged or muted."""
        return self.exclude(state=State.RESOLVED)

    def with_next_change(self, as_of: datetime) -> Self:
        """Unresolved ones with what the rules in force at `as_of` say of them.

        `changes_at`: when time alone changes them. The end of the mute, or else the end of the quiet time, as
        `lifecycle.decide` counts it. `waits_for`: how many sessions have to come before they resolve by themselves.
        `measured`: whether the threshold was enabled then.
        """
        versions = ThresholdVersion.objects.filter(threshold=models.OuterRef("threshold"), created_at__lte=as_of)
        in_force = versions.order_by("-number")
        quiet = models.Func(
            models.Subquery(in_force.values("quiet_seconds")[:1]),
            template="make_interval(secs => %(expressions)s)",
            output_field=models.DurationField(),
        )
        # Postgres leaves NULL out of GREATEST.
        quiet_at = models.ExpressionWrapper(
            Greatest("breached_until", "opened_at", "reopened_at") + quiet, output_field=models.DateTimeField()
        )
        changes_at = models.Case(models.When(state=State.MUTED, then=models.F("muted_until")), default=quiet_at)
        return self.unresolved().annotate(
            changes_at=changes_at,
            waits_for=models.Subquery(in_force.values("minimum_exposure")[:1]),
            measured=models.Subquery(in_force.values("enabled")[:1]),
        )

    def with_latest_first(self) -> Self:
        """By fingerprint, the one that decides first: the unresolved one, or else the last."""
        resolved = models.Case(models.When(state=State.RESOLVED, then=1), default=0)
        return self.order_by("fingerprint", resolved, "-opened_at")


class Incident(models.Model):
    """A breached threshold in one group.

    `id` is derived from the fingerprint and the tick that opened it, so that a replay gives the same incident.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="incidents")
    threshold = models.ForeignKey(Threshold, on_delete=models.CASCADE, related_name="incidents")
    # The version that opened it, the last time; later ticks are judged by the version then in force.
    version = models.ForeignKey(ThresholdVersion, on_delete=models.RESTRICT, related_name="+")
    # Hash of project, threshold and group.
    fingerprint = models.UUIDField(editable=False)
    # The group: {"route": …, "element": …, "label": …}, absent keys where the threshold does not group by them.
    group = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    severity = models.CharField(max_length=10, choices=Severity)
    sentence = models.TextField()
    # The verdict that opened it, with its trace; and the strongest since.
    opening = models.JSONField()
    peak = models.JSONField()
    # as_of of the tick that opened it.
    opened_at = models.DateTimeField()
    # Ends, by event time, of the first and the last window that breaches as far as is known. The last lies ahead of the
    # clock while the signals are still inside the window: it moves when signals change, not when time passes, so that
    # a tick costs nothing for an incident to which nothing happens.
    breach_began_at = models.DateTimeField()
    breached_until = models.DateTimeField()
    opened_late = models.BooleanField(default=False)
    # The last time a breach or a person opened it again. Its quiet time counts from here at the earliest.
    reopened_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    # Set when late events took back so many of its signals that no breached window remains.
    retracted_at = models.DateTimeField(null=True, blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)
    # What ends a mute sooner: the metric's number, a release in which it shows. 0 and empty: nothing does.
    muted_level = models.PositiveIntegerField(default=0)
    muted_release = models.CharField(max_length=100, blank=True, default="")
    assignee = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="assigned_incidents"
    )
    regressions = models.PositiveIntegerField(default=0)
    # The release with which the breach began, the last time; empty where it began with none. See `attribution`.
    release = models.CharField(max_length=100, blank=True, default="")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=~models.Q(state="resolved"),
                name="one_unresolved_incident_per_fingerprint",
            ),
            models.CheckConstraint(
                condition=models.Q(state="resolved", resolved_at__isnull=False)
                | (~models.Q(state="resolved") & models.Q(resolved_at__isnull=True)),
                name="resolved_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="muted", muted_until__isnull=False)
                | (~models.Q(state="muted") & models.Q(muted_until__isnull=True)),
                name="muted_has_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state="muted") | models.Q(muted_level=0, muted_release=""),
                name="only_a_mute_ends_sooner",
            ),
        ]
        indexes = [
            # The incident list: newest first within the projects a person may see.
            models.Index(fields=["project", "-opened_at"], name="incident_list"),
            # A tick's look-up of what time alone changes: quiet incidents and mutes that are over.
            models.Index(fields=["project"], condition=~models.Q(state="resolved"), name="unresolved_incidents"),
            # A tick's look-up of the latest incident of a fingerprint.
            models.Index(fields=["fingerprint", "-opened_at"], name="incident_by_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.sentence


class Transition(models.Model):
    """One change of an incident: who, when, why, and from what verdict. Rows are only ever added.

    An assignment is one too; its two states are the same.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="transitions")
    # Empty where the incident did not exist before.
    from_state = models.CharField(max_length=12, choices=State, blank=True)
    to_state = models.CharField(max_length=12, choices=State)
    # Logical time: a tick's as_of, or the moment a person acted.
    at = models.DateTimeField()
    # Null: the engine.
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.TextField()
    verdict = models.JSONField(null=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} → {self.to_state}"


class ForeseenBreach(models.Model):
    """A group that will breach by time alone, if nothing else arrives: the tick at `due_at` has to look at it.

    A window forgets what it is compared with, or the sessions that its share is of; or one verdict more is needed.
    """

    # As of its incident, whether there is one or not.
    fingerprint = models.UUIDField(primary_key=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    threshold = models.ForeignKey(Threshold, on_delete=models.CASCADE, related_name="+")
    # {"route": …, "element": …}, as the threshold groups.
    group = models.JSONField(default=dict)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            # A tick's look-up of what is due.
            models.Index(fields=["due_at"], name="foreseen_breaches_due"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} at {self.due_at:%Y-%m-%d %H:%M:%S}"


class EvaluatedShard(models.Model):
    """How far a shard of projects has been evaluated. A tick and its results are committed together."""

    shard = models.PositiveIntegerField(primary_key=True)
    shards = models.PositiveIntegerField()
    last_as_of = models.DateTimeField()
    # Of the last tick, for the metrics.
    tick_seconds = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(shard__lt=models.F("shards")), name="shard_within_its_layout")
        ]

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.shards}"
