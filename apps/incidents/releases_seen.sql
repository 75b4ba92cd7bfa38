-- When each release of some projects was first seen within the look-back, by arrival. Run only where an incident opens.
-- Sort key (project_id, …): each project's rows of some daily partitions, of which two small columns are read.
SELECT project_id, release, toUnixTimestamp64Milli(min(stored_at))
FROM events
WHERE project_id IN %(projects)s
  AND stored_at >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
  AND stored_at < fromUnixTimestamp64Milli(toInt64(%(arrived_before_ms)s))
  AND release != ''
GROUP BY project_id, release
