-- Writes down where the sessions of a tick were: one row for a session, a route and a 10 s cell that no tick before knew.
-- events_of_tick holds all events of these sessions, each once, so what is new is what only arrived now. DISTINCT keeps a
-- hash of a row, where GROUP BY would keep its texts.
INSERT INTO presences (project_id, cell, route, session_id, environment, release, device, known_ms, retention_days)
WITH told AS
(
    SELECT
        project_id, toDateTime(intDiv(ts_ms, 10000) * 10, 'UTC') AS of_cell, route, session_id, environment, release,
        device, retention_days, stored_at_ms >= %(arrived_from_ms)s AS is_new
    FROM events_of_tick
)
SELECT DISTINCT
    project_id, of_cell, route, session_id, environment, release, device, toUInt64(%(as_of_ms)s), retention_days
FROM told
WHERE is_new
    AND (project_id, of_cell, route, session_id, environment, release, device) NOT IN (
        SELECT project_id, of_cell, route, session_id, environment, release, device FROM told WHERE NOT is_new
    )
