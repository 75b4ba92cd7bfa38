-- When the shard's first event in [from_ms, to_ms) was stored, and how many there are.
-- Read from the projection by_arrival (ORDER BY stored_at) and from the partitions of these days only.
SELECT toUnixTimestamp64Milli(min(stored_at)), count()
FROM events
WHERE project_id %% %(shards)s = %(shard)s
  AND stored_at >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s))
  AND stored_at < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
