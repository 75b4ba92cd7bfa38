-- Abandoned forms. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $shows_somebody: shows_somebody.sql. Only page
-- views with an edited field go on. place: (t + 1, n), so that (0, 0) comes before every event and stands for never.
WITH tick_events AS ($tick_events),
edited_page_views AS
(
    SELECT project_id, session_id, page_id
    FROM tick_events
    WHERE type = 'field' AND edits > 0 AND form != ''
    GROUP BY project_id, session_id, page_id
    HAVING count() >= $min_fields
),
page_views AS
(
    SELECT
        project_id, session_id, page_id,
        maxIf(place, type = 'leave') AS left_at,
        maxIf(place, $shows_somebody) AS seen_at,
        maxIf(place, type = 'page') AS shown_at,
        argMaxIf(route, place, type = 'page') AS shown_route,
        maxIf(place, sends_all) AS all_sent_at,
        groupArrayIf(
            CAST(
                (place, type = 'submit', form_key, n, ts_ms, user_id, route, element, element_label, environment,
                 release, device, retention_days),
                'Tuple(place Tuple(UInt64, UInt32), is_submit Bool, form_key String, n UInt32, ts_ms Int64,
                       user_id String, route String, element String, element_label String, environment String,
                       release String, device String, retention_days UInt16)'
            ),
            is_visit OR is_submit
        ) AS steps
    FROM
    (
        SELECT
            *,
            (toUInt64(t) + 1, n) AS place,
            if(form != '', form, element) AS form_key,
            type = 'field' AND edits > 0 AND form != '' AS is_visit,
            type = 'submit' AND subtype != 'invalid' AS is_submit,
            (
                type = 'click' AND has($sending_roles, element_role)
                AND mapExists((kind, ms) -> has($sending_answers, kind), answers)
            ) OR (
                type = 'request' AND NOT has($reading_methods, subtype) AND ifNull(status BETWEEN 200 AND 399, false)
            ) AS sends_all
        FROM tick_events
        WHERE (project_id, session_id, page_id) IN (edited_page_views)
    )
    GROUP BY project_id, session_id, page_id
),
forms AS
(
    -- The visits to a form's fields since it was last sent, in order.
    SELECT
        project_id, session_id, page_id, left_at, seen_at, shown_at, shown_route,
        greatest(all_sent_at, maxIf(step.place, step.is_submit)) AS sent_at,
        arraySort(
            visit -> visit.place,
            arrayFilter(visit -> visit.place > sent_at, groupArrayIf(step, NOT step.is_submit))
        ) AS visits
    FROM page_views
    ARRAY JOIN steps AS step
    GROUP BY project_id, session_id, page_id, left_at, seen_at, shown_at, shown_route, all_sent_at, step.form_key
)
SELECT
    project_id,
    session_id,
    page_id,
    visits[1].n AS n,
    visits[1].ts_ms AS ts_ms,
    visits[-1].ts_ms AS ended_ms,
    visits[1].user_id AS user_id,
    visits[1].route AS route,
    visits[1].form_key AS element,
    '' AS element_label,
    visits[1].environment AS environment,
    visits[1].release AS release,
    visits[1].device AS device,
    length(arrayDistinct(visits.element)) AS count,
    arrayLast(label -> label != '', visits.element_label) AS detail,
    arrayResize([page_id], length(visits), page_id) AS event_pages,
    visits.n AS event_ns,
    visits[1].retention_days AS retention_days
FROM forms
WHERE length(visits) > 0
    AND count >= $min_fields
    AND (left_at > seen_at OR (shown_at > visits[-1].place AND shown_route != visits[-1].route))
