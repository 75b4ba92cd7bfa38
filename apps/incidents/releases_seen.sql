-- When each release of some projects was first seen within the look-back, by arrival. Run only where an incident opens.
-- Sort key (project_id, day, …): each project's two weeks are one range, one row a release and day.
SELECT project_id, release, toUnixTimestamp64Milli(min(first_stored_at))
FROM releases
WHERE project_id IN %(projects)s
  AND day >= toDate(fromUnixTimestamp64Milli(toInt64(%(from_ms)s), 'UTC'))
  AND first_stored_at < fromUnixTimestamp64Milli(toInt64(%(arrived_before_ms)s), 'UTC')
GROUP BY project_id, release
