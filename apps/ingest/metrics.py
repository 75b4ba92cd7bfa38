"""What ingest counts. Labels come from our own code, never from input, so that their number is bounded."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("irk_ingest_requests_total", "Requests to the ingest endpoint by status of the answer.", ["status"])
ACCEPTED = Counter("irk_events_accepted_total", "Events stored, copies of one event included.")
REJECTED = Counter("irk_events_rejected_total", "Events rejected one by one, by code.", ["code"])
LOST = Counter(
    "irk_ingest_events_lost_by_clients_total", "Events that pages say they dropped because they could not deliver them."
)
INSERT_SECONDS = Histogram(
    "irk_insert_seconds",
    "Time of one insert of events into ClickHouse, whether it succeeded or not.",
    # Up to the point where an insert is given up.
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5),
)
INSERT_ROWS = Histogram(
    "irk_insert_rows",
    "Events in one insert into ClickHouse: how far concurrent requests share.",
    buckets=(1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000),
)
QUEUED_ROWS = Gauge(
    "irk_ingest_queued_rows",
    "Events that wait to be durable, those being written included.",
    multiprocess_mode="livesum",
)
QUEUED_BYTES = Gauge("irk_ingest_queued_bytes", "The JSON of the same events, in bytes.", multiprocess_mode="livesum")
SPOOLED = Counter("irk_events_spooled_total", "Events kept in Postgres because ClickHouse could not take them.")


@contextmanager
def queued(*, rows: int, size: int) -> Iterator[None]:
    """Counts `rows` of `size` bytes as queued while the block runs."""
    QUEUED_ROWS.inc(rows)
    QUEUED_BYTES.inc(size)
    try:
        yield
    finally:
        QUEUED_ROWS.dec(rows)
        QUEUED_BYTES.dec(size)
