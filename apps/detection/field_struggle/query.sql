-- Field struggles. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit, $bursts: hit.sql, bursts.sql.
WITH tick_events AS ($tick_events),
fields AS
(
    -- Per field of a session: the visits that edited it, and its emptyings, each as the visit in which it happened.
    SELECT
        project_id, session_id,
        $min_visits AS min_visits, $min_clears AS min_clears, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.page_id, hit.n), groupArray($hit)) AS visits,
        arraySort(
            hit -> (hit.at_ms, hit.page_id, hit.n),
            groupArrayArray(arrayWithConstant(if(duration_ms <= $window_ms, least(clears, $min_clears), 0), $hit))
        ) AS clears
    FROM
    (
        SELECT *, ts_ms AS at_ms, '' AS detail
        FROM tick_events
        WHERE type = 'field' AND edits > 0 AND element != ''
    )
    GROUP BY project_id, session_id, route, element
    HAVING length(visits) >= min_visits OR length(clears) >= min_clears
),
runs AS
(
    SELECT
        project_id, session_id, window_ms,
        arrayExists(
            (i, visit, first) -> i >= min_visits AND visit.at_ms - first.at_ms <= window_ms,
            arrayEnumerate(visits), visits, arrayShiftRight(visits, min_visits - 1)
        ) AS has_too_many_visits,
        if(has_too_many_visits, min_visits, min_clears) AS at_least,
        if(has_too_many_visits, visits, clears) AS hits
    FROM fields
)
$bursts
