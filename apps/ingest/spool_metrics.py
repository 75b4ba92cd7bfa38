"""What waits in the spool, for Prometheus."""

from collections.abc import Iterator

import structlog
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.core import clock
from apps.ingest.models import SpooledBatch, SpoolSize

log = structlog.get_logger(__name__)


class SpoolFigures(Collector):
    """Read from Postgres at every scrape, so that they rise when no worker is there to drain.

    Without counting what waits: that may be a million rows.
    """

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Three gauges; none while Postgres cannot be asked, which `/readyz` tells."""
        try:
            size = SpoolSize.objects.values_list("bytes", flat=True).first() or 0
            set_aside = SpooledBatch.objects.exclude(set_aside="").count()
            since = SpooledBatch.objects.waiting().values_list("spooled_at", flat=True).first()
        except DatabaseError as error:
            log.warning("metrics.spool_unknown", error=type(error).__name__)
            return
        age = max((clock.now() - since).total_seconds(), 0.0) if since else 0.0
        yield _gauge("irk_spool_bytes", "Bytes in the spool; INGEST_SPOOL_BYTES is its bound.", size)
        yield _gauge(
            "irk_spool_age_seconds", "How long the oldest waiting batch has been in the spool; 0 when none waits.", age
        )
        yield _gauge(
            "irk_spool_set_aside_batches", "Batches that cannot be read back; somebody has to look at them.", set_aside
        )


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
