"""Parity: whether a backtest of a day gives the incidents that were lived on it. It has to, one by one.

Compared are ids, times, opening verdicts with their traces, and every transition that the engine made. Left out are
groups in which a backtest cannot know what held: an incident came into the day with a past, or a person changed its
state; and thresholds that were changed on the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import structlog
from django.db.models import F, Prefetch, Q, QuerySet

from apps.backtests import backtest
from apps.backtests.backtest import Candidate
from apps.backtests.models import ParityCheck
from apps.backtests.reading import TooManySignalsError
from apps.backtests.replay import Span
from apps.backtests.replayed import Replayed
from apps.core import clock
from apps.incidents.judging import policy_of
from apps.incidents.lifecycle import REGRESSION_MS
from apps.incidents.models import EvaluatedShard, Incident, Transition
from apps.thresholds.audiences import TooManyPresencesError
from apps.thresholds.evaluation import Verdict, from_json
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.windows import GRID_MS

log = structlog.get_logger(__name__)

_DAY = timedelta(days=1)
_KEPT = timedelta(days=90)

# What has to be the same of an incident: opened (ms), verdict, and the engine's transitions as (ms, state, reason).
Story: TypeAlias = tuple[int, Verdict, tuple[tuple[int, str, str], ...]]


@dataclass(frozen=True, slots=True)
class Compared:
    """How many incidents were compared, and how many of them were the same. `different` names the others."""

    compared: int
    identical: int
    different: tuple[UUID, ...] = ()


def check_yesterday(shard: int, shards: int, *, now: datetime) -> ParityCheck | None:
    """Compares the shard's last whole day (UTC) and stores how it went; None where the shard has not got there yet.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    if not EvaluatedShard.objects.filter(shard=shard, shards=shards, last_as_of__gte=today).exists():
        return None
    found = compare_span(shard, shards, span=_day(today.date() - _DAY))
    for incident_id in found.different:
        log.error("parity_broken", incident=str(incident_id), day=str(today.date() - _DAY))
    ParityCheck.objects.filter(day__lt=today.date() - _KEPT).delete()
    check, _ = ParityCheck.objects.update_or_create(
        shard=shard,
        shards=shards,
        day=today.date() - _DAY,
        defaults={"compared": found.compared, "identical": found.identical},
    )
    return check


def compare_span(shard: int, shards: int, *, span: Span) -> Compared:
    """Replays every threshold of the shard that stayed the same over `span`, one after the other.

    One with more signals than a backtest takes is left out. Raises ClickHouseUnavailableError, QueryFailedError.
    """
    first, last = clock.from_ms(span.first_ms), clock.from_ms(span.last_ms)
    versions = ThresholdVersion.objects.of_shard(shard, shards)
    changed = versions.saved_in(first, last).values("threshold")
    total = Compared(0, 0)
    for version in versions.exclude(threshold__in=changed).in_force(first).select_related("threshold"):
        candidate = Candidate(rule_of(version), policy_of(version))
        try:
            report = backtest.run(project_id=version.threshold.project_id, now=None, then=candidate, span=span)
        except (TooManySignalsError, TooManyPresencesError):
            log.warning("parity_not_checked", threshold=version.threshold_id)
            continue
        found = _compare(version, replayed=report.difference.opens, span=span)
        total = Compared(
            total.compared + found.compared, total.identical + found.identical, total.different + found.different
        )
    return total


def _compare(version: ThresholdVersion, *, replayed: Iterable[Replayed], span: Span) -> Compared:
    incidents = Incident.objects.filter(threshold=version.threshold_id)
    left_out = set(_with_a_past(version, span).values_list("fingerprint", flat=True))
    lived = _lived(incidents.exclude(fingerprint__in=left_out).values_list("pk", flat=True), span)
    then = {each.id: _told(each) for each in replayed if each.fingerprint not in left_out}
    different = tuple(sorted(key for key in {*lived, *then} if lived.get(key) != then.get(key)))
    compared = len({*lived, *then})
    return Compared(compared, compared - len(different), different)


def _with_a_past(version: ThresholdVersion, span: Span) -> QuerySet[Incident]:
    """Incidents that the day began with, or that could come back on it; and those whose state a person changed."""
    first = clock.from_ms(span.first_ms)
    carried = Q(opened_at__lt=first) & (
        Q(resolved_at=None) | Q(resolved_at__gte=first - timedelta(milliseconds=REGRESSION_MS))
    )
    by_people = Transition.objects.filter(actor__isnull=False).exclude(from_state=F("to_state"))
    incidents = Incident.objects.filter(threshold=version.threshold_id)
    return incidents.filter(carried | Q(pk__in=by_people.values("incident")))


def _lived(ids: Iterable[UUID], span: Span) -> dict[UUID, Story]:
    first, last = clock.from_ms(span.first_ms), clock.from_ms(span.last_ms)
    incidents = Incident.objects.filter(pk__in=ids, opened_at__gte=first, opened_at__lte=last)
    steps = Transition.objects.filter(at__lte=last).exclude(from_state=F("to_state")).order_by("at", "id")
    return {
        incident.pk: (
            clock.to_ms(incident.opened_at),
            from_json(incident.opening),
            tuple((clock.to_ms(step.at), step.to_state, step.reason) for step in incident.steps),  # type: ignore[attr-defined]  # given by the prefetch
        )
        for incident in incidents.prefetch_related(Prefetch("transitions", steps, to_attr="steps"))
    }


def _told(incident: Replayed) -> Story:
    steps = tuple((step.at_ms, step.state, step.reason) for step in incident.steps)
    return incident.opened_ms, incident.opening, steps


def _day(day: date) -> Span:
    first_ms = clock.to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return Span(first_ms=first_ms, last_ms=first_ms + 86_400_000 - GRID_MS)
