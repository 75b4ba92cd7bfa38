-- The sessions of $sessions in portions of some most_rows, in their order, which is the order in which events are stored: of
-- each portion its first and last session, its size, the earliest event that counts, and the first and last tick that look at it.
SELECT min(session_id), max(session_id), sum(size), min(oldest_ms), min(first_tick_ms), max(last_tick_ms)
FROM
(
    SELECT
        session_id, size, oldest_ms, first_tick_ms, last_tick_ms,
        intDiv(
            sum(size) OVER (ORDER BY session_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - size,
            %(most_rows)s
        ) AS portion
    FROM ($sessions)
)
GROUP BY portion
ORDER BY portion
