"""What ingest counts. Labels come from our own code, never from input, so that their number is bounded."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("irk_ingest_requests_total", "Requests to the ingest endpoint by status of the answer.", ["status"])
ACCEPTED = Counter("irk_events_accepted_total", "Events stored, copies of one event included.")
REJECTED = Counter("irk_events_rejected_total", "Events rejected one by one, by code.", ["code"])
INSERT_SECONDS = Histogram(
    "irk_insert_seconds",
    "Time of one insert of events into ClickHouse, whether it succeeded or not.",
    # Up to the point where an insert is given up.
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5),
)
