-- Which releases were in use, as ticks would have written it: apps/detection/releases.sql.
INSERT INTO releases
SELECT project_id, toDate(stored_at) AS of_day, release, min(stored_at), max(retention_days)
FROM events
GROUP BY project_id, of_day, release
