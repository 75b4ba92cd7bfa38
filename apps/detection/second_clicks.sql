-- The clicks of `told` on page views with one that `is_found`, each with `is_second`: it is the second of a double click,
-- at most within_ms after the click before it and within_px from it, whose first was answered (`is_answered`).
-- answers.py says the same. The filter spares page views without such a click the sorting.
SELECT
    *,
    ifNull(
        lagInFrame(is_answered) OVER in_order
        AND toInt64(t) - lagInFrame(toNullable(toInt64(t))) OVER in_order <= within_ms
        AND pow(toFloat64(x) - lagInFrame(toFloat64(x)) OVER in_order, 2)
            + pow(toFloat64(y) - lagInFrame(toFloat64(y)) OVER in_order, 2) <= pow(within_px, 2),
        false
    ) AS is_second
FROM told
WHERE (project_id, session_id, page_id) IN (
    SELECT project_id, session_id, page_id FROM told WHERE is_found GROUP BY project_id, session_id, page_id
)
WINDOW in_order AS (
    PARTITION BY project_id, session_id, page_id
    ORDER BY t, n
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
)
