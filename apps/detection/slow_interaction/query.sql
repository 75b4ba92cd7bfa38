-- Slow interactions. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $moments: moments.sql.
WITH tick_events AS ($tick_events),
moments AS
(
    SELECT *, 1 AS count, concat(toString(duration_ms), ' ms') AS detail
    FROM tick_events
    WHERE type = 'interaction' AND duration_ms > $slow_ms
)
$moments
