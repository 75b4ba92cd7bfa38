-- The presences of each audience asked for, as far as ticks up to to_ms knew them. Not unique: a presence stands twice
-- until a merge where a tick was run again.
-- Sort key (project_id, cell, …): each project is one range. An audience of one route is found by a hash of the route.
SELECT asked.number AS number, asked.window_ms AS window_ms, presences.session_id AS session_id, known_ms,
    toInt64(toUnixTimestamp(presences.cell)) * 1000 AS cell_ms
FROM presences
INNER JOIN (SELECT * FROM ($asked) WHERE one_route) AS asked
    ON presences.project_id = asked.project_id AND presences.route = asked.route
WHERE presences.project_id IN %(projects)s
  AND presences.cell >= toDateTime(intDiv(%(from_ms)s, 1000), 'UTC')
  AND presences.cell <= toDateTime(intDiv(%(before_ms)s, 1000), 'UTC')
  AND known_ms <= %(to_ms)s
  AND cell_ms >= asked.from_ms AND cell_ms < asked.to_ms
  AND asked.environment IN ('', presences.environment)
  AND asked.release IN ('', presences.release)
  AND asked.device IN ('', presences.device)
UNION ALL
SELECT asked.number, asked.window_ms, presences.session_id, known_ms,
    toInt64(toUnixTimestamp(presences.cell)) * 1000 AS cell_ms
FROM presences
INNER JOIN (SELECT * FROM ($asked) WHERE NOT one_route) AS asked
    ON presences.project_id = asked.project_id
WHERE presences.project_id IN %(projects)s
  AND presences.cell >= toDateTime(intDiv(%(from_ms)s, 1000), 'UTC')
  AND presences.cell <= toDateTime(intDiv(%(before_ms)s, 1000), 'UTC')
  AND known_ms <= %(to_ms)s
  AND cell_ms >= asked.from_ms AND cell_ms < asked.to_ms
  AND presences.route LIKE asked.route
  AND asked.environment IN ('', presences.environment)
  AND asked.release IN ('', presences.release)
  AND asked.device IN ('', presences.device)
