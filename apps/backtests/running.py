"""Asking for a backtest, carrying it out, and calling it off. The only place that writes a backtest's row."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from apps.backtests import backtest, reading, redetecting, report, signal_backtest
from apps.backtests.backtest import Candidate
from apps.backtests.models import UNFINISHED, Backtest, State
from apps.backtests.replay import Span
from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.detection.models import ParameterVersion
from apps.detection.settings import OwnValues, current_version, differing, from_json, own_values, save_parameters
from apps.incidents import schedule
from apps.incidents.judging import policy_of
from apps.organizations.access import may_act_as
from apps.organizations.models import Role, User
from apps.projects.models import Project
from apps.thresholds.audiences import TooManyPresencesError
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold, ThresholdVersion
from apps.thresholds.versions import SenselessThresholdError, draft_version, save_version
from apps.thresholds.windows import cell_of

SWITCHED_OFF = "Switched off, it would open nothing. Switch it on in the draft to see what it would do."
# Days of history that may be asked for.
CHOICES = (1, 7, 30)
# Finished backtests are kept this long: long enough to come back to after a weekend.
_KEPT = timedelta(days=7)
# So often, s, a worker looks whether anybody still waits, however slowly the percentage moves.
_LOOKS_EVERY_S = 1.0
_DAY_MS = 86_400_000


class NotAllowedError(Exception):
    """The person may not tune thresholds in this organization."""


class CancelledError(Exception):
    """Somebody called the backtest off while it ran."""


def compared(
    current: ThresholdVersion, draft: Mapping[str, object], *, kept_days: int | None = None
) -> tuple[Candidate | None, Candidate]:
    """What is in force, None where that is switched off and so opens nothing; and what `draft` would make of it.

    Raises SenselessThresholdError, also for a draft that is switched off, or that compares with a time of which a
    project that keeps events for `kept_days` has none.
    """
    then = draft_version(current, draft, kept_days=kept_days)
    if not then.enabled:
        raise SenselessThresholdError({"enabled": SWITCHED_OFF})
    now = Candidate(rule_of(current), policy_of(current)) if current.enabled else None
    return now, Candidate(rule_of(then), policy_of(then))


def span_of(project: Project, *, days: int, now: datetime, before_ms: int = 0) -> Span:
    """The last `days` days of the project's ticks, no further back than its events are kept.

    It ends with the last tick that has run: what a tick that is still to come will know, nobody knows. Where events
    from `before_ms` before it are needed too, it is as many whole days shorter, but a day at least.
    """
    last_ms = cell_of(clock.to_ms(schedule.last_tick(project.pk) or now))
    most = max(1, project.retention_days + -before_ms // _DAY_MS)
    return Span(first_ms=last_ms - min(days, most) * _DAY_MS, last_ms=last_ms)


def request(*, threshold: Threshold, draft: Mapping[str, object], days: int, actor: User, at: datetime) -> Backtest:
    """Stores what to run and hands it to a worker. Raises NotAllowedError, SenselessThresholdError."""
    _check_may_tune(threshold.project, actor)
    if threshold.current_version is None:
        raise SenselessThresholdError({"threshold": "This threshold has no version in force to compare with."})
    compared(threshold.current_version, draft, kept_days=threshold.project.retention_days)
    return _store(
        Backtest(
            project=threshold.project,
            threshold=threshold,
            version=threshold.current_version,
            draft={**draft, "signals": sorted(set(_names(draft["signals"])))},
            requested_by=actor,
            requested_at=at,
        ),
        span_of(threshold.project, days=days, now=at),
    )


def request_of_parameters(*, project: Project, draft: OwnValues, days: int, actor: User, at: datetime) -> Backtest:
    """Stores a draft of a project's signal parameters; what it does not name has its default.

    Raises NotAllowedError, SenselessParametersError.
    """
    _check_may_tune(project, actor)
    own = differing(draft)
    current = current_version(project)
    kinds = signal_backtest.differing_kinds(own_values(current), own)
    return _store(
        Backtest(project_id=project.pk, parameters=current, draft=own, requested_by=actor, requested_at=at),
        span_of_parameters(project, signal_backtest.counting(in_force(project), kinds), days=days, now=at),
    )


def span_of_parameters(project: Project, versions: Iterable[ThresholdVersion], *, days: int, now: datetime) -> Span:
    """As `span_of`, so that the events are still kept of all signals that the rules need at its beginning."""
    rules = [rule_of(version) for version in versions]
    reach_ms = max((rule.reach_ms + rule.lag_ms for rule in rules), default=0)
    return span_of(project, days=days, now=now, before_ms=reach_ms + redetecting.READS_BEFORE_MS)


def in_force(project: Project) -> list[ThresholdVersion]:
    """The project's thresholds, as they are in force."""
    thresholds = Threshold.objects.filter(project_id=project.pk).select_related("current_version__threshold")
    return [threshold.current_version for threshold in thresholds if threshold.current_version]


