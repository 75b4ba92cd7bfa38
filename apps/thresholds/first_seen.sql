-- For each audience the ticks that first knew of a session with a presence in its time, in order: the first `most`.
SELECT number, arraySlice(arraySort(groupArray(first_known_ms)), 1, %(most)s)
FROM
(
    SELECT number, session_id, min(known_ms) AS first_known_ms
    FROM ($presences)
    GROUP BY number, session_id
)
GROUP BY number
