-- The sessions that a tick looks at: those of its shard with a new event that counts.
-- Reads the projection by_arrival of `events`, sorted by stored_at, in the partitions of the tick's days.
SELECT project_id, session_id
FROM events
WHERE stored_at >= fromUnixTimestamp64Milli(%(arrived_from_ms)s, 'UTC')
    AND stored_at < fromUnixTimestamp64Milli(%(arrived_to_ms)s, 'UTC')
    AND evaluable
    AND modulo(project_id, %(shards)s) = %(shard)s
GROUP BY project_id, session_id
