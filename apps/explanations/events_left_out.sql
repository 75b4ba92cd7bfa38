-- Events of one window that are stored and never evaluated, by the reason. The time in the browser decides the window:
-- an event that is too old arrived up to retention later, so partitions are bounded from one side only.
SELECT if(has(flags, 'too_new'), 'too_new', 'too_old') AS reason, count(), uniqExact(session_id)
FROM events
WHERE project_id = %(project_id)s
  AND NOT evaluable
  AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
  AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
  -- A clock that is ahead: stored before the time it tells, by a day at most for our purposes.
  AND stored_at >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s - 86400000))
GROUP BY reason
ORDER BY reason
