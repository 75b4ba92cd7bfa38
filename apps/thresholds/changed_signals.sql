-- What a tick has to look at: signals that it wrote anew (new, changed or retracted: version = as_of), and signals that
-- were known before and whose time has come (a browser's clock may run up to 5 minutes ahead).
-- Sort key (project_id, ts, …) and daily partitions: the horizon bounds what is read to the days in which a signal may
-- still change; of each of their rows only `version` is read to decide.
SELECT
    project_id, kind, route, element, environment, release, device,
    groupUniqArray(intDiv(toUnixTimestamp64Milli(ts), %(grid_ms)s) * %(grid_ms)s) AS cells,
    max(retracted) AS any_retracted,
    countIf(version = %(as_of_ms)s AND NOT retracted) AS written
FROM signals
WHERE project_id %% %(shards)s = %(shard)s
  AND ts >= fromUnixTimestamp64Milli(toInt64(%(horizon_ms)s))
  AND ts < fromUnixTimestamp64Milli(toInt64(%(as_of_ms)s))
  AND ts > fromUnixTimestamp64Milli(toInt64(%(as_of_ms)s)) - toIntervalDay(retention_days)
  AND (version = %(as_of_ms)s OR (ts >= fromUnixTimestamp64Milli(toInt64(%(since_ms)s)) AND version < %(as_of_ms)s))
GROUP BY project_id, kind, route, element, environment, release, device
ORDER BY project_id, kind, route, element, environment, release, device
