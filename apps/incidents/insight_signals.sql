-- One threshold's signals in one group, oldest first. FINAL keeps a signal's highest version; retracted ones are left out.
-- Sort key (project_id, ts, signal_id): one range. Half-open: [from_ms, to_ms). Patterns with * are matched by the reader.
SELECT
    toUnixTimestamp64Milli(ts), kind, session_id, user_id, route, element, element_label, environment, release, device,
    count, detail
FROM signals FINAL
WHERE project_id = %(project_id)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND kind IN %(kinds)s
    AND NOT retracted
    AND (%(any_route)s OR route = %(route)s)
    AND (%(any_element)s OR element = %(element)s)
ORDER BY ts, signal_id
LIMIT %(limit)s
