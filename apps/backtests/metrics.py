"""What backtests say about the engine to Prometheus."""

from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.backtests.models import ParityCheck

log = structlog.get_logger(__name__)


class Parity(Collector):
    """`irk_parity_ratio` and how many incidents it is about, of each shard's newest check."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """No sample for a shard that was never checked, nor while Postgres cannot be asked, which `/readyz` tells."""
        ratio = GaugeMetricFamily(
            "irk_parity_ratio",
            "Incidents of the last checked day that a backtest gave again exactly. Below 1 is a fault.",
            labels=["shard"],
        )
        compared = GaugeMetricFamily("irk_parity_incidents", "How many incidents were compared.", labels=["shard"])
        checks = ParityCheck.objects.filter(shards=settings.EVALUATION_SHARDS)
        try:
            for check in checks.order_by("shard", "-day").distinct("shard"):
                ratio.add_metric([str(check.shard)], check.ratio)
                compared.add_metric([str(check.shard)], check.compared)
        except DatabaseError as error:
            log.warning("metrics.parity_unknown", error=type(error).__name__)
        yield ratio
        yield compared
