-- Tab switchings. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit, $bursts: hit.sql, bursts.sql. Only
-- page views with returns enough go on, so that the window function sorts few rows.
WITH tick_events AS ($tick_events),
page_views AS
(
    SELECT project_id, session_id, page_id
    FROM tick_events
    WHERE type = 'return'
    GROUP BY project_id, session_id, page_id
    HAVING count() >= $min_returns
),
returns AS
(
    -- Each return with the last edited field or submit before it, which a submit has no time of filling.
    SELECT
        *,
        argMaxIf(
            (if(form != '', form, element), if(type = 'field', toInt64(t) + duration_ms, -1)),
            (t, n),
            type != 'return'
        ) OVER (
            PARTITION BY project_id, session_id, page_id ORDER BY t, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS filled,
        countIf(type != 'return') OVER (
            PARTITION BY project_id, session_id, page_id ORDER BY t, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS filled_before
    FROM tick_events
    WHERE (type = 'return' OR (type = 'field' AND edits > 0) OR (type = 'submit' AND subtype != 'invalid'))
        AND (project_id, session_id, page_id) IN (page_views)
),
runs AS
(
    SELECT
        project_id, session_id, $min_returns AS at_least, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.n), groupArray($hit)) AS hits
    FROM
    (
        SELECT * REPLACE (filled.1 AS element, '' AS element_label), toInt64(t) AS at_ms, '' AS detail
        FROM returns
        WHERE type = 'return' AND filled_before > 0 AND filled.2 >= 0 AND filled.2 >= toInt64(t) - $window_ms
    )
    GROUP BY project_id, session_id, page_id
    HAVING count() >= at_least
)
$bursts
