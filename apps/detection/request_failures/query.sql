-- Request failures. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $hit, $bursts, $shows_somebody,
-- $no_answer: hit.sql, bursts.sql, shows_somebody.sql, no_answer.sql. Only page views with a failure go on.
-- place: (t + 1, n), so that (0, 0) comes before every event and stands for never.
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        (toUInt64(t) + 1, n) AS place,
        toInt64(t) AS at_ms,
        type = 'request' AND ifNull(status >= $status_from OR $no_answer, false) AS is_failed,
        type = 'request' AND ifNull(status BETWEEN 200 AND 399, false) AS has_worked,
        concat(subtype, ' ', message, ': ', if(status = 0, 'network error', toString(ifNull(status, 0)))) AS detail
    FROM tick_events
),
failing_page_views AS
(
    SELECT project_id, session_id, page_id
    FROM told
    WHERE is_failed
    GROUP BY project_id, session_id, page_id
),
shown AS
(
    SELECT
        *,
        -- Whether the page was left before, and nobody was seen there since.
        ifNull(last_value(multiIf(type = 'leave', true, $shows_somebody, false, NULL)) IGNORE NULLS OVER (
            PARTITION BY project_id, session_id, page_id ORDER BY t, n
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ), false) AS is_hidden
    FROM told
    WHERE (type IN ('request', 'leave') OR $shows_somebody)
        AND (project_id, session_id, page_id) IN (failing_page_views)
),
addresses AS
(
    -- Per address of a page view: its failures while it was shown, when it last worked, and when it first failed, shown or
    -- not. All that is no request is one address more.
    SELECT
        project_id, session_id, page_id,
        maxIf(place, type = 'leave') AS left_at,
        maxIf(place, $shows_somebody) AS seen_at,
        maxIf(place, has_worked) AS worked_at,
        minIf(at_ms, is_failed) AS failed_from_ms,
        groupArrayIf($hit, is_failed AND NOT is_hidden) AS failures
    FROM shown
    GROUP BY project_id, session_id, page_id, if(type = 'request', (subtype, message), ('', ''))
),
page_views AS
(
    -- Of a page view that was left for good, the failures that may account for it.
    SELECT
        project_id, session_id,
        $min_failures AS min_failures, $window_ms AS window_ms,
        max(left_at) AS gone_at,
        gone_at > max(seen_at) AS is_left,
        toInt64(gone_at.1) - 1 AS gone_ms,
        groupArray((failures, worked_at, failed_from_ms)) AS of_addresses,
        arraySort(hit -> (hit.at_ms, hit.n), arrayFlatten(of_addresses.1)) AS failures_in_order,
        arraySort(hit -> (hit.at_ms, hit.n), arrayFlatten(arrayMap(
            address -> arrayFilter(
                hit -> is_left
                    AND (toUInt64(hit.at_ms) + 1, hit.n) < gone_at
                    AND (toUInt64(hit.at_ms) + 1, hit.n) > address.2
                    AND address.3 >= gone_ms - window_ms,
                address.1
            ),
            of_addresses
        ))) AS last_failures
    FROM addresses
    GROUP BY project_id, session_id, page_id
),
runs AS
(
    SELECT
        project_id, session_id, window_ms,
        arrayExists(
            (i, hit, first) -> i >= min_failures AND hit.at_ms - first.at_ms <= window_ms,
            arrayEnumerate(failures_in_order), failures_in_order, arrayShiftRight(failures_in_order, min_failures - 1)
        ) AS has_too_many,
        if(has_too_many, toInt64(min_failures), toInt64(length(last_failures))) AS at_least,
        if(has_too_many, failures_in_order, last_failures) AS hits
    FROM page_views
    WHERE at_least > 0
)
$bursts
