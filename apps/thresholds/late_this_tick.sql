-- The presences that a tick first knew, of windows that were judged already. Skip index by_known.
SELECT project_id, route, environment, release, device, groupUniqArray(toInt64(toUnixTimestamp(cell)) * 1000)
FROM presences
WHERE project_id IN %(projects)s
  AND cell >= toDateTime(intDiv(%(horizon_ms)s, 1000), 'UTC')
  AND cell < toDateTime(intDiv(%(late_before_ms)s, 1000), 'UTC')
  AND known_ms = %(as_of_ms)s
GROUP BY project_id, route, environment, release, device
