-- All events of the sessions that a tick looks at ($of_sessions), as far as it may see, each event once ($first_copy:
-- apps/events/first_copy.sql). Reads along the sort key (project_id, session_id, page_id, n), so that sorting and LIMIT BY work on
-- a stream; partitions and parts from before reads_from_ms are left out by stored_at.
SELECT
    project_id, session_id, page_id, n, t, toUnixTimestamp64Milli(ts) AS ts_ms, type, route, environment, release,
    device, user_id, element, element_role, element_label, element_kind, clickable, x, y, answers, observed_ms, subtype, status,
    duration_ms, error_group, message, form, edits, clears, turns, distance_px, shift_px, shift_ago_ms, scale, age_ms,
    retention_days, toUnixTimestamp64Milli(stored_at) AS stored_at_ms
FROM events
PREWHERE $of_sessions
WHERE stored_at >= fromUnixTimestamp64Milli(%(reads_from_ms)s, 'UTC')
    AND stored_at < fromUnixTimestamp64Milli(%(arrived_to_ms)s, 'UTC')
    AND evaluable
ORDER BY project_id, session_id, page_id, n, $first_copy
LIMIT 1 BY project_id, session_id, page_id, n
