-- The shard's first signal that lies in [from_ms, to_ms) by event time: it was stored by a browser whose clock is ahead.
-- Sort key (project_id, ts): only the last granules of each project, in the newest partition.
SELECT toUnixTimestamp64Milli(min(ts)), count()
FROM signals
WHERE project_id %% %(shards)s = %(shard)s
  AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
  AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
