-- Copied errors. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments, $refused: moments.sql,
-- refused.sql.
WITH tick_events AS ($tick_events),
copies AS
(
    SELECT *
    FROM tick_events
    WHERE type = 'copy' AND NOT has($excluded_roles, element_role)
),
failures AS
(
    -- Of the page views with such a copy, when something failed.
    SELECT project_id, session_id, page_id, groupArray(toInt64(t)) AS failed_at
    FROM tick_events
    WHERE (project_id, session_id, page_id) IN (SELECT project_id, session_id, page_id FROM copies)
        AND (type = 'error' OR $refused)
    GROUP BY project_id, session_id, page_id
),
moments AS
(
    SELECT copies.*, 1 AS count, '' AS detail
    FROM copies
    LEFT JOIN failures USING (project_id, session_id, page_id)
    WHERE ifNull(age_ms, t) <= $fresh_ms
        OR (isNull(age_ms) AND arrayExists(at -> at <= toInt64(t) AND at >= toInt64(t) - $fresh_ms, failed_at))
)
$moments
