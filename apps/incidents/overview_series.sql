-- Signals per time bucket and kind. FINAL keeps a signal's highest version; retracted ones are left out.
-- Sort key (project_id, ts, signal_id): one range per project. Window half-open: [from_ms, to_ms).
SELECT intDiv(toUnixTimestamp64Milli(ts) - %(from_ms)s, %(bucket_ms)s) AS bucket, kind, count() AS signals
FROM signals FINAL
WHERE project_id IN %(project_ids)s
    AND ts >= fromUnixTimestamp64Milli(toInt64(%(from_ms)s)) AND ts < fromUnixTimestamp64Milli(toInt64(%(to_ms)s))
    AND NOT retracted
GROUP BY bucket, kind
ORDER BY bucket, kind
