"""The page "Why, or why not": one threshold at one moment."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.backtests.reading import TooManySignalsError
from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.explanations import words
from apps.explanations.answer import GroupAnswer
from apps.explanations.explaining import Explanation, NothingKnownError, explain
from apps.incidents import insight
from apps.incidents.incident_page import comparison
from apps.incidents.schedule import last_tick
from apps.organizations.scoped_admin import signed_in
from apps.thresholds.admin_words import in_words
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold


@require_safe
def show(request: HttpRequest, threshold_id: int) -> HttpResponse:
    """`?at=` is a moment as a form sends it (2026-11-23T12:00:30, UTC); the last tick when absent or unreadable.

    404 where the threshold is not there for this person; 503 while the event store is away.
    """
    visible = Threshold.objects.visible_to(signed_in(request)).select_related("project")
    threshold = visible.filter(pk=threshold_id).first()
    if threshold is None:
        raise Http404
    at = _moment(request.GET.get("at", "")) or last_tick(threshold.project_id) or clock.now()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Why, or why not",
        "threshold": threshold,
        "at": at,
    }
    try:
        found = explain(threshold, at)
    except (NothingKnownError, TooManySignalsError) as error:
        return render(request, "irk/why.html", {**context, "problem": str(error)})
    except ClickHouseError as error:
        return render(
            request, "irk/why.html", {**context, "events_unavailable": insight.why_unavailable(error)}, status=503
        )
    return render(request, "irk/why.html", {**context, **_told(found)})


def _told(found: Explanation) -> dict[str, Any]:
    rule = rule_of(found.version)
    return {
        "version": found.version,
        "rule_in_words": in_words(found.version),
        "switched_off": "" if found.enabled else words.SWITCHED_OFF,
        "as_of": clock.from_ms(found.answer.as_of_ms),
        "headline": words.headline(found.answer, rule),
        "groups": [_group(each, words.of_group(each, rule)) for each in found.answer.groups[: words.GROUPS]],
        "more_groups": max(0, len(found.answer.groups) - words.GROUPS),
        "left_out": [words.of_left_out(each, rule) for each in found.answer.left_out],
        "events_left_out": [words.of_events(each.reason, each.events, each.sessions) for each in found.events_left_out],
        "near": None if found.near is None else [words.of_near(each) for each in found.near],
        "standing": [
            (words.of_standing(each.state, opened_now=each.opened_now), each.incident) for each in found.standing
        ],
    }


def _group(each: GroupAnswer, sentence: str) -> dict[str, Any]:
    return {
        "sentence": sentence[:1].upper() + sentence[1:],
        "comparisons": [comparison(predicate) for predicate in each.verdict.trace],
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    # The first and the last moments of all overflow in other zones.
    return moment if 1971 <= moment.year <= 2200 else None
