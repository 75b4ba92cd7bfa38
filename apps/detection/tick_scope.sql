-- How much a tick has to do: the new events that count, and the earliest moment at which one of them happened.
-- Reads the projection by_arrival of `events`, sorted by stored_at, in the partitions of the tick's days.
SELECT count(), toUnixTimestamp64Milli(min(ts))
FROM events
WHERE stored_at >= fromUnixTimestamp64Milli(%(arrived_from_ms)s, 'UTC')
    AND stored_at < fromUnixTimestamp64Milli(%(arrived_to_ms)s, 'UTC')
    AND evaluable
    AND modulo(project_id, %(shards)s) = %(shard)s
