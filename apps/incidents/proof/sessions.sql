-- The sessions that may have had a signal in the window when the tick judged it, with what a rule filters by.
-- Every row counts, also of later versions and retracted ones: merges keep the highest version alone, and what the tick
-- saw is computed anew from events. Sort key (project_id, ts, signal_id): one range. Half-open: [from_ms, to_ms).
SELECT DISTINCT session_id, kind, route, element, environment, release, device
FROM signals
WHERE project_id = %(project_id)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND kind IN %(kinds)s
LIMIT %(most)s
