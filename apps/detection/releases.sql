-- Writes down which releases a tick's new events were of, and when the first event of each arrived: once a day each, so
-- nearly every tick writes nothing. events_of_tick holds events that earlier ticks saw too: those were written down then.
INSERT INTO releases (project_id, day, release, first_stored_at, retention_days)
SELECT
    project_id, toDate(arrived_at) AS of_day, release,
    min(fromUnixTimestamp64Milli(stored_at_ms, 'UTC') AS arrived_at), max(retention_days)
FROM events_of_tick
WHERE stored_at_ms >= %(arrived_from_ms)s
    AND release != ''
    AND (project_id, toDate(arrived_at), release) NOT IN (
        SELECT project_id, day, release
        FROM releases
        WHERE day >= toDate(fromUnixTimestamp64Milli(toInt64(%(arrived_from_ms)s), 'UTC'))
    )
GROUP BY project_id, of_day, release
