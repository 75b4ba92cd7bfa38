-- Form retries. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $next_pages, $bursts: next_pages.sql,
-- bursts.sql.
WITH tick_events AS ($tick_events),
relevant AS
(
    SELECT *
    FROM tick_events
    WHERE type IN ('submit', 'page')
        AND (project_id, session_id) IN (SELECT project_id, session_id FROM tick_events WHERE type = 'submit')
),
forms AS
(
    -- Per form of a session: its failed and accepted submits in order of time. Most have too few failures and end here.
    SELECT
        project_id, session_id, form_key, route,
        $min_failures AS at_least,
        arraySort(submit -> (submit.at_ms, submit.page_id, submit.n), groupArray(CAST(
            (ts_ms, page_id, n, ts_ms, user_id, route, form_key, element_label, environment, release, device,
             retention_days, failure, is_failed),
            'Tuple(at_ms Int64, page_id String, n UInt32, ts_ms Int64, user_id String, route String, element String,
                   element_label String, environment String, release String, device String, retention_days UInt16,
                   detail String, is_failed Bool)'
        ))) AS submits
    FROM
    (
        SELECT
            *,
            if(form != '', form, element) AS form_key,
            if(status IS NULL AND mapContains(answers, 'nav'), page_status, status) AS outcome,
            subtype = 'invalid' OR ifNull(outcome BETWEEN 400 AND 499, false) AS is_failed,
            if(subtype = 'invalid', 'invalid', concat('HTTP ', toString(ifNull(outcome, 0)))) AS failure
        FROM ($next_pages)
        WHERE type = 'submit' AND (subtype = 'invalid' OR outcome BETWEEN 200 AND 499)
    )
    GROUP BY project_id, session_id, form_key, route
    HAVING countIf(is_failed) >= at_least
),
runs AS
(
    -- The failures between two submits that were accepted.
    SELECT
        project_id, session_id, at_least, $window_ms AS window_ms,
        arrayFilter(
            submit -> submit.is_failed, arrayJoin(arraySplit(submit -> NOT submit.is_failed, submits))
        ) AS hits
    FROM forms
)
$bursts
