"""Projects and their keys. A key is shown once, on the page that answers its creation."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.core import admin_times
from apps.core.admin_names import refuse_taken
from apps.organizations.models import Role
from apps.organizations.scoped_admin import ScopedAdmin, ScopedInline, ScopedRelatedFilter, signed_in
from apps.projects import keys
from apps.projects.models import ApiKey, Project
from apps.projects.origins import WHAT_TO_LIST, validate_origin


class NewKeyForm(forms.Form):
    """What a key is for."""

    name = forms.CharField(
        max_length=100,
        label="Where will the key be used?",
        help_text="For example: production web app. It lets you tell keys apart; the key itself works anywhere.",
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
    )


class OriginsField(forms.Field):
    """Origins separated by commas, spaces or lines; each one that is none is refused with the reason."""

    def prepare_value(self, value: Any) -> Any:
        """The origins as a person would write them; what was sent, as it was sent."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """The origins in the given order."""
        return [origin for origin in re.split(r"[\s,]+", str(value or "")) if origin]

    def run_validators(self, value: list[str]) -> None:
        """All that is wrong, not only the first."""
        problems = []
        for origin in value:
            try:
                validate_origin(origin)
            except ValidationError as error:
                problems.append(error)
        if problems:
            raise ValidationError(problems)


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A project. Its organization is a field of a new one only."""

    allowed_origins = OriginsField(
        required=False,
        label="Allowed origins",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=WHAT_TO_LIST,
    )

    def clean(self) -> dict[str, Any]:
        """Refuses a slug that another project of the organization has."""
        cleaned: dict[str, Any] = super().clean() or {}
        refuse_taken(self, rows=Project.objects.all(), what="project", name="slug", within="organization")
        return cleaned


class ApiKeyInline(ScopedInline):
    """A project's keys: read here, made and revoked on pages of their own."""

    model = ApiKey
    fields = ["name", "visible_part", "created", "maker", "status"]
    readonly_fields = ["name", "visible_part", "created", "maker", "status"]
    organization_path = ("project", "organization")
    can_delete = False
    verbose_name_plural = "keys"
    hide_title = True
    created = admin_times.column("created_at", "Created")

    @admin.display(description="Begins with")
    def visible_part(self, api_key: ApiKey) -> str:
        """What is known of the key itself."""
        return f"{api_key.prefix}…"

    @admin.display(description="Made by")
    def maker(self, api_key: ApiKey) -> str:
        """A name, without the link to a page that most people may not open."""
        return str(api_key.created_by or "–")

    @admin.display(description="Status")
    def status(self, api_key: ApiKey) -> str:
        """Live, with the way to revoke it, or when it was revoked."""
        if api_key.revoked_at is not None:
            return format_html("<span>Revoked {}</span>", admin_times.shown(api_key.revoked_at))
        return format_html(
            '<span class="irk-live">Live</span> <a class="irk-link" href="{}">Revoke…</a>',
            reverse("admin:projects_project_revoke_key", args=[api_key.project_id, api_key.pk]),
        )


