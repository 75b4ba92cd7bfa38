-- Error bursts. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit, $bursts, $shows_somebody: hit.sql,
-- bursts.sql, shows_somebody.sql. Only page views with errors enough go on, so that the window functions sort few rows.
WITH tick_events AS ($tick_events),
failing_page_views AS
(
    SELECT project_id, session_id, page_id
    FROM tick_events
    WHERE type = 'error'
    GROUP BY project_id, session_id, page_id
    HAVING count() >= $min_errors
),
told AS
(
    -- used_until_ms: when the person was last busy, as far as this event tells; -1 when it tells of nobody. shown: how often
    -- the page was left before, so that each time it is shown is looked at by itself.
    SELECT
        *,
        toInt64(t) AS at_ms,
        multiIf(
            NOT $shows_somebody, -1,
            type IN ('field', 'pointer', 'interaction'), at_ms + duration_ms,
            at_ms
        ) AS used_until_ms,
        countIf(type = 'leave') OVER (
            PARTITION BY project_id, session_id, page_id ORDER BY t, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS shown
    FROM tick_events
    WHERE (type = 'error' OR type = 'leave' OR $shows_somebody)
        AND (project_id, session_id, page_id) IN (failing_page_views)
),
in_use AS
(
    SELECT
        *,
        message AS detail,
        max(used_until_ms) OVER (
            PARTITION BY project_id, session_id, page_id, shown ORDER BY t, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_used_ms
    FROM told
),
runs AS
(
    SELECT
        project_id, session_id, $min_errors AS at_least, $window_ms AS window_ms,
        arraySort(hit -> (hit.at_ms, hit.n), groupArray($hit)) AS hits
    FROM in_use
    WHERE type = 'error' AND last_used_ms >= 0 AND at_ms - last_used_ms <= $use_ms
    GROUP BY project_id, session_id, page_id, error_group
    HAVING count() >= at_least
)
$bursts
