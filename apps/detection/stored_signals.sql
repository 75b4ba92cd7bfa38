-- The latest row of each signal stored for the sessions that a tick looks at, as of that tick, retracted ones too.
-- Reads partitions from decided_from_ms on; within them the bloom filter by_session picks the granules.
SELECT
    project_id, session_id, page_id, n, toUnixTimestamp64Milli(ts), toUnixTimestamp64Milli(ended_at), user_id, route,
    element, element_label, environment, release, device, count, detail, event_pages, event_ns, retention_days,
    kind, definition_version, retracted, suppressed_by
FROM signals
WHERE (project_id, session_id) IN ($tick_sessions)
    AND ts >= fromUnixTimestamp64Milli(%(decided_from_ms)s, 'UTC')
    AND version <= %(as_of_ms)s
ORDER BY project_id, ts, signal_id, version DESC, stored_at DESC
LIMIT 1 BY project_id, ts, signal_id
