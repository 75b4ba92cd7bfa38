-- Layout jumps. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments: moments.sql.
WITH tick_events AS ($tick_events),
moments AS
(
    SELECT *, 1 AS count, concat(toString(shift_px), ' px') AS detail
    FROM tick_events
    WHERE type = 'click' AND shift_px >= $moved_px AND shift_ago_ms <= $window_ms
)
$moments
