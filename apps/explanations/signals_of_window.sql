-- Every version of the signals of one project in one window, of all kinds; also what was learned of them later.
-- Sort key (project_id, ts, …): one range. Columns as in apps/backtests/signal_history.sql.
SELECT
    toString(signal_id), version, retracted, toUnixTimestamp64Milli(ts) AS ts_ms,
    kind, route, element, environment, release, device, session_id, user_id, count, element_label, detail, suppressed_by,
    retention_days
FROM
(
    SELECT project_id, ts, signal_id, version, retracted, kind, route, element, environment, release, device,
        session_id, user_id, count, element_label, detail, suppressed_by, retention_days
    FROM signal_history
    UNION ALL
    SELECT project_id, ts, signal_id, version, retracted, kind, route, element, environment, release, device,
        session_id, user_id, count, element_label, detail, suppressed_by, retention_days
    FROM signals
)
WHERE project_id = %(project_id)s
  AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
  AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
ORDER BY ts_ms, signal_id, version
LIMIT 1 BY project_id, ts, signal_id, version
LIMIT %(limit)s
