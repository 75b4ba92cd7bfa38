-- Events as the browser told them, plus where and when they were stored. docs/wire.md says what the fields mean.
-- Sort key: one session's timeline is one short range. A tick's new rows come from the projection by_arrival.
-- Daily partitions by arrival: new rows touch one partition, and expiry drops whole parts.
-- A repeated event is stored again and removed at read (the copy stored first counts), so that storing stays an append.
CREATE TABLE events
(
    project_id UInt64 CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    page_id String CODEC(ZSTD(1)),
    n UInt32 CODEC(ZSTD(1)),
    t UInt32 CODEC(ZSTD(1)) COMMENT 'ms since the page''s time origin, monotonic',
    client_ts DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'origin + t, as told',
    ts DateTime64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'client_ts, corrected by the batch''s skew where that is over 30 s',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(ZSTD(1)) COMMENT 'this server''s clock: orders arrival',
    flags Array(LowCardinality(String)) COMMENT 'skew_corrected, too_old, too_new, sanitized, cut',
    evaluable Bool COMMENT 'false: stored, never evaluated (too old or too new)',
    type LowCardinality(String),
    route String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    release LowCardinality(String),
    device LowCardinality(String),
    user_id String CODEC(ZSTD(1)),
    element String CODEC(ZSTD(1)) COMMENT 'selector: what "same element" means',
    element_role LowCardinality(String),
    element_label String CODEC(ZSTD(1)),
    element_kind LowCardinality(String),
    clickable Bool,
    x Int32 CODEC(ZSTD(1)),
    y Int32 CODEC(ZSTD(1)),
    answers Map(LowCardinality(String), UInt32) COMMENT 'kind of answer to ms after the click or submit',
    background_rate Float32 CODEC(ZSTD(1)) COMMENT 'mutation batches per second just before a click',
    observed_ms UInt32 CODEC(ZSTD(1)),
    subtype LowCardinality(String) COMMENT 'page: nav; submit: how; error: kind; request: method; track: name',
    status Nullable(UInt16) COMMENT 'HTTP status, 0 for a network error',
    duration_ms UInt32 CODEC(ZSTD(1)),
    error_group String CODEC(ZSTD(1)) COMMENT 'error: stable hash; request: method, url and status',
    message String CODEC(ZSTD(1)) COMMENT 'error: scrubbed message; request: path; page: previous route',
    form String CODEC(ZSTD(1)) COMMENT 'submit and field: selector of the form',
    facts String CODEC(ZSTD(1)) COMMENT 'the type''s remaining fields, as JSON',
    retention_days UInt16,
    PROJECTION by_arrival (SELECT project_id, session_id, stored_at, ts, evaluable ORDER BY stored_at)
)
ENGINE = MergeTree
PARTITION BY toDate(stored_at)
ORDER BY (project_id, session_id, page_id, n)
TTL toDateTime(stored_at) + toIntervalDay(retention_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 0;
