-- One project's sessions and how much it is to look at each as its ticks did: its events times the ticks that looked.
-- moving: those with an event that a tick of the span after the first one saw as new. Else those that the first tick knew
-- with an event from from_ms on, and that none after it looked at.
-- Reads the projection by_arrival of `events`, sorted by stored_at, in the partitions of the days.
WITH greatest(
    toInt64(%(first_ms)s),
    intDiv(toUnixTimestamp64Milli(stored_at) + %(settle_ms)s, 10000) * 10000 + 10000
) AS tick_ms
SELECT
    project_id,
    session_id,
    count() AS events,
    min(tick_ms) AS first_tick_ms,
    max(tick_ms) AS last_tick_ms,
    events * uniqExact(tick_ms) AS size,
    toUnixTimestamp64Milli(minIf(ts, NOT %(moving)s OR toUnixTimestamp64Milli(stored_at) >= %(first_ms)s - %(settle_ms)s))
        AS oldest_ms
FROM events
WHERE project_id = %(project_id)s
    AND stored_at >= fromUnixTimestamp64Milli(toInt64(%(stored_from_ms)s), 'UTC')
    AND stored_at < fromUnixTimestamp64Milli(toInt64(%(last_ms)s - %(settle_ms)s), 'UTC')
    AND evaluable
GROUP BY project_id, session_id
HAVING %(moving)s = (toUnixTimestamp64Milli(max(stored_at)) >= %(first_ms)s - %(settle_ms)s)
    AND toUnixTimestamp64Milli(max(ts)) >= %(from_ms)s
