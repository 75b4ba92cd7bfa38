"""Celery's entry point. The work is in `running`."""

from uuid import UUID

from celery import shared_task

from apps.backtests import running


@shared_task(name="apps.backtests.tasks.carry_out", acks_late=True, soft_time_limit=210, time_limit=240)
def carry_out(backtest_id: str) -> None:
    """Runs one backtest."""
    running.carry_out(UUID(backtest_id))
