-- Sessions seen in [from_ms, to_ms), frustrated or not. uniq is within about 1 % and needs little memory.
-- stored_at prunes the daily partitions: an event is stored at most 5 minutes before its own time, 7 days after it.
SELECT uniq(project_id, session_id) AS sessions
FROM events
WHERE project_id IN %(project_ids)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND stored_at >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s) - 300000)
    AND stored_at < fromUnixTimestamp64Milli(toInt64(%(to_ms)s) + 604800000)
