"""What the spool holds, in three figures: for Prometheus and for the admin."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.core import clock
from apps.ingest.models import SpooledBatch, SpoolSize

log = structlog.get_logger(__name__)


class Held(NamedTuple):
    """Bytes of all batches, how many of these are set aside, and since when the oldest that waits has waited."""

    size: int
    set_aside: int
    since: datetime | None

    @property
    def age(self) -> timedelta:
        """How long the oldest that waits has waited; zero when none waits."""
        return max(clock.now() - self.since, timedelta()) if self.since else timedelta()


def held() -> Held:
    """What the spool holds. Without counting what waits: that may be a million rows. Raises DatabaseError."""
    return Held(
        size=SpoolSize.objects.values_list("bytes", flat=True).first() or 0,
        set_aside=SpooledBatch.objects.exclude(set_aside="").count(),
        since=SpooledBatch.objects.waiting().values_list("spooled_at", flat=True).first(),
    )


class SpoolFigures(Collector):
    """Read from Postgres at every scrape, so that they rise when no worker is there to drain."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Three gauges; none while Postgres cannot be asked, which `/readyz` tells."""
        try:
            now = held()
        except DatabaseError as error:
            log.warning("metrics.spool_unknown", error=type(error).__name__)
            return
        yield _gauge("irk_spool_bytes", "Bytes in the spool; INGEST_SPOOL_BYTES is its bound.", now.size)
        yield _gauge(
            "irk_spool_age_seconds",
            "How long the oldest waiting batch has been in the spool; 0 when none waits.",
            now.age.total_seconds(),
        )
        yield _gauge(
            "irk_spool_set_aside_batches", "Batches that cannot be stored; somebody has to look at them.", now.set_aside
        )


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
