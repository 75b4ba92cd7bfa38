"""What waits in the spool, for those who run the installation. Nothing can be deleted here."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse

from apps.core import admin_times
from apps.core.admin_words import length_of_time
from apps.ingest import spool, spool_metrics
from apps.ingest.models import SpooledBatch
from apps.organizations.scoped_admin import ScopedAdmin, is_superuser
from apps.projects.models import Project


@admin.register(SpooledBatch)
class SpooledBatchAdmin(ScopedAdmin):
    """Batches that were acknowledged and are not in the event store yet, oldest first."""

    list_display = ["id", "waits_since", "project_name", "events", "bytes", "state"]
    list_display_links = None
    fields: ClassVar[Any] = ["project_name", "waits_since", "events", "bytes", "state"]
    readonly_fields: ClassVar[Any] = fields
    view_role = None
    waits_since = admin_times.column("spooled_at", "Waits since")
    list_before_template = "irk/spool_head.html"
    words_when_empty = "No batch waits: every acknowledged event is in the event store."
    actions: Sequence[Any] = ["try_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the payloads, which nobody reads here."""
        name = Project.objects.filter(pk=OuterRef("project_id")).values("name")
        rows: QuerySet[Any] = super().get_queryset(request).defer("payload").annotate(name=Subquery(name))
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Adds how much the spool holds and for how long, which no page of its batches tells."""
        held = spool_metrics.held()
        spool_head = {
            "held": held,
            "most": settings.INGEST_SPOOL_BYTES,
            "age": length_of_time(int(held.age.total_seconds())),
        }
        return super().changelist_view(request, {**(extra_context or {}), "spool": spool_head})

    @admin.action(description="Try again to store", permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[SpooledBatch]) -> None:
        """For batches that were set aside, once what stood in their way is mended."""
        number = spool.try_again(queryset)
        waiting = "1 batch waits" if number == 1 else f"{number} batches wait"
        messages.success(request, f"{waiting} for the event store again.")

    @admin.display(description="Project")
    def project_name(self, batch: Any) -> str:
        """The project's name, if it is still there."""
        return batch.name or f"{batch.project_id} (deleted)"

    @admin.display(description="State")
    def state(self, batch: SpooledBatch) -> str:
        """Whether it will be stored by itself."""
        return f"Set aside: {batch.set_aside}" if batch.set_aside else "Waits for the event store"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers: how stores are doing is the installation's business, not a customer's."""
        return is_superuser(request)
