-- The signals of runs of events in which something happened too often within too short a time (bursts.py). Reads `runs`: one
-- row per run, with project_id, session_id, at_least, window_ms and `hits`, its events in order (hit.sql, or a tuple with the
-- same names). Handled as arrays, so that the cost is linear in the hits; no lambda captures an array: ClickHouse would
-- copy it for each element.
SELECT
    project_id,
    session_id,
    burst[1].page_id AS page_id,
    burst[1].n AS n,
    burst[1].ts_ms AS ts_ms,
    burst[-1].ts_ms AS ended_ms,
    burst[1].user_id AS user_id,
    burst[1].route AS route,
    burst[1].element AS element,
    arrayLast(label -> label != '', burst.element_label) AS element_label,
    burst[1].environment AS environment,
    burst[1].release AS release,
    burst[1].device AS device,
    length(burst) AS count,
    burst[-1].detail AS detail,
    events.1 AS event_pages,
    events.2 AS event_ns,
    burst[1].retention_days AS retention_days
FROM
(
    SELECT
        project_id,
        session_id,
        arrayJoin(arraySplit(
            (hit, place) -> place = 0,
            arrayFilter((hit, place) -> place >= 0, hits, places),
            arrayFilter(place -> place >= 0, places)
        )) AS burst,
        -- An event may be several hits, which follow each other.
        arrayCompact(arrayMap(hit -> (hit.page_id, hit.n), burst)) AS events
    FROM
    (
        -- Where each hit lies in the next window that closes: 0 when it begins that window, and with it a burst; more when
        -- it is further in; less when no window reaches back to it.
        SELECT
            project_id,
            session_id,
            hits,
            arrayMap(
                (closing, i) -> if(closing = 0, -1, toInt64(i) + at_least - 1 - closing),
                next_closing, arrayEnumerate(next_closing)
            ) AS places
        FROM
        (
            -- A window closes at a hit when at_least hits, that one the last, lie within it. next_closing: the index of the
            -- first such hit at or after a hit, 0 when there is none.
            SELECT
                project_id,
                session_id,
                at_least,
                hits,
                arrayReverseFill(closing -> closing != 0, arrayMap(
                    (i, hit, first) -> if(i >= at_least AND hit.at_ms - first.at_ms <= window_ms, i, 0),
                    arrayEnumerate(hits), hits, arrayShiftRight(hits, at_least - 1)
                )) AS next_closing
            FROM runs
            WHERE length(hits) >= at_least
        )
        WHERE has(places, 0)
    )
)
