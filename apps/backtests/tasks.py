"""Celery's entry points. The work is in `running` and `parity`; beat's schedule is in config/celery.py."""

from uuid import UUID

from celery import shared_task
from django.conf import settings

from apps.backtests import parity, running
from apps.core import clock


@shared_task(name="apps.backtests.tasks.carry_out", acks_late=True, soft_time_limit=210, time_limit=240)
def carry_out(backtest_id: str) -> None:
    """Runs one backtest."""
    running.carry_out(UUID(backtest_id))


@shared_task(name="apps.backtests.tasks.check_parity_of_every_shard", acks_late=True, soft_time_limit=10, time_limit=20)
def check_parity_of_every_shard() -> None:
    """Gives every shard's check to a worker."""
    for shard in range(settings.EVALUATION_SHARDS):
        check_parity.delay(shard, settings.EVALUATION_SHARDS)


@shared_task(name="apps.backtests.tasks.check_parity", acks_late=True, soft_time_limit=1740, time_limit=1800)
def check_parity(shard: int, shards: int) -> None:
    """Backtests yesterday against the incidents that were lived."""
    parity.check_yesterday(shard, shards, now=clock.now())
