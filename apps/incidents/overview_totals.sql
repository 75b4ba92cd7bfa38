-- Signals and the sessions that had one: in [from_ms, to_ms), and in the period of the same length before it.
-- Sort key (project_id, ts, signal_id): one range per project.
SELECT
    ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AS current,
    count() AS signals,
    uniqExact(project_id, session_id) AS sessions,
    uniqExactIf((project_id, user_id), user_id != '') AS users
FROM signals FINAL
WHERE project_id IN %(project_ids)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(before_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND NOT retracted
GROUP BY current
