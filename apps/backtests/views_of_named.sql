-- The views of these sessions, in order.
SELECT session_id, groupArray((tick_ms, decided_from_ms))
FROM (SELECT * FROM views_of_sessions WHERE session_id IN %(sessions)s ORDER BY session_id, tick_ms)
GROUP BY session_id
