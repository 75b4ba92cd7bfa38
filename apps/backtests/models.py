"""Backtests that somebody asked for: what to run, how far it is, and what it found."""

from typing import Self
from uuid import uuid4

from django.db import models

from apps.detection.models import ParameterVersion
from apps.organizations.models import User
from apps.projects.models import Project
from apps.thresholds.models import Threshold, ThresholdVersion


class State(models.TextChoices):
    """How far a backtest is. `running` says how it moves."""

    WAITING = "waiting", "Waiting for a worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED = (State.WAITING, State.RUNNING)


class BacktestQuerySet(models.QuerySet["Backtest"]):
    """Reads of backtests."""

    def visible_to(self, user: User) -> Self:
        """The backtests of the projects that `user` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def unfinished(self) -> Self:
        """Those that wait or run."""
        return self.filter(state__in=UNFINISHED)


class Backtest(models.Model):
    """A draft of a threshold, or of a project's signal parameters, against history.

    The row is all that a backtest ever writes.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    # Null: the draft is of the project's signal parameters.
    threshold = models.ForeignKey(Threshold, on_delete=models.CASCADE, null=True, related_name="backtests")
    # What was in force when it was asked for and the draft is compared with: of a threshold its version, of signal
    # parameters theirs, null where all were the defaults.
    version = models.ForeignKey(ThresholdVersion, on_delete=models.CASCADE, null=True, related_name="+")
    parameters = models.ForeignKey(ParameterVersion, on_delete=models.CASCADE, null=True, related_name="+")
    # Of a threshold its fields, as `thresholds.versions` names them; of signal parameters as ParameterVersion.values.
    draft = models.JSONField()
    # The first and the last tick.
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Percent.
    progress = models.PositiveSmallIntegerField(default=0)
    # What `report.to_json` made of it. Null until it is done.
    report = models.JSONField(null=True)
    # Why it failed, for the person who asked.
    problem = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()

    objects = BacktestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", report__isnull=False) | ~models.Q(state="done"),
                name="a_done_backtest_has_its_report",
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__isnull=False, version__isnull=False, parameters__isnull=True)
                | models.Q(threshold__isnull=True, version__isnull=True),
                name="a_backtest_is_of_a_threshold_or_of_parameters",
            ),
        ]

    def __str__(self) -> str:
        return f"Backtest of {self.threshold or 'signal parameters'}"


class ParityCheck(models.Model):
    """How many of a day's incidents a backtest of it gave again, one by one. See `parity`."""

    shard = models.PositiveIntegerField()
    shards = models.PositiveIntegerField()
    day = models.DateField()
    compared = models.PositiveIntegerField()
    identical = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shard", "shards", "day"], name="one_parity_check_a_day"),
            models.CheckConstraint(
                condition=models.Q(identical__lte=models.F("compared")), name="identical_were_compared"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identical} of {self.compared} on {self.day}"

    @property
    def ratio(self) -> float:
        """1 where everything was the same, or there was nothing to compare."""
        return self.identical / self.compared if self.compared else 1.0
