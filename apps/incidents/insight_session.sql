-- Every signal of one session, with the events that it was made from.
-- Sort key (project_id, ts, signal_id): the range of a session's day; the bloom filter by_session skips the rest of it.
SELECT kind, toUnixTimestamp64Milli(ts), element_label, route, count, detail, event_pages, event_ns
FROM signals FINAL
WHERE project_id = %(project_id)s AND session_id = %(session_id)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND NOT retracted
ORDER BY ts, signal_id
LIMIT 1000
