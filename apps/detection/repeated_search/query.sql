-- Repeated searches. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $bursts, $tag: bursts.sql, tag.sql. Only
-- sessions that search go on; each is handled as arrays, so that its cost is linear in its events (but for sorting them).
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        type IN ('field', 'submit') AND (
            has($search_roles, element_role)
            OR hasAny(
                arrayMap(word -> lower(word), extractAll(concat(form, ' ', element), '[A-Za-z0-9]+')), $search_names
            )
        ) AS searches
    FROM tick_events
    WHERE type IN ('field', 'submit', 'click')
),
searching_sessions AS
(
    SELECT project_id, session_id
    FROM told
    WHERE searches
    GROUP BY project_id, session_id
),
sessions AS
(
    -- Per session: visits that edited a field, submits, and clicks that may have opened a result, in order of time.
    SELECT
        project_id, session_id,
        arraySort(event -> (event.at_ms, event.page_id, event.n), groupArray(CAST(
            (ts_ms, page_id, n, ts_ms, user_id, route, if(form != '', form, element), element_label, environment,
             release, device, retention_days, '', type, ts_ms + duration_ms, searches,
             type = 'field' AND subtype = 'replace'),
            'Tuple(at_ms Int64, page_id String, n UInt32, ts_ms Int64, user_id String, route String, element String,
                   element_label String, environment String, release String, device String, retention_days UInt16,
                   detail String, type String, until_ms Int64, searches Bool, found_replaced Bool)'
        ))) AS events,
        arrayMap(
            (event, next) -> event.type = 'click'
                AND NOT (
                    next.type = 'submit' AND next.page_id = event.page_id AND next.at_ms - event.at_ms <= $press_ms
                ),
            events, arrayShiftLeft(events, 1)
        ) AS opens,
        -- The next click on a result at or after an event: its number and its time, 0 when there is none.
        arrayReverseFill(i -> i != 0, arrayMap((i, opening) -> i * opening, arrayEnumerate(events), opens)) AS opened,
        arrayReverseFill(
            at_ms -> at_ms != 0, arrayMap((event, opening) -> event.at_ms * opening, events, opens)
        ) AS opened_ms
    FROM told
    WHERE (project_id, session_id) IN (searching_sessions)
        AND (
            (type = 'field' AND edits > 0)
            OR (type = 'submit' AND subtype != 'invalid')
            OR (
                type = 'click'
                AND (
                    has($result_kinds, element_kind)
                    OR mapExists((kind, ms) -> has($result_answers, kind), answers)
                    -- A row that shows a panel: what is a button, a link or a choice has a role of its own.
                    OR (
                        clickable AND element_kind = '' AND mapContains(answers, 'req')
                        AND has($row_names, if(element_role = '', $tag, element_role))
                    )
                )
            )
        )
    GROUP BY project_id, session_id
),
numbered AS
(
    -- (event, its number, and those of the next click), of all that belongs to a form.
    SELECT project_id, session_id, arrayJoin(arrayZip(events, arrayEnumerate(events), opened, opened_ms)) AS entry
    FROM sessions
),
forms AS
(
    -- Per form that searches: its visits and submits in order, and which of them are queries of their own.
    SELECT
        project_id, session_id,
        arraySort(step -> step.2, groupArray(entry)) AS steps,
        arrayMap(step -> step.1.type = 'submit', steps) AS are_submits,
        countIf(entry.1.type = 'submit') > 0 AS is_ever_sent,
        arrayShiftRight(arrayFill(
            at_ms -> at_ms >= 0, arrayMap(step -> if(step.1.type = 'submit', step.1.at_ms, -1), steps)
        ), 1, -1) AS submits_before,
        arrayShiftRight(arrayFill(step -> step.1.type = 'field', steps), 1) AS visits_before,
        arrayFilter(
            (step, is_submit, submit_before, visit_before) -> if(
                is_submit,
                submit_before < 0
                    OR (
                        visit_before.1.type = 'field'
                        AND visit_before.1.page_id = step.1.page_id
                        AND visit_before.1.until_ms > submit_before
                    ),
                NOT is_ever_sent
            ),
            steps, are_submits, submits_before, visits_before
        ) AS queries
    FROM numbered
    WHERE entry.1.type != 'click' AND entry.1.element != ''
    GROUP BY project_id, session_id, entry.1.element
    HAVING max(entry.1.searches) AND length(queries) >= $min_queries
),
judged AS
(
    SELECT
        project_id, session_id, queries,
        arrayMap(
            (query, next) -> next.1.found_replaced
                OR (
                    query.3 != 0
                    AND (next.2 = 0 OR query.3 < next.2)
                    AND query.4 - query.1.at_ms <= $window_ms
                ),
            queries, arrayShiftLeft(queries, 1)
        ) AS found
    FROM forms
),
runs AS
(
    -- The queries between two that led to a result.
    SELECT
        project_id, session_id, $min_queries AS at_least, $window_ms AS window_ms,
        arrayMap(query -> query.1.1, arrayFilter(
            query -> NOT query.2,
            arrayJoin(arraySplit(query -> query.2, arrayZip(queries, found)))
        )) AS hits
    FROM judged
)
$bursts
