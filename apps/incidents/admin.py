"""Incidents: the list that people triage from. The page of one incident is in incident_page.py."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.core import admin_times, clock
from apps.core.counting import several
from apps.incidents import incident_page, proof_page, session_page, triage, triage_page
from apps.incidents.dashboard import SEVERITY_ORDER
from apps.incidents.models import Incident, State
from apps.incidents.recording import Mute
from apps.organizations.access import may_act_as
from apps.organizations.models import Role
from apps.organizations.scoped_admin import ScopedAdmin, ScopedRelatedFilter, signed_in
from apps.thresholds.models import Severity

SEVERITY_COLOURS: dict[str, str] = {
    Severity.CRITICAL: "danger",
    Severity.HIGH: "warning",
    Severity.MEDIUM: "info",
    Severity.LOW: "default",
}
STATE_COLOURS: dict[str, str] = {
    State.OPEN: "danger",
    State.ACKNOWLEDGED: "warning",
    State.MUTED: "default",
    State.RESOLVED: "success",
}


def open_incidents_badge(request: HttpRequest) -> str:
    """The number beside "Incidents" in the sidebar: what nobody has looked at yet."""
    return str(Incident.objects.visible_to(signed_in(request)).filter(state=State.OPEN).count())


class StateFilter(admin.SimpleListFilter):
    """By state; without a choice, what still needs somebody."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states, and all of them."""
        return [*State.choices, ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        """Unresolved unless told otherwise."""
        if self.value() == "all":
            return queryset
        if self.value() in State.values:
            return queryset.filter(state=self.value())
        return queryset.exclude(state=State.RESOLVED)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's choices, with the first one, which is the default, under its right name."""
        default, *others = super().choices(changelist)
        yield {**default, "display": "Unresolved"}
        yield from others


class AssigneeFilter(admin.SimpleListFilter):
    """Mine, or nobody's."""

    title = "assignee"
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Only these two: a list of people would be long, and they are one search away."""
        return [("me", "Me"), ("nobody", "Nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        """By assignee."""
        if self.value() == "me":
            return queryset.filter(assignee=signed_in(request))
        if self.value() == "nobody":
            return queryset.filter(assignee__isnull=True)
        return queryset


@admin.register(Incident)
class IncidentAdmin(ScopedAdmin):
    """What opened, where, how badly, and who looks after it."""

    list_display = ["what", "severity_label", "state_label", "people", "project", "opened", "assigned_to"]
    list_display_links = ["what"]
    list_filter: ClassVar[Any] = [StateFilter, "severity", ("project", ScopedRelatedFilter), AssigneeFilter]
    list_select_related = ["project", "threshold", "assignee"]
    list_before_template = "irk/incident_list_head.html"
    words_when_empty = (
        "No incident is unresolved. Incidents open by themselves, once a project reports and one of its thresholds is "
        "breached: see “Projects and keys” and “Thresholds”."
    )
    list_fullwidth = True
    search_fields = ["sentence", "threshold__name"]
    search_help_text = "A button, a page, a threshold"
    ordering = [SEVERITY_ORDER, "-opened_at"]
    actions: Sequence[Any] = ["acknowledge_selected", "resolve_selected", "assign_selected_to_me", "mute_selected"]
    organization_path = ("project", "organization")

    def has_triage_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        """Whether the person may move incidents: somewhere, or this one."""
        organization_id = obj.project.organization_id if obj else None
        return may_act_as(request.user, role=Role.TRIAGER, organization_id=organization_id)

    def get_urls(self) -> list[URLPattern]:
        """With the addresses that move an incident, its sessions' timelines, and its proof."""
        return [
            path(
                "<uuid:incident_id>/triage/",
                self.admin_site.admin_view(triage_page.move),
                name="incidents_incident_triage",
            ),
            path(
                "<uuid:incident_id>/sessions/<str:session_id>/",
                self.admin_site.admin_view(session_page.show),
                name="incidents_incident_session",
            ),
            path(
                "<uuid:incident_id>/proof/",
                self.admin_site.admin_view(proof_page.download),
                name="incidents_incident_proof",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The incident's page. It has no form of its own: triage posts to an address that does nothing else."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        incident: Incident | None = self.get_object(request, unquote(object_id))
        if incident is None:
            raise Http404
        if not self.has_view_permission(request, incident):
            raise PermissionDenied
        return incident_page.show(request, incident, may_triage=self.has_triage_permission(request, incident))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the tabs above the list."""
        return super().changelist_view(request, {**(extra_context or {}), "state_tabs": _state_tabs(request)})

    @admin.action(description="Acknowledge", permissions=["triage"])
    def acknowledge_selected(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        """Somebody is looking."""
        _move_each(
            request, queryset, "acknowledged", lambda one: triage.acknowledge(incident=one, actor=signed_in(request))
        )

    @admin.action(description="Resolve", permissions=["triage"])
    def resolve_selected(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        """Done."""
        _move_each(request, queryset, "resolved", lambda one: triage.resolve(incident=one, actor=signed_in(request)))

    @admin.action(description="Assign to me", permissions=["triage"])
    def assign_selected_to_me(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        """Mine."""
        me = signed_in(request)
        _move_each(request, queryset, "assigned to you", lambda one: triage.assign(incident=one, actor=me, assignee=me))

    @admin.action(description="Mute for 24 hours", permissions=["triage"])
    def mute_selected(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        """Not now."""
        mute = Mute(until=clock.now() + timedelta(hours=24))
        _move_each(
            request, queryset, "muted", lambda one: triage.mute(incident=one, actor=signed_in(request), mute=mute)
        )

    @display(description="What happens", ordering="sentence")
    def what(self, incident: Incident) -> SafeString:
        """The sentence, and under it the threshold that it broke."""
        return format_html(
            '<span class="irk-sentence">{}</span><span class="irk-subtle irk-block">{}</span>',
            incident.sentence,
            incident.threshold.name,
        )

    @display(description="Severity", ordering=SEVERITY_ORDER, label=SEVERITY_COLOURS)
    def severity_label(self, incident: Incident) -> tuple[str, str]:
        """How urgent."""
        return incident.severity, incident.get_severity_display()

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def state_label(self, incident: Incident) -> tuple[str, str]:
        """Where it stands."""
        return incident.state, incident.get_state_display()

    @display(description="People")
    def people(self, incident: Incident) -> int:
        """Affected at its peak, within one window."""
        return incident_page.people_at_peak(incident)

    @display(description="Opened", ordering="opened_at")
    def opened(self, incident: Incident) -> SafeString:
        """When; the browser turns it into local time."""
        return admin_times.shown(incident.opened_at, ago=True)

    @display(description="Assignee", ordering="assignee__username", empty_value="–")
    def assigned_to(self, incident: Incident) -> str | None:
        """Who looks after it."""
        return str(incident.assignee) if incident.assignee else None


def _state_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The questions people ask the list most, as links that keep its other filters."""
    tabs = []
    for title, state, assignee in (
        ("Unresolved", None, None),
        ("Assigned to me", None, "me"),
        ("Open", State.OPEN, None),
        ("Acknowledged", State.ACKNOWLEDGED, None),
        ("Muted", State.MUTED, None),
        ("Resolved", State.RESOLVED, None),
        ("All", "all", None),
    ):
        query = request.GET.copy()
        for name, value in (("state", state), ("assignee", assignee), ("p", None)):
            query.pop(name, None)
            if value is not None:
                query[name] = value
        current = request.GET.get("state") == state and request.GET.get("assignee") == assignee
        tabs.append({"title": title, "link": f"?{query.urlencode()}", "current": current})
    return tabs


def _move_each(
    request: HttpRequest, incidents: QuerySet[Incident], done: str, move: Callable[[Incident], object]
) -> None:
    """Moves one by one, so that one that cannot be moved does not keep the others back, and says how it went."""
    moved, refused = 0, []
    for incident in incidents.select_related("project"):
        try:
            move(incident)
            moved += 1
        except triage.TriageError as error:
            refused.append(f"{incident.sentence}: {error}")
    if moved:
        messages.success(request, f"{several(moved, 'incident')} {done}.")
    for reason in refused[:5]:
        messages.warning(request, reason)
    if len(refused) > 5:
        messages.warning(request, f"{len(refused) - 5} more could not be {done}.")
