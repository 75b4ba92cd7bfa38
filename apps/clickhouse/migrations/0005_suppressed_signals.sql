-- A signal that a suppression hides is stored as retracted, so that nothing counts it, with the suppression that did it.
ALTER TABLE signals ADD COLUMN suppressed_by UInt64 DEFAULT 0 CODEC(ZSTD(1)) COMMENT 'id of the suppression; 0: none';

ALTER TABLE signal_history ADD COLUMN suppressed_by UInt64 DEFAULT 0 CODEC(ZSTD(1));

ALTER TABLE signal_history_feed MODIFY QUERY
SELECT
    project_id, ts, signal_id, version, retracted, kind, session_id, user_id, route, element, element_label,
    environment, release, device, count, detail, retention_days, suppressed_by
FROM signals;
