-- The events of `relevant`, each with the next page event of its session (interactions.py, pages_after): its route and its status, 0
-- where it tells none; NULL where there is none.
SELECT
    *,
    last_value(if(type = 'page', route, NULL)) IGNORE NULLS OVER following AS page_route,
    last_value(if(type = 'page', ifNull(status, 0), NULL)) IGNORE NULLS OVER following AS page_status
FROM relevant
WINDOW following AS (
    PARTITION BY project_id, session_id
    ORDER BY ts_ms DESC, page_id DESC, n DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
)
