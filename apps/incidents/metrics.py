"""What the engine says about itself to Prometheus."""

from collections.abc import Iterator

import structlog
from django.db import DatabaseError
from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.core import clock
from apps.incidents.models import EvaluatedShard

log = structlog.get_logger(__name__)

TICK_SECONDS = Histogram(
    "irk_tick_seconds",
    "Seconds that one tick of one shard took. A tick is due every 10 s.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40),
)
SIGNALS = Counter("irk_signals", "Signals that ticks found, new or changed.", ["kind"])
INCIDENTS_OPENED = Counter("irk_incidents_opened", "Incidents opened or reopened.", ["kind", "severity"])


class TickLag(Collector):
    """`irk_tick_lag_seconds`: read from Postgres, so that it rises when no worker is there to say so."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One sample a shard that was ever evaluated; none while Postgres cannot be asked, which `/readyz` tells."""
        lag = GaugeMetricFamily(
            "irk_tick_lag_seconds",
            "Seconds between the newest evaluated tick of a shard and now. Up to 20 is healthy.",
            labels=["shard"],
        )
        try:
            for shard, last_as_of in EvaluatedShard.objects.values_list("shard", "last_as_of"):
                lag.add_metric([str(shard)], (clock.now() - last_as_of).total_seconds())
        except DatabaseError as error:
            log.warning("metrics.tick_lag_unknown", error=type(error).__name__)
        yield lag
