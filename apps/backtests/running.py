"""Asking for a backtest, carrying it out, and calling it off. The only place that writes a backtest's row."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from apps.backtests import backtest, reading, report
from apps.backtests.backtest import Candidate
from apps.backtests.models import UNFINISHED, Backtest, State
from apps.backtests.replay import Span
from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.incidents.judging import policy_of
from apps.incidents.models import EvaluatedShard
from apps.organizations.access import may_act_as
from apps.organizations.models import Role, User
from apps.projects.models import Project
from apps.thresholds.audiences import TooManyPresencesError
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold
from apps.thresholds.versions import SenselessThresholdError, draft_version, problems
from apps.thresholds.windows import cell_of

# Days of history that may be asked for.
CHOICES = (1, 7, 30)
# Finished backtests are kept this long: long enough to come back to after a weekend.
_KEPT = timedelta(days=7)


class NotAllowedError(Exception):
    """The person may not tune thresholds in this organization."""


class CancelledError(Exception):
    """Somebody called the backtest off while it ran."""


def span_of(project: Project, *, days: int, now: datetime) -> Span:
    """The last `days` days of the project's ticks, no further back than its events are kept.

    It ends with the last tick that has run: what a tick that is still to come will know, nobody knows.
    """
    shard = EvaluatedShard.objects.filter(shard=project.pk % settings.EVALUATION_SHARDS).first()
    last_ms = cell_of(clock.to_ms(shard.last_as_of if shard else now))
    return Span(first_ms=last_ms - min(days, project.retention_days) * 86_400_000, last_ms=last_ms)


def request(*, threshold: Threshold, draft: Mapping[str, object], days: int, actor: User, at: datetime) -> Backtest:
    """Stores what to run and hands it to a worker. Raises NotAllowedError, SenselessThresholdError."""
    _check_may_tune(threshold.project, actor)
    found = problems(draft)
    if found:
        raise SenselessThresholdError(found)
    if threshold.current_version is None:
        raise SenselessThresholdError({"threshold": "This threshold has no version in force to compare with."})
    span = span_of(threshold.project, days=days, now=at)
    with transaction.atomic():
        Backtest.objects.filter(threshold=threshold, requested_at__lt=at - _KEPT).delete()
        # One at a time for a threshold: whoever asks anew no longer waits for the last answer.
        Backtest.objects.filter(threshold=threshold).unfinished().update(state=State.CANCELLED)
        return Backtest.objects.create(
            project=threshold.project,
            threshold=threshold,
            version=threshold.current_version,
            draft={**draft, "signals": sorted(set(_names(draft["signals"])))},
            from_at=clock.from_ms(span.first_ms),
            to_at=clock.from_ms(span.last_ms),
            requested_by=actor,
            requested_at=at,
        )


def cancel(*, asked: Backtest, actor: User) -> bool:
    """Calls it off; a worker that runs it stops at its next step. False where it was over already.

    Raises NotAllowedError.
    """
    _check_may_tune(asked.project, actor)
    return bool(Backtest.objects.filter(pk=asked.pk).unfinished().update(state=State.CANCELLED))


def carry_out(backtest_id: UUID) -> None:
    """Runs a backtest that waits, or whose worker died, and stores what it found or why it found nothing."""
    rows = Backtest.objects.filter(pk=backtest_id)
    if not rows.unfinished().update(state=State.RUNNING, progress=0):
        return
    asked = rows.select_related("version", "threshold").get()
    try:
        found = backtest.run(
            project_id=asked.project_id,
            now=_candidate(asked, {}),
            then=_candidate(asked, asked.draft),
            span=Span(first_ms=clock.to_ms(asked.from_at), last_ms=clock.to_ms(asked.to_at)),
            progress=lambda percent: _note_progress(asked, percent),
        )
    except CancelledError:
        return
    except (reading.TooManySignalsError, TooManyPresencesError) as error:
        _fail(asked, str(error))
    except SoftTimeLimitExceeded:
        _fail(asked, "It took too long. Choose a shorter time.")
    except ClickHouseError:
        _fail(asked, "The event store did not answer. Try again in a minute.")
        raise
    else:
        rows.unfinished().update(state=State.DONE, progress=100, report=report.to_json(found))


def _candidate(asked: Backtest, draft: Mapping[str, object]) -> Candidate:
    version = draft_version(asked.version, draft)
    return Candidate(rule_of(version), policy_of(version))


def _note_progress(asked: Backtest, percent: int) -> None:
    """Stores the percentage where it moved. Raises CancelledError where nobody waits any more."""
    if percent == asked.progress and percent:
        return
    asked.progress = percent
    if not Backtest.objects.filter(pk=asked.pk, state__in=UNFINISHED).update(progress=percent):
        raise CancelledError


def _fail(asked: Backtest, problem: str) -> None:
    Backtest.objects.filter(pk=asked.pk).unfinished().update(state=State.FAILED, problem=problem)


def _check_may_tune(project: Project, actor: User) -> None:
    if not may_act_as(actor, role=Role.ENGINEER, organization_id=project.organization_id):
        raise NotAllowedError(f"Only engineers of {project.organization} tune its thresholds.")


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else []
