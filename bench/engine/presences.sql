-- Who was there, as ticks would have written it that ran in time: apps/detection/presences.sql.
INSERT INTO presences
SELECT
    project_id, toDateTime(intDiv(toUnixTimestamp64Milli(ts), 10000) * 10, 'UTC') AS of_cell, route, session_id,
    environment, release, device,
    min((intDiv(toUnixTimestamp64Milli(stored_at) + 3000, 10000) + 1) * 10000), max(retention_days)
FROM events
GROUP BY project_id, of_cell, route, session_id, environment, release, device
