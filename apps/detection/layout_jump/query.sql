-- Layout jumps. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments: moments.sql. Only page views with
-- such a shift go on, and of these only the clicks.
WITH tick_events AS ($tick_events),
jumps AS
(
    SELECT *, shift_px >= $moved_px AND shift_ago_ms <= $window_ms AS has_jumped
    FROM tick_events
    WHERE type = 'click'
),
clicks AS
(
    SELECT
        *,
        lagInFrame(toNullable(toFloat64(x))) OVER in_order AS before_x,
        lagInFrame(toFloat64(y)) OVER in_order AS before_y,
        lagInFrame(element_role) OVER in_order AS before_role,
        lagInFrame(element_label) OVER in_order AS before_label
    FROM jumps
    WHERE (project_id, session_id, page_id) IN (
        SELECT project_id, session_id, page_id FROM jumps WHERE has_jumped GROUP BY project_id, session_id, page_id
    )
    WINDOW in_order AS (
        PARTITION BY project_id, session_id, page_id
        ORDER BY t, n
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
moments AS
(
    SELECT *, 1 AS count, concat(toString(shift_px), ' px') AS detail
    FROM clicks
    WHERE has_jumped
        AND NOT (
            ifNull(pow(toFloat64(x) - before_x, 2) + pow(toFloat64(y) - before_y, 2) <= pow($radius_px, 2), false)
            AND element_role != '' AND element_role = before_role AND element_label = before_label
        )
)
$moments
