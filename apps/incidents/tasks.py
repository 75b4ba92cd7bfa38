"""Celery's entry points. The work is in `tick`; beat's schedule is in config/celery.py."""

from celery import shared_task
from django.conf import settings

from apps.incidents import tick


@shared_task(name="apps.incidents.tasks.tick_every_shard", acks_late=True, soft_time_limit=10, time_limit=20)
def tick_every_shard() -> None:
    """Gives every shard's tick to a worker. One that waits longer than a tick is dropped: the next catches up."""
    for shard in range(settings.EVALUATION_SHARDS):
        tick_shard.apply_async((shard, settings.EVALUATION_SHARDS), expires=settings.TICK_SECONDS - 1)


@shared_task(name="apps.incidents.tasks.tick_shard", acks_late=True, soft_time_limit=210, time_limit=240)
def tick_shard(shard: int, shards: int) -> None:
    """Runs the ticks that are due for one shard."""
    tick.run_due_ticks(shard, shards)
