"""The Celery application, and every beat schedule of the product in one place."""

from celery import Celery
from celery.schedules import crontab

from config.grid_schedule import GridSchedule

app = Celery("irk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "tick": {
        "task": "apps.incidents.tasks.tick_every_shard",
        "schedule": GridSchedule(10),
        # A tick that waited longer than this in the queue is dropped: the next one catches up what it missed.
        "options": {"expires": 9},
    },
    "check_parity": {
        "task": "apps.backtests.tasks.check_parity_of_every_shard",
        # UTC. By then what was sent around midnight has arrived, and few people are at work.
        "schedule": crontab(hour=2, minute=17),
    },
    "drain_spool": {
        "task": "apps.ingest.tasks.drain_spool",
        "schedule": 5.0,
        "options": {"expires": 4},
    },
}
