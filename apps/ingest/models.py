"""The spool: batches that were acknowledged while the event store could not take them."""

from typing import Self

from django.db import models

from apps.organizations.models import User
from apps.projects.models import Project


class SpooledBatchQuerySet(models.QuerySet["SpooledBatch"]):
    """Reads of waiting batches."""

    def visible_to(self, user: User) -> Self:
        """The batches of the projects that `user` may see; for superusers also those of projects that are gone."""
        if user.is_active and user.is_superuser:
            return self.all()
        return self.filter(project_id__in=Project.objects.visible_to(user).values("pk"))

    def waiting(self) -> Self:
        """What a drain will store, oldest first."""
        return self.filter(set_aside="").order_by("pk")


class SpooledBatch(models.Model):
    """One batch's events. Ids rise in the order in which batches were acknowledged: see `apps.ingest.spool`."""

    # No foreign key: a project that is deleted meanwhile must not stop, or take along, what was acknowledged.
    project_id = models.BigIntegerField()
    spooled_at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField(help_text="Of the payload, compressed.")
    # Compressed columns; apps.ingest.spooled_columns reads and writes it.
    payload = models.BinaryField()
    set_aside = models.TextField(blank=True, default="", help_text="Why it cannot be stored. Empty: it will be.")

    objects = SpooledBatchQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            # The dashboard's note: since when a project's events wait.
            models.Index(fields=["project_id", "id"], name="spooled_by_project"),
            # The number of those set aside, every few seconds.
            models.Index(fields=["id"], name="spooled_set_aside", condition=~models.Q(set_aside="")),
        ]
        verbose_name = "waiting batch"
        verbose_name_plural = "waiting batches"

    def __str__(self) -> str:
        return f"Batch {self.pk}"


class SpoolSize(models.Model):
    """How much the spool holds, in its only row, so that its bound holds for all processes without counting rows."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="spool_size_has_one_row"),
            models.CheckConstraint(condition=models.Q(bytes__gte=0), name="spool_size_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.bytes} bytes"
