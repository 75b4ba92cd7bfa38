-- The signals inside the windows that a tick has to evaluate, of every project at once.
-- A group's older signals are read only where the tick changed that group, at the level its thresholds group by; the
-- level of a whole project (no grouping, or a threshold changed just now) reads the project.
-- Sort key (project_id, ts, signal_id): each project is one range from its own earliest window on.
-- Half-open: ts < as_of. The highest version of a signal counts, as of the tick; merges may not have happened yet.
WITH touched AS
(
    SELECT DISTINCT project_id, route, element
    FROM signals
    WHERE project_id IN %(projects)s
      AND ts >= fromUnixTimestamp64Milli(toInt64(%(horizon_ms)s))
      AND ts < fromUnixTimestamp64Milli(toInt64(%(as_of_ms)s))
      AND (version = %(as_of_ms)s
           OR (ts >= fromUnixTimestamp64Milli(toInt64(%(since_ms)s)) AND version < %(as_of_ms)s))
    UNION ALL
    -- Groups in which nothing changed but the time.
    SELECT toUInt64(each.1), toString(each.2), toString(each.3) FROM (SELECT arrayJoin(%(also)s) AS each)
)
SELECT
    project_id, kind, route, element, environment, release, device,
    intDiv(ts_ms, %(grid_ms)s) * %(grid_ms)s AS cell_ms,
    session_id, user_id,
    count() AS signals,
    sum(clicks) AS clicks,
    argMax(label, (label != '', ts_ms, signal_id)) AS latest_label,
    argMax(detail, (detail != '', ts_ms, signal_id)) AS latest_detail
FROM
(
    SELECT
        project_id,
        toUnixTimestamp64Milli(ts) AS ts_ms,
        signal_id,
        argMax(retracted, version) AS is_retracted,
        argMax(kind, version) AS kind,
        argMax(route, version) AS route,
        argMax(element, version) AS element,
        argMax(environment, version) AS environment,
        argMax(release, version) AS release,
        argMax(device, version) AS device,
        argMax(session_id, version) AS session_id,
        argMax(user_id, version) AS user_id,
        argMax(count, version) AS clicks,
        argMax(element_label, version) AS label,
        argMax(s.detail, version) AS detail
    FROM signals AS s
    WHERE project_id IN %(projects)s
      AND s.kind IN %(kinds)s
      AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
      AND ts < fromUnixTimestamp64Milli(toInt64(%(as_of_ms)s))
      AND toUnixTimestamp64Milli(ts) >= transform(project_id, %(projects)s, %(projects_from_ms)s, toInt64(%(as_of_ms)s))
      AND version <= %(as_of_ms)s
      -- What is past its retention counts no more, whether a merge has deleted it or not.
      AND ts > fromUnixTimestamp64Milli(toInt64(%(as_of_ms)s)) - toIntervalDay(s.retention_days)
      AND (
          project_id IN %(whole)s
          OR (project_id IN %(by_route)s AND (project_id, s.route) IN (SELECT project_id, route FROM touched))
          OR (project_id IN %(by_element)s AND (project_id, s.element) IN (SELECT project_id, element FROM touched))
          OR (project_id IN %(by_both)s AND (project_id, s.route, s.element) IN (SELECT * FROM touched))
      )
    GROUP BY project_id, ts, signal_id
)
WHERE NOT is_retracted
GROUP BY project_id, kind, route, element, environment, release, device, cell_ms, session_id, user_id
