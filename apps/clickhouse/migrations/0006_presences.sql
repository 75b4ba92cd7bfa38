-- Which sessions were on which route in which 10 s: what a share of sessions is of, and whether anybody came at all.
-- Exact and small: one row for a session, a route and a cell, however many events. Written by the tick that first sees
-- one (apps/detection/presences.sql), as signals are, so that a replay knows what each tick knew: known_ms is its as_of.
-- A tick that is run again writes the same rows; merges keep the first tick that knew.
-- Sort key: a project's span of time is one range.
CREATE TABLE presences
(
    project_id UInt64,
    cell DateTime('UTC') CODEC(Delta, ZSTD(1)) COMMENT 'start of the 10 s, by event time',
    route String CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    release LowCardinality(String),
    device LowCardinality(String),
    known_ms SimpleAggregateFunction(min, UInt64) CODEC(ZSTD(1)) COMMENT 'as_of of the tick that first knew, in ms',
    retention_days SimpleAggregateFunction(max, UInt16),
    INDEX by_known known_ms TYPE minmax GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(cell)
ORDER BY (project_id, cell, route, session_id, environment, release, device)
TTL cell + toIntervalDay(retention_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 0;

-- What was stored before, as if every tick had run in time: the first on the 10 s grid that is 3 s after the arrival.
INSERT INTO presences
SELECT
    project_id, toDateTime(intDiv(toUnixTimestamp64Milli(ts), 10000) * 10, 'UTC'), route, session_id, environment,
    release, device, (intDiv(toUnixTimestamp64Milli(stored_at) + 3000, 10000) + 1) * 10000, retention_days
FROM events
WHERE evaluable;
