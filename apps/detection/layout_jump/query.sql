-- Layout jumps. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $clicks_in_order: clicks_in_order.sql;
-- $moments: moments.sql.
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        $radius_px AS within_px,
        (element_role, element_label) AS says,
        shift_px >= $moved_px AND shift_ago_ms <= $window_ms AS is_found
    FROM tick_events
    WHERE type = 'click'
),
clicks AS ($clicks_in_order),
moments AS
(
    SELECT *, 1 AS count, concat(toString(shift_px), ' px') AS detail
    FROM clicks
    WHERE is_found AND NOT (is_near AND element_role != '' AND said_before = says)
)
$moments
