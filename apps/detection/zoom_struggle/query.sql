-- Zoom struggles. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit: hit.sql; $bursts: bursts.sql.
WITH tick_events AS ($tick_events),
runs AS
(
    SELECT
        project_id, session_id, $min_zooms AS at_least, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.page_id, hit.n), groupArray($hit)) AS hits
    FROM (SELECT *, t AS at_ms, concat(toString(scale), ' %%') AS detail FROM tick_events WHERE type = 'zoom')
    GROUP BY project_id, session_id, page_id, route
    HAVING count() >= at_least
)
$bursts
