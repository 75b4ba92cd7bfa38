-- Slow clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $clicks_in_order: clicks_in_order.sql;
-- $moments: moments.sql.
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        $radius_px AS within_px,
        mapExists((kind, ms) -> has($answer_kinds, kind) AND ms <= $slow_ms, answers) AS is_answered,
        is_answered AS says,
        clickable
            AND NOT has($excluded_kinds, element_kind)
            AND NOT is_answered
            AND mapExists((kind, ms) -> has($page_kinds, kind) AND ms <= $dead_ms, answers) AS is_found
    FROM tick_events
    WHERE type = 'click'
),
clicks AS ($clicks_in_order),
moments AS
(
    SELECT
        *,
        1 AS count,
        concat(toString(arrayMin(mapValues(mapFilter((kind, ms) -> has($page_kinds, kind), answers)))), ' ms') AS detail
    FROM clicks
    WHERE is_found AND NOT (is_near AND ms_since <= $double_click_ms AND said_before)
)
$moments
