-- Scroll thrashes. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit, $bursts: hit.sql, bursts.sql.
WITH tick_events AS ($tick_events),
runs AS
(
    -- Per scroller of a page view: its long strokes, in order.
    SELECT
        project_id, session_id, $min_turns AS at_least, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.n), groupArray($hit)) AS hits
    FROM
    (
        SELECT *, toInt64(t) AS at_ms, '' AS detail
        FROM tick_events
        WHERE type = 'scroll' AND abs(toInt64(distance_px)) >= $distance_px
    )
    GROUP BY project_id, session_id, page_id, element
    HAVING count() >= at_least
)
$bursts
