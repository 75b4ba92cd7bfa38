"""The admin's first page: how the person's projects are doing, and what to do next where nothing is set up yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse

from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.core.admin_charts import Chart, Series, stacked_bars
from apps.incidents import insight, overview
from apps.incidents.kinds import in_order, title_of
from apps.incidents.models import Incident, State
from apps.incidents.overview import Overview, Page
from apps.ingest import spool
from apps.organizations.access import may_act_as
from apps.organizations.models import Role
from apps.organizations.scoped_admin import acting_organizations, signed_in
from apps.projects.admin import snippet
from apps.projects.models import Project
from apps.thresholds.models import Severity

_INCIDENTS_SHOWN = 6


@dataclass(frozen=True)
class Span:
    """A choice of the time selector: the last `bars` × `bar_seconds`."""

    slug: str
    title: str
    bars: int
    bar_seconds: int


SPANS = (
    Span("1h", "Last hour", 60, 60),
    Span("24h", "Last 24 hours", 48, 1800),
    Span("7d", "Last 7 days", 56, 3 * 3600),
    Span("30d", "Last 30 days", 60, 12 * 3600),
)
_DEFAULT_SPAN = SPANS[1]

# Worst first, also for the database.
SEVERITY_ORDER = Case(
    *(When(severity=severity, then=Value(rank)) for rank, severity in enumerate(Severity.values)),
    output_field=IntegerField(),
)


@dataclass(frozen=True)
class Figure:
    """One number of the top row, with a sentence on what it is and how it compares."""

    title: str
    value: str
    note: str
    worse: bool = False


@dataclass(frozen=True)
class PageRow:
    """A line of the list of frustrating pages. `share` is of the worst page's sessions, in percent, for the bar."""

    project: str
    route: str
    sessions: int
    signals: int
    share: int
    trouble: str


def add_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds to the index page's context what `templates/admin/index.html` shows."""
    user = signed_in(request)
    projects = list(Project.objects.visible_to(user).select_related("organization"))
    span = next((span for span in SPANS if span.slug == request.GET.get("span")), _DEFAULT_SPAN)
    chosen = next((project for project in projects if str(project.pk) == request.GET.get("project")), None)
    shown = [chosen] if chosen else projects
    open_incidents = Incident.objects.visible_to(user).filter(project__in=shown).unresolved()
    context.update(
        {
            "title": "Overview",
            "projects": projects,
            "chosen": chosen,
            "unknown_project": bool(request.GET.get("project")) and chosen is None,
            "span": span,
            "spans": SPANS,
            "open_count": open_incidents.exclude(state=State.MUTED).count(),
            "open_incidents": open_incidents.exclude(state=State.MUTED)
            .select_related("project", "assignee")
            .order_by(SEVERITY_ORDER, "-opened_at")[:_INCIDENTS_SHOWN],
            "may_create_project": acting_organizations(user, Role.OWNER).exists(),
        }
    )
    if not projects:
        return context
    context["waiting_since"] = spool.waiting_since([project.pk for project in shown])
    try:
        seen = _read(shown, span=span, now=clock.now())
    except ClickHouseError as error:
        context["events_unavailable"] = insight.why_unavailable(error)
        return context
    context.update(seen)
    if not seen["overview"].any_event_ever:
        context["setup"] = _setup(request, chosen or projects[0])
    return context


def _read(projects: Sequence[Project], *, span: Span, now: datetime) -> dict[str, Any]:
    """What the event store knows of the span that ends with the bar which `now` is in."""
    bar_ms = span.bar_seconds * 1000
    to_ms = (clock.to_ms(now) // bar_ms + 1) * bar_ms
    from_ms = to_ms - span.bars * bar_ms
    seen = overview.read(
        project_ids=[project.pk for project in projects], from_ms=from_ms, to_ms=to_ms, buckets=span.bars
    )
    return {
        "overview": seen,
        "figures": _figures(seen, span=span),
        "chart": _chart(seen, span=span, from_ms=from_ms),
        "pages": _page_rows(seen.pages, names={project.pk: project.name for project in projects}),
    }


def _figures(seen: Overview, *, span: Span) -> list[Figure]:
    period = span.title.removeprefix("Last ")
    share = 100 * seen.now.sessions / seen.all_sessions if seen.all_sessions else 0
    return [
        Figure("Sessions", f"{seen.all_sessions:,}", f"visits in the last {period}"),
        Figure(
            "Frustrated sessions",
            f"{seen.now.sessions:,}",
            # uniq is approximate: with few sessions it may count fewer than had a signal.
            f"{min(share, 100):.0f} % of all; {_change(seen.now.sessions, seen.before.sessions, period)}",
            worse=seen.now.sessions > seen.before.sessions,
        ),
        Figure(
            "Signals",
            f"{seen.now.signals:,}",
            f"moments of frustration; {_change(seen.now.signals, seen.before.signals, period)}",
            worse=seen.now.signals > seen.before.signals,
        ),
    ]


def _change(now: int, before: int, period: str) -> str:
    if before == 0:
        return f"none in the {period} before" if now else "none before either"
    if now == before:
        return f"as many as in the {period} before"
    percent = round(100 * abs(now - before) / before)
    return f"{percent} % {'more' if now > before else 'fewer'} than in the {period} before"


def _chart(seen: Overview, *, span: Span, from_ms: int) -> Chart:
    kinds = in_order(seen.series)
    signals = f"{seen.now.signals:,} signal{pluralize(seen.now.signals)}"
    return stacked_bars(
        times_ms=[from_ms + index * span.bar_seconds * 1000 for index in range(span.bars)],
        series=[Series(title_of(kind), seen.series[kind]) for kind in kinds],
        summary=f"{signals} in the last {span.title.removeprefix('Last ')}, by kind.",
        first_column="From",
    )


def _page_rows(pages: Sequence[Page], *, names: dict[int, str]) -> list[PageRow]:
    worst = max((page.sessions for page in pages), default=1)
    return [
        PageRow(
            project=names.get(page.project_id, ""),
            route=page.route or "(no route)",
            sessions=page.sessions,
            signals=page.signals,
            share=round(100 * page.sessions / worst),
            trouble=", ".join(f"{page.kinds[kind]} × {title_of(kind).lower()}" for kind in in_order(page.kinds)),
        )
        for page in pages
    ]


def _setup(request: HttpRequest, project: Project) -> dict[str, Any]:
    """What to paste, and where to get the key, for a project that has not received anything yet."""
    return {
        "project": project,
        "snippet": snippet(),
        "key_url": reverse("admin:projects_project_create_key", args=[project.pk])
        if may_act_as(request.user, role=Role.OWNER, organization_id=project.organization_id)
        else "",
    }
