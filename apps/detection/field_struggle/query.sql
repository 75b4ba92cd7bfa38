-- Field struggles. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit, $bursts, $refused, $next_pages, $tag:
-- hit.sql, bursts.sql, refused.sql, next_pages.sql, tag.sql. Only sessions in which some field was visited and edited often go on, so
-- that the window functions sort few rows.
WITH tick_events AS ($tick_events),
sessions AS
(
    SELECT DISTINCT project_id, session_id
    FROM tick_events
    WHERE type = 'field' AND edits > 0 AND element != '' AND NOT (element_kind = 'select' AND form = '')
    GROUP BY project_id, session_id, route, element
    HAVING countIf(has($line_tags, $tag)) >= $min_visits
        OR sum(if(duration_ms <= $window_ms, least(clears, $min_clears), 0)) >= $min_clears
),
relevant AS
(
    SELECT *
    FROM tick_events
    WHERE type IN ('field', 'submit', 'request', 'page') AND (project_id, session_id) IN (sessions)
),
steps AS
(
    -- Each visit with how often before it something failed in its session, and its form was accepted; or, where it has none,
    -- anything that was written.
    SELECT
        *,
        countIf(is_failed) OVER (
            PARTITION BY project_id, session_id ORDER BY ts_ms, page_id, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS failures,
        countIf(is_accepted) OVER (
            PARTITION BY project_id, session_id, form_key ORDER BY ts_ms, page_id, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS acceptances
    FROM
    (
        SELECT
            *,
            multiIf(type = 'request', '', type = 'submit' AND form = '', element, form) AS form_key,
            type = 'request' AND NOT has($reading_methods, subtype) AS writes,
            $refused AND (type = 'submit' OR writes) AS is_failed,
            (writes OR (type = 'submit' AND subtype != 'invalid' AND form_key != '')) AND ifNull(if(
                type = 'submit' AND status IS NULL AND mapContains(answers, 'nav') AND page_status IS NOT NULL,
                page_route != route AND page_status < 400,
                status BETWEEN 200 AND 399
            ), false) AS is_accepted
        FROM ($next_pages)
    )
    WHERE (type = 'field' AND element != '' AND NOT (element_kind = 'select' AND form = '')) OR is_failed OR is_accepted
),
fields AS
(
    -- Per field of a session, and whether it holds one line: its visits in order, each with whether it edited the field, and
    -- its emptyings; and which of them found that what was filled in before was taken.
    SELECT
        project_id, session_id,
        arraySort(step -> (step.1.at_ms, step.1.page_id, step.1.n), groupArray((
            $hit, edits > 0, if(duration_ms <= $window_ms, least(clears, $min_clears), 0), subtype = 'replace', failures,
            acceptances, form != ''
        ))) AS told,
        arrayMap(
            (step, before, i) -> i > 1 AND if(
                step.5 = before.5, step.4 OR step.6 > before.6, step.7 AND step.6 > before.6
            ),
            told, arrayShiftRight(told, 1), arrayEnumerate(told)
        ) AS are_taken,
        has($line_tags, $tag) AS is_line
    FROM (SELECT *, ts_ms AS at_ms, '' AS detail FROM steps WHERE type = 'field')
    GROUP BY project_id, session_id, route, element
),
series AS
(
    SELECT
        project_id, session_id, is_line,
        arrayFilter(step -> step.2, arrayJoin(arraySplit((step, is_taken) -> is_taken, told, are_taken))) AS edited
    FROM fields
),
counted AS
(
    -- Between two visits that found it taken: those that edited the field, if it holds one line, and its emptyings, each as
    -- the visit in which it happened.
    SELECT
        project_id, session_id,
        $min_visits AS min_visits, $min_clears AS min_clears, $window_ms AS window_ms,
        arrayMap(step -> step.1, if(is_line, edited, [])) AS visits,
        arrayFlatten(arrayMap(step -> arrayWithConstant(step.3, step.1), edited)) AS clears
    FROM series
),
runs AS
(
    SELECT
        project_id, session_id, window_ms,
        arrayExists(
            (i, visit, first) -> i >= min_visits AND visit.at_ms - first.at_ms <= window_ms,
            arrayEnumerate(visits), visits, arrayShiftRight(visits, min_visits - 1)
        ) AS has_too_many_visits,
        if(has_too_many_visits, min_visits, min_clears) AS at_least,
        if(has_too_many_visits, visits, clears) AS hits
    FROM counted
    WHERE length(visits) >= min_visits OR length(clears) >= min_clears
)
$bursts
