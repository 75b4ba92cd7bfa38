"""The pages of a backtest: asked for from a threshold's form, shown while it runs and when it is done."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.backtests import running
from apps.backtests.models import UNFINISHED, Backtest, State
from apps.core import clock
from apps.core.admin_charts import Chart, Series, lines_against_bounds
from apps.core.admin_words import length_of_time
from apps.organizations.access import may_act_as
from apps.organizations.models import Role
from apps.organizations.scoped_admin import signed_in
from apps.thresholds.admin_words import in_words
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.versions import SenselessThresholdError, draft_version, save_version

# Seconds between two looks at a backtest that runs.
_LOOK_AGAIN = 2
_METRIC_WORDS = {
    "signals": "Signals",
    "sessions": "Sessions with a signal",
    "users": "Identified users with a signal",
    "share": "Sessions with a signal, of every 1,000,",
}


@require_safe
def show(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """The backtest: how far it is, or what it found. While it runs, the page asks for itself again."""
    asked = _visible(request, backtest_id)
    draft = draft_version(asked.version, asked.draft)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "What this change would do",
        "backtest": asked,
        "unfinished": asked.state in UNFINISHED,
        "may_tune": may_act_as(request.user, role=Role.ENGINEER, organization_id=asked.project.organization_id),
        "now_in_words": in_words(asked.version),
        "draft_in_words": in_words(draft),
        "same": draft is asked.version,
        "outdated": asked.threshold.current_version_id != asked.version_id,
        "length": length_of_time(round((asked.to_at - asked.from_at).total_seconds())),
    }
    if asked.state == State.DONE and asked.report is not None:
        context |= {
            "numbers": asked.report["numbers"],
            "signals": asked.report["signals"],
            "chart": chart(asked.report, now=asked.version, draft=draft),
            "lists": _lists(asked.report),
        }
    response = render(request, "irk/backtest.html", context)
    if context["unfinished"]:
        response["Refresh"] = str(_LOOK_AGAIN)
    return response


@require_POST
def cancel(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """Calls the backtest off. 404 where the person may not see it, 403 where they may not tune."""
    asked = _visible(request, backtest_id)
    try:
        cancelled = running.cancel(asked=asked, actor=signed_in(request))
    except running.NotAllowedError as error:
        raise PermissionDenied(str(error)) from error
    if not cancelled:
        messages.info(request, "It was over already.")
    return HttpResponseRedirect(reverse("admin:backtests_show", args=[asked.pk]))


@require_POST
def put_in_force(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """Saves the draft as the threshold's next version."""
    asked = _visible(request, backtest_id)
    actor = signed_in(request)
    if not may_act_as(actor, role=Role.ENGINEER, organization_id=asked.project.organization_id):
        raise PermissionDenied
    try:
        version = save_version(threshold=asked.threshold, fields=asked.draft, actor=actor, at=clock.now())
    except SenselessThresholdError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Version {version.number} is in force from the next tick on.")
    return HttpResponseRedirect(reverse("admin:thresholds_threshold_change", args=[asked.threshold_id]))


def chart(report: dict[str, Any], *, now: ThresholdVersion, draft: ThresholdVersion) -> Chart:
    """The measure of both rules with both bounds; one line where both measure the same."""
    before, after = report["now"], report["then"]
    lines = [_line(before, now)]
    if after["values"] != before["values"]:
        lines = [_line(before, now, "Now: "), _line(after, draft, "Draft: ")]
    ends_ms = before["ends_ms"]
    bounds = [
        Series(f"{name}: opens at {side['bound']}", [side["bound"]] * len(ends_ms))
        for name, side in (("Now", before), ("Draft", after))
    ]
    return lines_against_bounds(
        times_ms=ends_ms,
        lines=lines,
        bounds=bounds,
        summary=(
            f"The strongest group at each moment: {max(before['values'], default=0)} at the highest; now it opens "
            f"at {before['bound']}. By the draft {max(after['values'], default=0)} at the highest, it opens at "
            f"{after['bound']}."
        ),
        first_column="Window ends",
    )


def _line(side: dict[str, Any], version: ThresholdVersion, prefix: str = "") -> Series:
    window = length_of_time(version.window_seconds)
    return Series(f"{prefix}{_METRIC_WORDS[version.metric]} in the {window} before", side["values"])


def _lists(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The three lists in the order in which people ask, each incident with its times and its trace."""
    titles = (
        ("opens", "Would open", "Incidents that the rule in force does not open."),
        ("closes", "Would not open any more", "Incidents of the rule in force that the draft does not open."),
        ("stays", "Stay", "Open either way; the times are the draft's."),
    )
    return [
        {
            "key": key,
            "title": title,
            "help": explained,
            "number": report["numbers"][key],
            "incidents": [_told(each["then"] if key == "stays" else each) for each in report[key]],
        }
        for key, title, explained in titles
    ]


def _told(incident: dict[str, Any]) -> dict[str, Any]:
    return {
        **incident,
        "opened_at": clock.from_ms(incident["opened_ms"]),
        "resolved_at": clock.from_ms(incident["resolved_ms"]) if incident["resolved_ms"] else None,
    }


def _visible(request: HttpRequest, backtest_id: UUID) -> Backtest:
    rows = Backtest.objects.visible_to(signed_in(request)).select_related("version", "threshold", "project")
    asked = rows.filter(pk=backtest_id).first()
    if asked is None:
        raise Http404
    return asked
