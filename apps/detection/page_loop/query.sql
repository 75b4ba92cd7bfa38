-- Page loops. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit: hit.sql; $bursts: bursts.sql. Only
-- sessions with enough loads of one route go on, so that the window functions sort few rows.
WITH tick_events AS ($tick_events),
visits AS
(
    -- inputs: the clicks and submits before; shown: the route of the page event before, '' for the first; left_ms: when a page
    -- was left last, NULL if none was.
    SELECT
        * REPLACE ('' AS element),
        countIf(type IN ('click', 'submit')) OVER before AS inputs,
        ifNull(last_value(if(type = 'page', route, NULL)) IGNORE NULLS OVER before, '') AS shown,
        last_value(if(type = 'leave', ts_ms, NULL)) IGNORE NULLS OVER before AS left_ms
    FROM tick_events
    WHERE type IN ('page', 'click', 'submit', 'leave')
        AND (project_id, session_id) IN (
            SELECT project_id, session_id
            FROM tick_events
            WHERE type = 'page' AND subtype IN ('load', 'push', 'replace')
            GROUP BY project_id, session_id, route
            HAVING count() >= $min_loads
        )
    WINDOW before AS (
        PARTITION BY project_id, session_id
        ORDER BY ts_ms, page_id, n
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
runs AS
(
    SELECT
        project_id, session_id, $min_loads AS at_least, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.page_id, hit.n), groupArray($hit)) AS hits
    FROM
    (
        SELECT *, ts_ms AS at_ms, message AS detail
        FROM visits
        WHERE type = 'page'
            AND (
                subtype = 'load' AND if(message = '', ifNull(left_ms >= ts_ms - t, true), message = shown)
                OR subtype IN ('push', 'replace') AND message != route
            )
    )
    GROUP BY project_id, session_id, route, inputs
    HAVING count() >= at_least
)
$bursts
