-- Form retries. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); each form of a session is handled as
-- arrays, so that its cost is linear in its submits (but for sorting them). No lambda captures an array: ClickHouse
-- would copy it for each element.
WITH tick_events AS ($tick_events),
forms AS
(
    -- Per form of a session: its failed and accepted submits in order of time. Most have too few failures and end here.
    SELECT
        project_id, session_id, form_key, route,
        $min_failures AS at_least,
        arraySort(submit -> (submit.ts_ms, submit.page_id, submit.n), groupArray(CAST(
            (ts_ms, page_id, n, is_failed, failure, element_label, user_id, environment, release, device,
             retention_days),
            'Tuple(ts_ms Int64, page_id String, n UInt32, is_failed Bool, failure String, element_label String,
                   user_id String, environment String, release String, device String, retention_days UInt16)'
        ))) AS submits
    FROM
    (
        SELECT
            *,
            if(form != '', form, element) AS form_key,
            subtype = 'invalid' OR ifNull(status BETWEEN 400 AND 499, false) AS is_failed,
            if(subtype = 'invalid', 'invalid', concat('HTTP ', toString(ifNull(status, 0)))) AS failure
        FROM tick_events
        WHERE type = 'submit' AND (subtype = 'invalid' OR status BETWEEN 200 AND 499)
    )
    GROUP BY project_id, session_id, form_key, route
    HAVING countIf(is_failed) >= at_least
),
runs AS
(
    -- Number the runs by the accepted submits before them; keep the failures, each with its run's number.
    SELECT
        project_id, session_id, form_key, route, at_least,
        arrayCumSum(submit -> NOT submit.is_failed, submits) AS run_numbers,
        arrayFilter(submit -> submit.is_failed, submits) AS failures,
        arrayFilter((run, submit) -> submit.is_failed, run_numbers, submits) AS run_of
    FROM forms
),
hits AS
(
    -- A failure is a hit when it is the last of a window of at_least failures. next_hit: the index of the first hit at
    -- or after a failure, 0 when there is none.
    SELECT
        project_id, session_id, form_key, route, at_least, failures,
        arrayReverseFill(hit -> hit != 0, arrayMap(
            (i, failure, run, first, first_run) ->
                if(i >= at_least AND run = first_run AND failure.ts_ms - first.ts_ms <= $window_ms, i, 0),
            arrayEnumerate(failures),
            failures, run_of,
            arrayShiftRight(failures, at_least - 1), arrayShiftRight(run_of, at_least - 1)
        )) AS next_hit
    FROM runs
),
placed AS
(
    -- Where each failure lies in the window of the next hit: 0 when it begins that window, and with it a burst; more
    -- when it is further in; less when no window reaches back to it.
    SELECT
        project_id, session_id, form_key, route, failures,
        arrayMap((hit, i) -> if(hit = 0, -1, i + at_least - 1 - hit), next_hit, arrayEnumerate(next_hit)) AS places
    FROM hits
    WHERE has(places, 0)
),
bursts AS
(
    SELECT
        project_id, session_id, form_key, route,
        arrayJoin(arraySplit(
            (failure, place) -> place = 0,
            arrayFilter((failure, place) -> place >= 0, failures, places),
            arrayFilter(place -> place >= 0, places)
        )) AS burst
    FROM placed
)
SELECT
    project_id,
    session_id,
    burst[1].page_id AS page_id,
    burst[1].n AS n,
    burst[1].ts_ms AS ts_ms,
    burst[-1].ts_ms AS ended_ms,
    burst[1].user_id AS user_id,
    route,
    form_key AS element,
    arrayLast(label -> label != '', burst.element_label) AS element_label,
    burst[1].environment AS environment,
    burst[1].release AS release,
    burst[1].device AS device,
    length(burst) AS count,
    burst[-1].failure AS detail,
    burst.page_id AS event_pages,
    burst.n AS event_ns,
    burst[1].retention_days AS retention_days
FROM bursts
