-- The events of each view, the view's tick (13 digits until the year 2286) before the session's name: to a signal's query
-- each view is a session of its own. Without an event of one of the types that each of its signals has, a session has none.
SELECT
    events_of_tick.* EXCEPT (session_id),
    concat(toString(views.tick_ms), events_of_tick.session_id) AS session_id
FROM events_of_tick
INNER JOIN views_of_sessions AS views ON views.session_id = events_of_tick.session_id
WHERE views.session_id IN (SELECT session_id FROM events_of_tick WHERE type IN %(event_types)s)
    AND events_of_tick.stored_at_ms < views.tick_ms - %(settle_ms)s
    AND events_of_tick.stored_at_ms >= views.reads_from_ms
