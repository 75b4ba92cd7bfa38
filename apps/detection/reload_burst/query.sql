-- Reload bursts. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit: hit.sql; $bursts: bursts.sql. Only
-- sessions with enough reloads go on, so that the window function sorts few rows.
WITH tick_events AS ($tick_events),
visits AS
(
    -- Page events, the clicks and submits that led somewhere, and pages that reload themselves. previous: the type of the one
    -- before, '' for the first.
    SELECT
        * REPLACE ('' AS element),
        lagInFrame(toString(type)) OVER (
            PARTITION BY project_id, session_id
            ORDER BY ts_ms, page_id, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS previous
    FROM tick_events
    WHERE (
            type = 'page'
            OR type IN ('click', 'submit') AND mapContains(answers, 'nav')
            OR type = 'leave' AND subtype = 'reload'
        )
        AND (project_id, session_id) IN (
            SELECT project_id, session_id
            FROM tick_events
            WHERE type = 'page' AND subtype = 'reload'
            GROUP BY project_id, session_id
            HAVING count() >= $min_reloads
        )
),
runs AS
(
    SELECT
        project_id, session_id, $min_reloads AS at_least, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.page_id, hit.n), groupArray($hit)) AS hits
    FROM
    (
        SELECT *, ts_ms AS at_ms, '' AS detail
        FROM visits
        WHERE type = 'page' AND subtype = 'reload' AND previous IN ('', 'page')
    )
    GROUP BY project_id, session_id, route
    HAVING count() >= at_least
)
$bursts
