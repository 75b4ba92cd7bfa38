-- Dead clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); each click is judged by itself.
WITH tick_events AS ($tick_events)
SELECT
    project_id,
    session_id,
    page_id,
    n,
    ts_ms,
    ts_ms AS ended_ms,
    user_id,
    route,
    element,
    element_label,
    environment,
    release,
    device,
    1 AS count,
    '' AS detail,
    [page_id] AS event_pages,
    [n] AS event_ns,
    retention_days
FROM tick_events
WHERE type = 'click'
    AND clickable
    AND NOT has($excluded_kinds, element_kind)
    AND observed_ms >= $answer_ms
    AND NOT mapExists((kind, ms) -> has($answer_kinds, kind) AND ms <= $answer_ms, answers)
