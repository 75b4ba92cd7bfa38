-- Quick backs. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql). Only sessions in which somebody went
-- back go on; each is handled as arrays, so that its cost is linear in its events (but for sorting them).
WITH tick_events AS ($tick_events),
sessions AS
(
    -- Page events, and what shows that a page was used or left, in order; then the page events alone, each with how many uses
    -- and leavings of the page shown came before it. Before the first page event, arrayFill leaves the event itself.
    SELECT
        project_id, session_id,
        arraySort(event -> (event.ts_ms, event.page_id, event.n), groupArray(CAST(
            (ts_ms, page_id, n, t, type = 'page', type = 'leave', subtype, message, element_label, route, user_id,
             environment, release, device, retention_days),
            'Tuple(ts_ms Int64, page_id String, n UInt32, t UInt32, is_page Bool, is_leave Bool, subtype String,
                   came_from String, element_label String, route String, user_id String, environment String, release String,
                   device String, retention_days UInt16)'
        ))) AS events,
        arrayFill(event -> event.is_page, events) AS shown_pages,
        arrayCumSum(
            (event, shown) -> NOT event.is_page AND NOT event.is_leave AND event.page_id = shown.page_id,
            events, shown_pages
        ) AS uses,
        arrayCumSum((event, shown) -> event.is_leave AND event.page_id = shown.page_id, events, shown_pages) AS leaves,
        arrayFilter(event -> event.is_page, events) AS pages,
        arrayFilter((use, event) -> event.is_page, uses, events) AS uses_before,
        arrayFilter((leave, event) -> event.is_page, leaves, events) AS leaves_before
    FROM tick_events
    WHERE (
            type = 'page' AND subtype != 'replace'
            OR type IN ('click', 'submit', 'leave')
            OR type = 'field' AND edits > 0
        )
        AND (project_id, session_id) IN (
            SELECT project_id, session_id FROM tick_events WHERE type = 'page' AND subtype IN ('back', 'bfcache')
        )
    GROUP BY project_id, session_id
),
visits AS
(
    -- Each page event with the one before it, whether that one's page was used and left since, and when.
    SELECT
        project_id, session_id,
        arrayJoin(arrayZip(
            pages,
            arrayShiftRight(pages, 1),
            arrayMap((now, then) -> now > then, uses_before, arrayShiftRight(uses_before, 1)),
            arrayMap((now, then) -> now > then, leaves_before, arrayShiftRight(leaves_before, 1))
        )) AS visit,
        visit.1 AS back,
        visit.2 AS arrival,
        visit.3 AS is_used,
        visit.4 AS is_left,
        if(
            back.page_id != arrival.page_id AND back.ts_ms - back.t > arrival.ts_ms, back.ts_ms - back.t, back.ts_ms
        ) AS left_ms
    FROM sessions
)
SELECT
    project_id,
    session_id,
    arrival.page_id AS page_id,
    arrival.n AS n,
    arrival.ts_ms AS ts_ms,
    back.ts_ms AS ended_ms,
    arrival.user_id AS user_id,
    arrival.route AS route,
    '' AS element,
    if(back.element_label != '', back.element_label, arrival.element_label) AS element_label,
    arrival.environment AS environment,
    arrival.release AS release,
    arrival.device AS device,
    1 AS count,
    arrival.came_from AS detail,
    [arrival.page_id, back.page_id] AS event_pages,
    [arrival.n, back.n] AS event_ns,
    arrival.retention_days AS retention_days
FROM visits
WHERE arrival.subtype IN ('load', 'push')
    AND arrival.came_from != ''
    AND back.subtype IN ('back', 'bfcache')
    AND NOT is_used
    AND (back.page_id = arrival.page_id OR back.route = arrival.came_from OR is_left)
    AND left_ms - arrival.ts_ms <= $window_ms
