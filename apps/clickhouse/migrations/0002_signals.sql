-- Signals: moments of frustration, derived from events by the definitions in apps/detection.
-- A signal that grows, shrinks or is retracted by a late event gets a new row with a higher version (as_of of the tick, ms);
-- readers take the highest version of an id and leave out retracted ones.
-- Sort key: a tick reads a project's signals of a window; the incident page one project's signals of a kind.
CREATE TABLE signals
(
    project_id UInt64,
    ts DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'of the first event',
    signal_id UUID,
    version UInt64 COMMENT 'as_of of the tick that wrote this row, in ms',
    retracted Bool,
    kind LowCardinality(String),
    definition_version UInt16,
    session_id String CODEC(ZSTD(1)),
    page_id String CODEC(ZSTD(1)),
    n UInt32 COMMENT 'of the first event, within the page view',
    ended_at DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'ts of the last event',
    user_id String CODEC(ZSTD(1)),
    route String CODEC(ZSTD(1)),
    element String CODEC(ZSTD(1)),
    element_label String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    release LowCardinality(String),
    device LowCardinality(String),
    count UInt32 COMMENT 'clicks of a rage click, failed submits of a form, 1 for a single moment',
    detail String CODEC(ZSTD(1)) COMMENT 'error_click: message or request; form_retry: last failure',
    event_pages Array(String) COMMENT 'the events it was made from: page view ids …',
    event_ns Array(UInt32) COMMENT '… and their numbers, pairwise',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    retention_days UInt16,
    INDEX by_session session_id TYPE bloom_filter GRANULARITY 2,
    INDEX by_version version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(ts)
ORDER BY (project_id, ts, signal_id)
TTL toDateTime(ts) + toIntervalDay(retention_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 0;
