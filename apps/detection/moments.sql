-- The signals of events that are one each. Reads `moments`: events with `count` and `detail`.
SELECT
    project_id,
    session_id,
    page_id,
    n,
    ts_ms,
    ts_ms AS ended_ms,
    user_id,
    route,
    element,
    element_label,
    environment,
    release,
    device,
    count,
    detail,
    [page_id] AS event_pages,
    [n] AS event_ns,
    retention_days
FROM moments
