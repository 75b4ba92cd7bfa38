-- Thrashed cursors. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments: moments.sql.
WITH tick_events AS ($tick_events),
moments AS
(
    SELECT *, turns AS count, '' AS detail
    FROM tick_events
    WHERE type = 'pointer' AND turns >= $min_turns AND distance_px >= $travelled_px
)
$moments
