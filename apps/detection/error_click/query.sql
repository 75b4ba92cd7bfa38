-- Error clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $no_answer: no_answer.sql. Only page views
-- with a click and a failure go on, and of these only the failures and the requests that worked, so that the window functions
-- sort few rows.
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        type = 'error' OR (type = 'request' AND ifNull(status >= $status_from OR $no_answer, false)) AS is_failure,
        type = 'request' AND ifNull(status BETWEEN 200 AND 399, false) AS has_worked
    FROM tick_events
),
failing_page_views AS
(
    SELECT project_id, session_id, page_id
    FROM told
    WHERE is_failure
    GROUP BY project_id, session_id, page_id
),
page_views AS
(
    -- Clicks, failures and what worked of a page view, each at the place where the search for its click begins: a request at its
    -- beginning, after every click of that millisecond (its own n tells when it failed, not when it began).
    SELECT
        project_id, session_id, page_id,
        arraySort(event -> (event.place, event.place_n), groupArray(CAST(
            (place, place_n, type, t, n, ts_ms, element, element_label, route, user_id, environment, release, device,
             retention_days, error_group, description, is_failure, has_worked, address),
            'Tuple(place Int64, place_n UInt64, type String, t UInt32, n UInt32, ts_ms Int64, element String,
                   element_label String, route String, user_id String, environment String, release String,
                   device String, retention_days UInt16, error_group String, description String, is_failure UInt8,
                   has_worked UInt8, address String)'
        ))) AS events
    FROM
    (
        SELECT
            *,
            if(type = 'request', least(toInt64(t) - duration_ms + $rounding_ms, toInt64(t)), toInt64(t)) AS place,
            if(place < t, 4294967296, toUInt64(n)) AS place_n,
            concat(subtype, ' ', message) AS address,
            if(
                type = 'request',
                concat(address, ': ', if(status = 0, 'network error', toString(ifNull(status, 0)))),
                message
            ) AS description
        FROM told
        WHERE (type = 'click' OR is_failure OR has_worked)
            AND (project_id, session_id, page_id) IN (failing_page_views)
    )
    GROUP BY project_id, session_id, page_id
    HAVING countIf(type = 'click') > 0
),
pairs AS
(
    -- Each failure, and each request that worked, with the last click before it; before the first click, arrayFill leaves the event itself.
    SELECT
        project_id, session_id, page_id,
        arrayJoin(arrayFilter(
            pair -> pair.1.type != 'click',
            arrayZip(events, arrayFill(event -> event.type = 'click', events))
        )) AS pair,
        pair.1 AS failure,
        pair.2 AS click,
        click.type = 'click' AND failure.place - click.t <= $window_ms AS after_click
    FROM page_views
),
followed AS
(
    SELECT
        project_id, session_id, page_id, failure, click, after_click,
        -- When what began after this one had ended, at the same address and before the next click, was answered well.
        minIf(toNullable(toInt64(failure.t)), failure.has_worked) OVER (
            PARTITION BY project_id, session_id, page_id, click.n, failure.address
            ORDER BY if(failure.has_worked, failure.place, toInt64(failure.t)), failure.has_worked
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS worked_t,
        failure.type = 'request' AND ifNull(worked_t - failure.t <= $retry_ms, false) AS has_worked_at_last
    FROM pairs
),
failures AS
(
    SELECT * FROM followed WHERE failure.is_failure
),
linked AS
(
    SELECT
        project_id, session_id, page_id, failure, click, after_click, has_worked_at_last,
        lagInFrame(toNullable(failure.t)) OVER by_group AS previous_t,
        -- NULL: as the failure before it. false: caused by its click. true: it goes on by itself.
        multiIf(
            NOT after_click, true,
            previous_t IS NOT NULL AND toInt64(previous_t) >= toInt64(click.t) - $quiet_ms, NULL,
            false
        ) AS decided
    FROM failures
    WINDOW by_group AS (
        PARTITION BY project_id, session_id, page_id, failure.type, failure.error_group
        ORDER BY failure.t, failure.n
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
judged AS
(
    SELECT
        project_id, session_id, page_id, failure, click, has_worked_at_last,
        last_value(decided) IGNORE NULLS OVER (
            PARTITION BY project_id, session_id, page_id, failure.type, failure.error_group
            ORDER BY failure.t, failure.n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS by_itself
    FROM linked
),
caused AS
(
    SELECT
        project_id, session_id, page_id, any(judged.click) AS click,
        arraySort(failure -> (failure.t, failure.n), groupArray(judged.failure)) AS failures
    FROM judged
    WHERE NOT by_itself AND NOT has_worked_at_last
    GROUP BY project_id, session_id, page_id, judged.click.n
)
SELECT
    project_id,
    session_id,
    page_id,
    click.n AS n,
    click.ts_ms AS ts_ms,
    failures[-1].ts_ms AS ended_ms,
    click.user_id AS user_id,
    click.route AS route,
    click.element AS element,
    arrayLast(label -> label != '', arrayPushFront(failures.element_label, click.element_label)) AS element_label,
    click.environment AS environment,
    click.release AS release,
    click.device AS device,
    length(failures) AS count,
    failures[1].description AS detail,
    arrayResize([page_id], length(failures) + 1, page_id) AS event_pages,
    arrayPushFront(failures.n, click.n) AS event_ns,
    click.retention_days AS retention_days
FROM caused
