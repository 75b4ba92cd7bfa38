-- On which days which releases of a project were in use, and when the first event of each arrived that day: what an
-- incident is attributed by (apps/incidents/attribution.py), without reading two weeks of events. One row a release and day.
-- Written by the tick that first sees a release that day (apps/detection/releases.sql), not with every insert of events,
-- which ingest would wait for. A tick that is run again writes the same; merges keep the earliest.
-- Sort key: a project's days are one range. Partitions by month: there are few rows.
CREATE TABLE releases
(
    project_id UInt64,
    day Date COMMENT 'UTC, of arrival',
    release LowCardinality(String),
    first_stored_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    retention_days SimpleAggregateFunction(max, UInt16)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project_id, day, release)
TTL day + toIntervalDay(retention_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 0;

-- What was stored before, as far back as an attribution looks.
INSERT INTO releases
SELECT project_id, toDate(stored_at) AS of_day, release, min(stored_at), max(retention_days)
FROM events
WHERE stored_at >= now64(3, 'UTC') - toIntervalDay(15)
    AND evaluable
    AND release != ''
GROUP BY project_id, of_day, release;
