-- At which window ends the sessions of each audience enter and leave the audience's window: `steps_of` in exposure.py.
-- A session with presences that lie further apart leaves in between. Sessions of which something was known more than
-- late_after_ms after its cell are left out: what was known of them depends on the tick (late_presences.sql).
SELECT number, end_ms, sum(step) AS change
FROM
(
    SELECT
        number,
        any(window_ms) AS window,
        arraySort(groupArray(cell_ms)) AS cells,
        arrayFilter((cell, place) -> place = 1 OR cell - cells[place - 1] > window, cells, arrayEnumerate(cells))
            AS firsts,
        arrayFilter(
            (cell, place) -> place = length(cells) OR cells[place + 1] - cell > window,
            cells, arrayEnumerate(cells)
        ) AS lasts,
        arrayConcat(
            arrayMap(cell -> (cell + %(grid_ms)s, toInt64(1)), firsts),
            arrayMap(cell -> (cell + window + %(grid_ms)s, toInt64(-1)), lasts)
        ) AS steps
    FROM
    (
        SELECT number, any(window_ms) AS window_ms, session_id, cell_ms, min(known_ms) AS first_known_ms
        FROM ($presences)
        GROUP BY number, session_id, cell_ms
    )
    GROUP BY number, session_id
    HAVING max(toInt64(first_known_ms) - cell_ms) <= %(late_after_ms)s
)
ARRAY JOIN steps.1 AS end_ms, steps.2 AS step
GROUP BY number, end_ms
HAVING change != 0
