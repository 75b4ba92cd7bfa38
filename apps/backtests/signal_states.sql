-- The signals of all views, each state once with the ticks whose views gave it. $signals: a signal's query.
SELECT
    project_id, session, page_id, n, ts_ms, ended_ms, user_id, route, element, element_label, environment, release, device,
    count, detail, event_pages, event_ns, retention_days, groupArray(tick_ms)
FROM
(
    SELECT *, substring(session_id, 14) AS session, toInt64(substring(session_id, 1, 13)) AS tick_ms
    FROM ($signals)
)
GROUP BY ALL
