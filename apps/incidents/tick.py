"""Ticks: events become signals, signals verdicts, verdicts incidents.

1. Claim the shard (a lock in Postgres, held by the tick's transaction).
2. Detect: the events that arrived since the tick before become signals.
3. Judge what changed, and write incidents and transitions (`judging`).
4. Write how far the shard is, and commit all of it at once.

Killed at any point, a tick leaves nothing but signals of its own version, which its next run finds equal to what it
computes. A failed query ends the tick: nothing is taken for clear that was not measured, and the next run begins there.
"""

import time
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction

from apps.core import clock
from apps.detection import settings
from apps.detection.detecting import detect
from apps.incidents import judging, metrics, schedule
from apps.thresholds.measuring import HORIZON_MS, Tick
from apps.thresholds.windows import cell_of

log = structlog.get_logger(__name__)

# Catching up stops after this many seconds and goes on with a later beat, well before Celery's soft limit (210 s).
BUDGET_SECONDS = 120


def run_due_ticks(shard: int, shards: int, now: datetime | None = None) -> int:
    """Runs every tick that is due, oldest first, and returns how many ran. `now` is for tests: else ClickHouse's clock.

    Returns early where another process has the shard, which then goes on. Raises ClickHouseUnavailableError,
    QueryFailedError; the ticks before the failing one stay done.
    """
    now_ms = clock.to_ms(now) if now else schedule.database_now_ms()
    give_up_at = time.monotonic() + BUDGET_SECONDS
    try:
        return _run_until(shard, shards, due_ms=cell_of(now_ms), give_up_at=give_up_at)
    except schedule.LayoutChangedError as error:
        if not _change_layout(error.stored, shards, give_up_at=give_up_at):
            return 0
    return _run_until(shard, shards, due_ms=cell_of(now_ms), give_up_at=give_up_at)


def _run_until(shard: int, shards: int, *, due_ms: int, give_up_at: float) -> int:
    ran = 0
    while time.monotonic() < give_up_at and _run_next(shard, shards, due_ms=due_ms):
        ran += 1
    return ran


def _change_layout(stored: int, shards: int, *, give_up_at: float) -> bool:
    """Brings the old shards to a common tick and lays them out anew; see `schedule`. False: a later beat goes on."""
    common_ms = schedule.furthest_ms()
    for old in range(stored):
        _run_until(old, stored, due_ms=common_ms, give_up_at=give_up_at)
    done = schedule.replace_layout(stored, shards)
    if done:
        log.info("shards_laid_out_anew", before=stored, after=shards)
    return done


@transaction.atomic
def _run_next(shard: int, shards: int, *, due_ms: int) -> bool:
    """Runs the shard's next tick. False where none is due or another process has the shard."""
    progress = schedule.claim(shard, shards, due_ms=due_ms)
    if progress is None or clock.to_ms(progress.last_as_of) >= due_ms:
        return False
    started = time.monotonic()
    since_ms = clock.to_ms(progress.last_as_of)
    tick = Tick(shard, shards, since_ms=since_ms, as_of_ms=schedule.next_tick_ms(progress, due_ms=due_ms))
    as_of = clock.from_ms(tick.as_of_ms)
    detect(
        shard=shard,
        shards=shards,
        arrived_from_ms=since_ms - schedule.SETTLE_MS,
        arrived_to_ms=tick.as_of_ms - schedule.SETTLE_MS,
        as_of_ms=tick.as_of_ms,
        overrides=settings.overrides_in_force(shard=shard, shards=shards, as_of=as_of),
        hidings=settings.hidings_in_force(
            shard=shard, shards=shards, as_of=as_of, horizon=clock.from_ms(tick.as_of_ms - HORIZON_MS)
        ),
    )
    judged = judging.judge_tick(tick)
    progress.last_as_of = clock.from_ms(tick.as_of_ms)
    progress.tick_seconds = time.monotonic() - started
    progress.save()
    transaction.on_commit(partial(_report, tick, judged, progress.tick_seconds))
    return True


def _report(tick: Tick, judged: judging.Judged, seconds: float) -> None:
    metrics.TICK_SECONDS.observe(seconds)
    for kind, number in judged.signals.items():
        metrics.SIGNALS.labels(kind=kind).inc(number)
    for incident, kind in judged.opened:
        metrics.INCIDENTS_OPENED.labels(kind=kind, severity=incident.severity).inc()
        log.info("incident_opened", incident=str(incident.pk), project=incident.project_id, as_of_ms=tick.as_of_ms)
