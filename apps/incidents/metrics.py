"""What the engine says about itself to Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

TICK_SECONDS = Histogram(
    "irk_tick_seconds",
    "Seconds that one tick of one shard took. A tick is due every 10 s.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40),
)
TICK_LAG_SECONDS = Gauge(
    "irk_tick_lag_seconds",
    "Seconds between the newest evaluated tick of a shard and now. Around 10 is healthy.",
    ["shard"],
    multiprocess_mode="mostrecent",
)
SIGNALS = Counter("irk_signals", "Signals that ticks found, new or changed.", ["kind"])
INCIDENTS_OPENED = Counter("irk_incidents_opened", "Incidents opened or reopened.", ["kind", "severity"])