def cancel(*, asked: Backtest, actor: User) -> bool:
    """Calls it off; a worker that runs it stops at its next step. False where it was over already.

    Raises NotAllowedError.
    """
    _check_may_tune(asked.project, actor)
    return bool(Backtest.objects.filter(pk=asked.pk).unfinished().update(state=State.CANCELLED))


def put_in_force(asked: Backtest, *, actor: User, at: datetime) -> ThresholdVersion | ParameterVersion | None:
    """Saves the draft as the next version, and returns it; None where it says what the defaults do, as ever.

    Raises NotAllowedError, SenselessThresholdError, SenselessParametersError.
    """
    _check_may_tune(asked.project, actor)
    if asked.threshold:
        return save_version(threshold=asked.threshold, fields=asked.draft, actor=actor, at=at)
    return save_parameters(project=asked.project, values=from_json(asked.draft), actor=actor, at=at)


def carry_out(backtest_id: UUID) -> None:
    """Runs a backtest that waits, or whose worker died, and stores what it found or why it found nothing."""
    rows = Backtest.objects.filter(pk=backtest_id)
    if not rows.unfinished().update(state=State.RUNNING, progress=0):
        return
    asked = rows.select_related("project", "version", "parameters").get()
    try:
        found = _found(asked, progress=_Noting(asked))
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
        rows.unfinished().update(state=State.DONE, progress=100, report=found)


def _found(asked: Backtest, *, progress: backtest.Progress) -> report.Json:
    span = Span(first_ms=clock.to_ms(asked.from_at), last_ms=clock.to_ms(asked.to_at))
    if asked.version is None:
        return report.of_signals(
            signal_backtest.run(
                project_id=asked.project_id,
                now=own_values(asked.parameters),
                then=from_json(asked.draft),
                versions=in_force(asked.project),
                span=span,
                progress=progress,
            )
        )
    now, then = compared(asked.version, asked.draft)
    return report.to_json(backtest.run(project_id=asked.project_id, now=now, then=then, span=span, progress=progress))


def _store(asked: Backtest, span: Span) -> Backtest:
    """Stores it with its span, in the place of those that are for the same and still to be carried out."""
    asked.from_at, asked.to_at = clock.from_ms(span.first_ms), clock.from_ms(span.last_ms)
    with transaction.atomic():
        same = Backtest.objects.filter(project=asked.project_id, threshold=asked.threshold_id)
        same.filter(requested_at__lt=asked.requested_at - _KEPT).delete()
        # One at a time for a threshold, or for the parameters: whoever asks anew no longer waits for the last answer.
        same.unfinished().update(state=State.CANCELLED)
        asked.save(force_insert=True)
    return asked


class _Noting:
    """Stores the percentage where it moved, and sees that a backtest ends that was called off.

    It is told of each step, of which there are tens of thousands: most of them cost no query.
    """

    def __init__(self, asked: Backtest, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._row = Backtest.objects.filter(pk=asked.pk, state__in=UNFINISHED)
        self._seconds = seconds
        self._percent = -1
        self._noted_at_s = 0.0

    def __call__(self, percent: int) -> None:
        """Raises CancelledError where nobody waits any more."""
        now_s = self._seconds()
        if percent == self._percent and now_s - self._noted_at_s < _LOOKS_EVERY_S:
            return
        self._percent, self._noted_at_s = percent, now_s
        if not self._row.update(progress=percent):
            raise CancelledError


def _fail(asked: Backtest, problem: str) -> None:
    Backtest.objects.filter(pk=asked.pk).unfinished().update(state=State.FAILED, problem=problem)


def _check_may_tune(project: Project, actor: User) -> None:
    if not may_act_as(actor, role=Role.ENGINEER, organization_id=project.organization_id):
        raise NotAllowedError(f"Only engineers of {project.organization} tune its thresholds and signals.")


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else []
