-- The events of a few sessions, for people and proofs. $tick_events is tick_events.sql, so that they are read exactly as a
-- tick reads them.
SELECT
    project_id, session_id, page_id, n, t, ts_ms, stored_at_ms, type, route, environment, release, device, user_id,
    element, element_role, element_label, element_kind, clickable, x, y, answers, observed_ms, subtype, status, duration_ms,
    error_group, message, form, edits, clears, turns, distance_px, shift_px, shift_ago_ms, scale, age_ms,
    retention_days
FROM ($tick_events)
LIMIT %(most)s
