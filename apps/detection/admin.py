"""What a project's engineers set about signals: what is not to be counted, and the numbers of the rules."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from apps.clickhouse.client import ClickHouseError
from apps.core import admin_times, clock
from apps.detection.admin_forms import ParametersForm, SuppressionForm, parameter_fields
from apps.detection.admin_words import change_in_words, suppression_in_words
from apps.detection.catalog import DEFINITIONS, by_name
from apps.detection.definition import Definition
from apps.detection.hidden_counts import HiddenCount, hidden_counts
from apps.detection.models import ParameterVersion, ProjectSignals, Suppression
from apps.detection.settings import OwnValues, end_suppression, own_values, save_parameters
from apps.organizations.models import Role
from apps.organizations.scoped_admin import ScopedAdmin, ScopedRelatedFilter, signed_in


@admin.register(Suppression)
class SuppressionAdmin(ScopedAdmin):
    """Known trouble that is not to be counted: made with a reason and an end, ended early, never edited."""

    form = SuppressionForm
    list_display = ["what", "project", "status", "hidden", "reason", "created_by"]
    list_display_links = ["what"]
    list_filter: ClassVar[Any] = [("project", ScopedRelatedFilter)]
    list_select_related = ["project", "created_by"]
    search_fields = ["reason"]
    ordering = ["-created_at"]
    organization_path = ("project", "organization")
    add_role = Role.ENGINEER
    words_when_empty = "Nothing is suppressed: every signal counts."
    readonly_fields = ["what", "status", "hidden", "made"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The form of a new one; what an existing one says and did."""
        if obj is None:
            return ["project", "signal", "route_pattern", "element_pattern", "reason", "days"]
        return ["project", "what", "reason", "made", "status", "hidden"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Nothing of a new one; all of an existing one."""
        return [*self.readonly_fields, "project", "reason"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """With its owner."""
        obj.created_by = signed_in(request)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        """With the page that ends one."""
        end = path("<int:suppression_id>/end/", self.admin_site.admin_view(self.end_page), name="end_suppression")
        return [end, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With what each of the shown ones hid, by one query."""
        response = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None:
            _count_hidden(list(changelist.result_list))
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With what it hid."""
        suppression = super().get_object(request, object_id, from_field)
        if suppression is not None:
            _count_hidden([suppression])
        return suppression

    def end_page(self, request: HttpRequest, suppression_id: int) -> HttpResponse:
        """Asks once more, then ends it. 404 for who may not see it, 403 for who may only look."""
        suppression = self.get_queryset(request).select_related("project").filter(pk=suppression_id).first()
        if suppression is None:
            raise Http404
        if not self._may(request, Role.ENGINEER, suppression):
            raise PermissionDenied
        address = reverse("admin:detection_suppression_change", args=[suppression.pk])
        if request.method == "POST":
            if end_suppression(suppression, actor=signed_in(request), at=clock.now()):
                self.log_change(request, suppression, "Ended.")
                messages.success(request, "It is over: what happens from now on counts again.")
            return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": "End a suppression",
            "suppression": suppression,
            "what": suppression_in_words(suppression),
            "is_over": suppression.until <= clock.now(),
            "address": address,
        }
        return render(request, "irk/end_suppression.html", context)

    @admin.display(description="Not counted")
    def what(self, suppression: Suppression) -> str:
        """Which signals it hides."""
        return suppression_in_words(suppression)

    @admin.display(description="In force", ordering="expires_at")
    def status(self, suppression: Suppression) -> str:
        """Until when, or since when it is over; with the way to end it."""
        if suppression.until <= clock.now():
            how = "Ended" if suppression.ended_at else "Expired"
            return format_html("<span>{} {}</span>", how, admin_times.shown(suppression.until))
        return format_html(
            '<span>Until {} <a class="irk-link" href="{}">End…</a></span>',
            admin_times.shown(suppression.until),
            reverse("admin:end_suppression", args=[suppression.pk]),
        )

    @admin.display(description="Has hidden")
    def hidden(self, suppression: Suppression) -> str:
        """How much, of what is still kept."""
        count: HiddenCount | None = getattr(suppression, "hidden_count", None)
        if count is None:
            return "Unknown: the event store does not answer"
        if not count.signals:
            return "Nothing so far"
        signals = f"{count.signals:,} signal{'' if count.signals == 1 else 's'}"
        return f"{signals} of {count.sessions:,} session{'' if count.sessions == 1 else 's'}"

    @admin.display(description="Made by")
    def made(self, suppression: Suppression) -> str:
        """Its owner, and when."""
        maker = suppression.created_by or "somebody who left"
        return format_html("{}, {}", maker, admin_times.shown(suppression.created_at))


@admin.register(ProjectSignals)
class ProjectSignalsAdmin(ScopedAdmin):
    """The numbers of the rules in each project; saving them makes the next version."""

    form = ParametersForm
    list_display = ["name", "organization", "own_signals"]
    list_filter: ClassVar[Any] = [("organization", ScopedRelatedFilter)]
    list_select_related = ["organization"]
    search_fields = ["name"]
    organization_path = ("organization",)
    change_role = Role.ENGINEER
    list_before_template = "irk/signals_list_head.html"
    change_form_outer_after_template = "irk/parameter_versions.html"
    words_when_empty = "Signals belong to a project, and there is none yet: see “Projects and keys”."
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their versions, for the list's words."""
        return super().get_queryset(request).prefetch_related("parameter_versions")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A box for each signal; for who may only look, what differs from the defaults."""
        if obj is None or not self.has_change_permission(request, obj):
            return [(None, {"fields": ["own_parameters"]})]
        boxes: dict[str, list[str]] = {}
        for name, definition, _ in parameter_fields():
            boxes.setdefault(definition.name, []).append(name)
        return [
            (
                definition.title,
                {"fields": boxes[definition.name], "description": _sentence(definition), "classes": ["collapse"]},
            )
            for definition in DEFINITIONS
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form makes its fields itself: Django would look for them on the model."""
        kwargs["fields"] = []
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """For who may only look."""
        return [] if obj is not None and self.has_change_permission(request, obj) else ["own_parameters"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The next version. The project itself stays as it is."""
        save_parameters(project=obj, values=form.parameter_values(), actor=signed_in(request), at=clock.now())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With every version, newest first."""
        project = kwargs.get("obj")
        if project is not None:
            versions = ParameterVersion.objects.filter(project_id=project.pk).select_related("created_by")
            context["versions"] = [(version, change_in_words(own_values(version))) for version in versions[:50]]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Own numbers for")
    def own_signals(self, project: ProjectSignals) -> str:
        """The signals with a parameter that differs from the defaults."""
        return ", ".join(by_name(signal).title for signal in _own(project)) or "None: the defaults hold"

    @admin.display(description="Own numbers")
    def own_parameters(self, project: ProjectSignals) -> str:
        """What differs from the defaults."""
        return change_in_words(_own(project))


def _own(project: ProjectSignals) -> OwnValues:
    # Prefetched, newest first.
    versions = list(project.parameter_versions.all())
    return own_values(versions[0] if versions else None)


def _sentence(definition: Definition) -> str:
    return definition.sentence.format(**definition.values())


def _count_hidden(suppressions: list[Suppression]) -> None:
    """Sets `hidden_count` on each; on none where the event store does not answer."""
    try:
        counts = hidden_counts(suppressions)
    except ClickHouseError:
        return
    for suppression in suppressions:
        suppression.hidden_count = counts[suppression.pk]  # type: ignore[attr-defined]  # read by the page alone
