-- At which window ends the sessions of each audience enter and leave the audience's window: `steps_of` in exposure.py.
-- A session with presences that lie further apart leaves in between. Of sessions of which something was known more than
-- late_after_ms after its cell, what was known depends on the tick: of these, and only these, every presence is listed,
-- with the session and the tick that first knew it. One pass over the presences for both; `limit` is for the list.
WITH
    arraySort(groupArray((cell_ms, toInt64(known_ms)))) AS known,
    -- Each cell once, with the tick that knew it first.
    arrayFilter((each, place) -> place = 1 OR each.1 != known[place - 1].1, known, arrayEnumerate(known)) AS seen,
    arrayMap(each -> each.1, seen) AS cells
SELECT number, session, at_ms, first_known_ms, sum(step) AS change
FROM
(
    SELECT
        number,
        any(window_ms) AS window,
        arrayFilter((cell, place) -> place = 1 OR cell - cells[place - 1] > window, cells, arrayEnumerate(cells))
            AS firsts,
        arrayFilter(
            (cell, place) -> place = length(cells) OR cells[place + 1] - cell > window,
            cells, arrayEnumerate(cells)
        ) AS lasts,
        if(
            arrayExists(each -> each.2 - each.1 > %(late_after_ms)s, seen),
            arrayMap(each -> (session_id, each.1, each.2, toInt64(0)), seen),
            arrayConcat(
                arrayMap(cell -> ('', cell + %(grid_ms)s, toInt64(0), toInt64(1)), firsts),
                arrayMap(cell -> ('', cell + window + %(grid_ms)s, toInt64(0), toInt64(-1)), lasts)
            )
        ) AS told
    FROM ($presences)
    GROUP BY number, session_id
)
ARRAY JOIN told.1 AS session, told.2 AS at_ms, told.3 AS first_known_ms, told.4 AS step
GROUP BY number, session, at_ms, first_known_ms
HAVING session != '' OR change != 0
LIMIT %(limit)s BY if(session = '', at_ms, 0)
