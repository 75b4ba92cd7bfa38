-- The ticks in (after_ms, until_ms] that looked at the sessions of events_of_tick; what each decided anew, and what it read.
CREATE TEMPORARY TABLE views_of_sessions
ENGINE = Memory
AS SELECT
    session_id,
    greatest(toInt64(%(first_ms)s), intDiv(stored_at_ms + %(settle_ms)s, 10000) * 10000 + 10000) AS tick_ms,
    min(ts_ms) - %(session_ms)s AS decided_from_ms,
    decided_from_ms - %(margin_ms)s AS reads_from_ms
FROM events_of_tick
GROUP BY session_id, tick_ms
HAVING tick_ms > %(after_ms)s AND tick_ms <= %(until_ms)s
