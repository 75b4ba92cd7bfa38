-- The events of one session nearest to a moment, each once ($first_copy: first_copy.sql).
-- Sort key (project_id, session_id, page_id, n): one short range, whatever the project's size.
-- total: the session's events, so that the reader can say how many are not shown.
SELECT
    page_id, n, t, toUnixTimestamp64Milli(ts) AS ts_ms, type, route, environment, release, device, user_id,
    element, element_role, element_label, CAST(answers, 'Map(String, UInt32)') AS answers, observed_ms,
    subtype, status, duration_ms, message, form, facts,
    count() OVER () AS total,
    countIf(ts_ms < %(around_ms)s) OVER () AS total_before
FROM
(
    SELECT *
    FROM events
    WHERE project_id = %(project_id)s AND session_id = %(session_id)s
    ORDER BY page_id, n, $first_copy
    LIMIT 1 BY page_id, n
)
ORDER BY abs(ts_ms - %(around_ms)s), page_id, n
LIMIT %(limit)s
