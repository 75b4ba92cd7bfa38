"""Thresholds: written by engineers in words and units, read by everybody as a sentence."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core import clock
from apps.organizations.models import Role
from apps.organizations.scoped_admin import ScopedAdmin, ScopedRelatedFilter, signed_in
from apps.projects.admin import ProjectAdmin
from apps.projects.models import Project
from apps.thresholds.admin_forms import ThresholdForm
from apps.thresholds.admin_words import in_words
from apps.thresholds.models import Threshold
from apps.thresholds.versions import create_defaults, save_version


@admin.register(Threshold)
class ThresholdAdmin(ScopedAdmin):
    """A threshold: the form is the version in force, saving makes the next one."""

    form = ThresholdForm
    list_display = ["name_and_rule", "project", "is_enabled", "version_number"]
    list_display_links = ["name_and_rule"]
    list_filter: ClassVar[Any] = [("project", ScopedRelatedFilter), "current_version__enabled"]
    list_select_related = ["project", "current_version"]
    search_fields = ["name"]
    ordering = ["project__name", "name"]
    readonly_fields = ["rule_in_words", "is_enabled"]
    organization_path = ("project", "organization")
    add_role = change_role = Role.ENGINEER
    change_form_outer_after_template = "irk/threshold_versions.html"
    words_when_empty = "Nothing is watched, so no incident can open. Engineers and owners add thresholds."
    warn_unsaved_form = True

    _edit = (
        (None, {"fields": ["project", "name", "enabled"]}),
        ("When to open an incident", {"fields": ["signals", "metric", "at_least", "window_seconds", "group_by"]}),
        (
            "And only if",
            {
                "fields": [
                    "minimum_sessions", "earlier_seconds", "factor_percent", "breaches_among", "breaches_needed",
                ],
            },
        ),
        ("Only where", {"fields": ["route_pattern", "element_pattern", "environment", "release", "device"]}),
        ("What then", {"fields": ["severity", "quiet_seconds", "minimum_exposure"]}),
    )  # fmt: skip
    _read = ((None, {"fields": ["project", "name", "is_enabled", "rule_in_words"]}),)
    # What does not apply is hidden; the form gives it its default.
    conditional_fields: ClassVar[dict[str, str]] = {
        "factor_percent": "earlier_seconds > 0",
        "breaches_needed": "breaches_among > 1",
    }

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The form for who may write; the sentence for everybody else."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return self._edit if may_write else self._read

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A threshold stays in its project: its incidents belong there."""
        return [*self.readonly_fields, "project"] if obj else list(self.readonly_fields)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The threshold and its next version, together or not at all."""
        super().save_model(request, obj, form, change)
        save_version(threshold=obj, fields=form.version_fields(), actor=signed_in(request), at=clock.now())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With every version, newest first."""
        threshold = kwargs.get("obj")
        if threshold is not None:
            versions = threshold.versions.select_related("created_by").order_by("-number")[:50]
            context["versions"] = [(version, in_words(version)) for version in versions]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Threshold", ordering="name")
    def name_and_rule(self, threshold: Threshold) -> SafeString:
        """Its name, and under it what it does."""
        return format_html(
            '<span class="irk-sentence">{}</span><span class="irk-subtle irk-block irk-wrap">{}</span>',
            threshold.name,
            self.rule_in_words(threshold),
        )

    @admin.display(description="Rule")
    def rule_in_words(self, threshold: Threshold) -> str:
        """What it does."""
        return in_words(threshold.current_version) if threshold.current_version else "Not set up yet."

    @admin.display(description="Switched on", boolean=True)
    def is_enabled(self, threshold: Threshold) -> bool:
        """Whether it measures."""
        return threshold.current_version is not None and threshold.current_version.enabled

    @admin.display(description="Version")
    def version_number(self, threshold: Threshold) -> str:
        """Which version is in force."""
        return str(threshold.current_version.number) if threshold.current_version else "–"


class ProjectWithThresholdsAdmin(ProjectAdmin):
    """A new project gets its first thresholds: an empty list would watch nothing, and look like "all is well"."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The project; a new one with its thresholds."""
        super().save_model(request, obj, form, change)
        if not change:
            create_defaults(obj, signed_in(request))


# Projects come before thresholds and must not know them, so the page is extended from here.
admin.site.unregister(Project)
admin.site.register(Project, ProjectWithThresholdsAdmin)
