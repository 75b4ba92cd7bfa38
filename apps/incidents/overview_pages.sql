-- The pages on which most sessions met trouble, with what kinds of it.
-- Sort key (project_id, ts, signal_id): one range per project. Window half-open: [from_ms, to_ms).
SELECT
    project_id, route, uniqExact(session_id) AS sessions, count() AS signals,
    CAST(sumMap(map(toString(kind), toUInt64(1))), 'Map(String, UInt64)') AS kinds
FROM signals FINAL
WHERE project_id IN %(project_ids)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND NOT retracted
GROUP BY project_id, route
ORDER BY sessions DESC, signals DESC, project_id, route
LIMIT %(limit)s
