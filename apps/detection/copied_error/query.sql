-- Copied errors. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments: moments.sql.
WITH tick_events AS ($tick_events),
moments AS
(
    SELECT *, 1 AS count, '' AS detail
    FROM tick_events
    WHERE type = 'copy'
        AND ifNull(age_ms, t) <= $fresh_ms
        AND NOT has($excluded_roles, element_role)
)
$moments