@admin.register(Project)
class ProjectAdmin(ScopedAdmin):
    """A web app and its keys."""

    form = ProjectForm
    list_display = ["name", "organization", "live_keys", "retention_days", "created", "next_step"]
    list_filter: ClassVar[Any] = [("organization", ScopedRelatedFilter)]
    list_select_related = ["organization"]
    search_fields = ["name", "slug"]
    fields = ["organization", "name", "slug", "allowed_origins", "retention_days"]
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ["name"]}
    inlines = [ApiKeyInline]
    organization_path = ("organization",)
    add_role = change_role = Role.OWNER
    change_form_outer_before_template = "irk/project_next_step.html"
    words_when_empty = "There is no project yet. An owner of the organization adds one for each web app."
    created = admin_times.column("created_at", "Created")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their keys, for the list's count."""
        return super().get_queryset(request).prefetch_related("api_keys")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A project stays in its organization: its events, and who saw them, would move with it."""
        return ["organization"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Only for a new project: the slug is in people's links."""
        return self.prepopulated_fields if obj is None else {}

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Keys need a project first."""
        return list(self.inlines) if obj else []

    def get_urls(self) -> list[URLPattern]:
        """With the pages that make and revoke keys."""
        return [
            path(
                "<int:project_id>/keys/create/",
                self.admin_site.admin_view(never_cache(self.create_key_page)),
                name="projects_project_create_key",
            ),
            path(
                "<int:project_id>/keys/<int:key_id>/revoke/",
                self.admin_site.admin_view(self.revoke_key_page),
                name="projects_project_revoke_key",
            ),
            *super().get_urls(),
        ]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """On to the first key: without one a project receives nothing."""
        if "_continue" in request.POST or "_addanother" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"{obj.name} is set up with its first thresholds. Now make a key for it.")
        return HttpResponseRedirect(reverse("admin:projects_project_create_key", args=[obj.pk]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what to paste: of a key that was made long ago, the page that told it is gone."""
        return super().render_change_form(request, {**context, "snippet": snippet()}, *args, **kwargs)

    def create_key_page(self, request: HttpRequest, project_id: int) -> HttpResponse:
        """Asks what the key is for; makes it and shows it, this once."""
        project = self._project_to_edit(request, project_id)
        form = NewKeyForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "title": f"New key for {project.name}",
            "project": project,
            "project_url": reverse("admin:projects_project_change", args=[project.pk]),
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            new = keys.create(project=project, name=form.cleaned_data["name"], actor=signed_in(request))
            self.log_change(request, project, f"Created the key “{new.api_key.name}”.")
            context |= {"new_key": new, "snippet": snippet(new.plain)}
        return render(request, "irk/create_key.html", context)

    def revoke_key_page(self, request: HttpRequest, project_id: int, key_id: int) -> HttpResponse:
        """Asks once more, then revokes."""
        project = self._project_to_edit(request, project_id)
        api_key = ApiKey.objects.filter(project=project, pk=key_id).first()
        if api_key is None:
            raise Http404
        project_url = reverse("admin:projects_project_change", args=[project.pk])
        if request.method == "POST":
            keys.revoke(api_key)
            self.log_change(request, project, f"Revoked the key “{api_key.name}”.")
            messages.success(request, f"“{api_key.name}” is revoked. Within 5 seconds ingest refuses it.")
            return HttpResponseRedirect(project_url)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Revoke a key of {project.name}",
            "api_key": api_key,
            "project_url": project_url,
        }
        return render(request, "irk/revoke_key.html", context)

    def _project_to_edit(self, request: HttpRequest, project_id: int) -> Project:
        """Raises Http404 when the person may not see the project, PermissionDenied when they may only look."""
        project = Project.objects.visible_to(signed_in(request)).filter(pk=project_id).first()
        if project is None:
            raise Http404
        if not self.has_change_permission(request, project):
            raise PermissionDenied
        return project

    @admin.display(description="Live keys")
    def live_keys(self, project: Project) -> int:
        """How many keys ingest accepts."""
        return sum(key.revoked_at is None for key in project.api_keys.all())

    @admin.display(description="")
    def next_step(self, project: Project) -> str:
        """A link to what the project shows."""
        return format_html('<a class="irk-link" href="{}?project={}">Overview</a>', reverse("admin:index"), project.pk)


def snippet(plain_key: str = "your-key") -> str:
    """What a developer pastes into the page's head.

    Without `crossorigin` a browser tells the page nothing of errors that pass through a script from elsewhere, as they
    do through the functions that the SDK patches: https://html.spec.whatwg.org/multipage/webappapis.html#muted-errors
    """
    address = f"{settings.PUBLIC_URL.rstrip('/')}/sdk/irk.js"
    return f'<script src="{address}"\n        data-key="{plain_key}"\n        crossorigin defer></script>'
