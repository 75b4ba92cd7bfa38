-- The clicks of `told` on page views with one that `is_found`, each with the click before it: `is_near`, whether that was at most
-- within_px away, how many ms ago it was (ms_since), and what it `says` (said_before). Before the first there is none, and nothing
-- is near. The filter spares page views without such a click the sorting.
SELECT
    *,
    ifNull(
        pow(toFloat64(x) - lagInFrame(toNullable(toFloat64(x))) OVER in_order, 2)
            + pow(toFloat64(y) - lagInFrame(toFloat64(y)) OVER in_order, 2) <= pow(within_px, 2),
        false
    ) AS is_near,
    toInt64(t) - lagInFrame(toInt64(t)) OVER in_order AS ms_since,
    lagInFrame(says) OVER in_order AS said_before
FROM told
WHERE (project_id, session_id, page_id) IN (
    SELECT project_id, session_id, page_id FROM told WHERE is_found GROUP BY project_id, session_id, page_id
)
WINDOW in_order AS (
    PARTITION BY project_id, session_id, page_id
    ORDER BY t, n
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
)
