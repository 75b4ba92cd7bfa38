-- Slow clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments: moments.sql.
WITH tick_events AS ($tick_events),
moments AS
(
    SELECT
        *,
        1 AS count,
        concat(toString(arrayMin(mapValues(mapFilter((kind, ms) -> has($page_kinds, kind), answers)))), ' ms') AS detail
    FROM tick_events
    WHERE type = 'click'
        AND clickable
        AND NOT has($excluded_kinds, element_kind)
        AND NOT mapExists((kind, ms) -> has($answer_kinds, kind) AND ms <= $slow_ms, answers)
        AND mapExists((kind, ms) -> has($page_kinds, kind) AND ms <= $dead_ms, answers)
)
$moments
