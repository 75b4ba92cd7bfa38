"""Celery's entry point. The work is in `spool`; beat's schedule is in config/celery.py."""

from celery import shared_task

from apps.ingest import spool

# Seconds. Below the interval at which beat asks, so that a long drain leaves the worker's other tasks their turns.
_BUDGET = 4.0


@shared_task(name="apps.ingest.tasks.drain_spool", acks_late=True, soft_time_limit=30, time_limit=40)
def drain_spool() -> None:
    """Stores what waits in the spool, as far as a few seconds go."""
    spool.drain(seconds=_BUDGET)
