-- What ticks up to to_ms wrote about one project's signals, every version: the windows that the ticks of [from_ms, to_ms]
-- had to judge, and one reach of the rules before the earliest.
-- Sort key (project_id, ts, …): one range, from the earliest signal that a tick of the span changed (skip index
-- by_version). signals itself is read too: it has whatever the feed of the history could not write.
WITH least(
    toInt64(%(from_ms)s),
    (
        SELECT if(count() = 0, toInt64(%(from_ms)s), toUnixTimestamp64Milli(min(ts)))
        FROM (
            SELECT ts FROM signal_history
            WHERE project_id = %(project_id)s AND version > %(from_ms)s AND version <= %(to_ms)s
              AND ts >= fromUnixTimestamp64Milli(toInt64(%(horizon_ms)s))
              AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
        )
    )
) - toInt64(%(reach_ms)s) AS begin_ms
SELECT
    toString(signal_id), version, retracted, toUnixTimestamp64Milli(ts) AS ts_ms,
    kind, route, element, environment, release, device, session_id, user_id, count, element_label, detail, suppressed_by,
    retention_days
FROM
(
    SELECT project_id, ts, signal_id, version, retracted, kind, route, element, environment, release, device,
        session_id, user_id, count, element_label, detail, suppressed_by, retention_days
    FROM signal_history
    UNION ALL
    SELECT project_id, ts, signal_id, version, retracted, kind, route, element, environment, release, device,
        session_id, user_id, count, element_label, detail, suppressed_by, retention_days
    FROM signals
)
WHERE project_id = %(project_id)s
  AND ts >= fromUnixTimestamp64Milli(begin_ms)
  AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
  AND version <= %(to_ms)s
  -- What was past its retention when a tick learned of it was not counted then either.
  AND ts > fromUnixTimestamp64Milli(toInt64(version)) - toIntervalDay(retention_days)
  AND kind IN %(kinds)s
LIMIT 1 BY project_id, ts, signal_id, version
LIMIT %(limit)s
