-- Every presence of the sessions that exposure.sql leaves out, with the tick that first knew it.
SELECT number, session_id, arrayJoin(seen).1, arrayJoin(seen).2
FROM
(
    SELECT number, session_id, groupArray((cell_ms, first_known_ms)) AS seen
    FROM
    (
        SELECT number, session_id, cell_ms, min(known_ms) AS first_known_ms
        FROM ($presences)
        GROUP BY number, session_id, cell_ms
    )
    GROUP BY number, session_id
    HAVING max(toInt64(first_known_ms) - cell_ms) > %(late_after_ms)s
)
LIMIT %(limit)s
