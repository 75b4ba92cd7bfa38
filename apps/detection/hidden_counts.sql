-- What suppressions of these projects hid of the signals that are still kept: signals and sessions of each.
-- Sort key (project_id, ts, signal_id): the projects' ranges, from the oldest suppression on.
SELECT suppressed_by, uniqExact(signal_id), uniqExact(project_id, session_id)
FROM signals FINAL
WHERE project_id IN %(projects)s
  AND suppressed_by IN %(suppressions)s
  AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
GROUP BY suppressed_by
