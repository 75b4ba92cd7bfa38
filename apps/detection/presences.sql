-- Writes down where the sessions of a tick were: one row for a session, a route and a 10 s cell that no tick before knew.
-- events_of_tick holds all events of these sessions, each once, so what is new is what only arrived now.
INSERT INTO presences (project_id, cell, route, session_id, environment, release, device, known_ms, retention_days)
SELECT
    project_id, toDateTime(intDiv(ts_ms, 10000) * 10, 'UTC') AS of_cell, route, session_id, environment, release, device,
    toUInt64(%(as_of_ms)s), max(retention_days)
FROM events_of_tick
GROUP BY project_id, of_cell, route, session_id, environment, release, device
HAVING min(stored_at_ms) >= %(arrived_from_ms)s
