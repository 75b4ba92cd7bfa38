-- Every row that ticks ever wrote to signals, also those that a later version replaced: what was known at which tick.
-- signals keeps the newest version alone (merges drop the others), which is all that a tick reads; a backtest has to see
-- each tick's own state. Few rows more: only bursts that grow over a tick's edge and retractions have several versions.
-- Sort key: a project's signals of a span, each with its versions in order. The skip index finds what late ticks wrote.
CREATE TABLE signal_history
(
    project_id UInt64,
    ts DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'of the first event',
    signal_id UUID,
    version UInt64 COMMENT 'as_of of the tick that wrote this row, in ms',
    retracted Bool,
    kind LowCardinality(String),
    session_id String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    route String CODEC(ZSTD(1)),
    element String CODEC(ZSTD(1)),
    element_label String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    release LowCardinality(String),
    device LowCardinality(String),
    count UInt32,
    detail String CODEC(ZSTD(1)),
    retention_days UInt16,
    INDEX by_version version TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (project_id, ts, signal_id, version)
TTL toDateTime(ts) + toIntervalDay(retention_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 0;

-- Written with every insert into signals. Should this part of an insert fail, the insert fails, and readers find what is
-- missing here in signals.
CREATE MATERIALIZED VIEW signal_history_feed TO signal_history AS
SELECT
    project_id, ts, signal_id, version, retracted, kind, session_id, user_id, route, element, element_label,
    environment, release, device, count, detail, retention_days
FROM signals;

-- What was written before. Versions that merges dropped by now are gone.
INSERT INTO signal_history
SELECT
    project_id, ts, signal_id, version, retracted, kind, session_id, user_id, route, element, element_label,
    environment, release, device, count, detail, retention_days
FROM signals;
