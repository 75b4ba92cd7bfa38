"""The page of one incident: why it opened, the measure against its threshold, who was affected, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.core.admin_charts import Chart, Series, line_against_bound
from apps.core.admin_words import length_of_time
from apps.incidents import insight
from apps.incidents.insight import Measured
from apps.incidents.kinds import title_of
from apps.incidents.models import Incident, State
from apps.organizations.access import may_act_as
from apps.organizations.models import Role, User
from apps.organizations.scoped_admin import signed_in
from apps.thresholds.evaluation import Predicate, Verdict, from_json
from apps.thresholds.models import ThresholdVersion

_METRIC_WORDS = {
    "signals": "signals",
    "sessions": "sessions with a signal",
    "users": "identified users with a signal",
    "share": "sessions with a signal, of every 1,000",
}
_MORE_WORDS = {
    "minimum_sessions": "Sessions needed to mean anything",
    "times_earlier": "The same, compared with the time before",
    "breaches_needed": "Verdicts that reached the numbers",
}


@dataclass(frozen=True)
class Comparison:
    """One line of the trace in words."""

    what: str
    value: int
    bound: int
    margin: str
    holds: bool


def show(request: HttpRequest, incident: Incident, *, may_triage: bool) -> HttpResponse:
    """Renders the page. What only the event store knows is replaced by a clear message while it is away."""
    version = ThresholdVersion.objects.select_related("threshold").get(pk=incident.version_id)
    incident.version = version
    opening, peak = from_json(incident.opening), from_json(incident.peak)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Incident",
        "incident": incident,
        "version": version,
        "current_version": incident.threshold.current_version,
        "window": length_of_time(version.window_seconds),
        "signal_titles": [title_of(kind) for kind in version.signals],
        "metric": _METRIC_WORDS[version.metric],
        "comparisons": [comparison(predicate) for predicate in opening.trace],
        "opening": opening,
        "opening_end": clock.from_ms(opening.window_end_ms),
        "peak": peak,
        "transitions": incident.transitions.select_related("actor").order_by("-at", "-id"),
        "may_triage": may_triage,
        "assignable": assignable(incident) if may_triage else [],
        "is_mine": incident.assignee_id == signed_in(request).pk,
        "states": State,
    }
    try:
        seen = insight.read(incident, now=clock.now())
    except ClickHouseError as error:
        context["events_unavailable"] = insight.why_unavailable(error)
    else:
        context |= {
            "affected": seen.affected,
            "cut": seen.cut,
            "most_signals": insight.MOST_SIGNALS,
            "chart": chart(seen.measured, version=version, opening=opening),
        }
    return render(request, "irk/incident.html", context)


def comparison(predicate: Predicate) -> Comparison:
    """A predicate of a verdict's trace as people read it."""
    what = _MORE_WORDS.get(predicate.name) or _METRIC_WORDS[predicate.name.removesuffix("_at_least")].capitalize()
    margin = abs(predicate.margin)
    words = "exactly enough" if margin == 0 else f"{margin} {'more than needed' if predicate.holds else 'too few'}"
    return Comparison(what, predicate.value, predicate.bound, words, predicate.holds)


def chart(measured: Measured, *, version: ThresholdVersion, opening: Verdict) -> Chart:
    """The measure of each sliding window at its end, with the bound that it broke."""
    metric = _METRIC_WORDS[version.metric].capitalize()
    highest = max(measured.values, default=0)
    window = length_of_time(version.window_seconds)
    return line_against_bound(
        times_ms=measured.ends_ms,
        values=Series(f"{metric} in the {window} before", measured.values),
        bound=Series(f"Threshold: at least {version.at_least}", [version.at_least] * len(measured.ends_ms)),
        summary=(
            f"{metric} in a sliding window of {window}: {highest} at the highest, the threshold is {version.at_least}. "
            f"It opened at {opening.value}."
        ),
        first_column="Window ends",
    )


def people_at_peak(incident: Incident) -> int:
    """People affected in the window of the strongest verdict so far."""
    return from_json(incident.peak).measure.people


def assignable(incident: Incident) -> Sequence[User]:
    """The members of the incident's organization who may triage, by name."""
    organization_id = incident.project.organization_id
    members: QuerySet[User] = User.objects.filter(
        is_active=True, memberships__organization_id=organization_id
    ).order_by("username")
    return [user for user in members if may_act_as(user, role=Role.TRIAGER, organization_id=organization_id)]
