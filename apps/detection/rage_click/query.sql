-- Rage clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); each page view is handled as arrays,
-- so that its cost is linear in its clicks (but for sorting them). No lambda captures an array: ClickHouse would copy it
-- for each element.
WITH tick_events AS ($tick_events),
page_views AS
(
    -- Per page view: its clicks in the order in which they happened. Most have too few unanswered ones and end here.
    SELECT
        project_id, session_id, page_id,
        $min_clicks AS at_least,
        arraySort(click -> (click.t, click.n), groupArray(CAST(
            (t, n, ts_ms, element, x, y, is_unanswered, element_label, route, user_id, environment, release, device,
             retention_days),
            'Tuple(t UInt32, n UInt32, ts_ms Int64, element String, x Int32, y Int32, is_unanswered Bool,
                   element_label String, route String, user_id String, environment String, release String,
                   device String, retention_days UInt16)'
        ))) AS clicks
    FROM
    (
        SELECT
            *,
            NOT has($excluded_kinds, element_kind)
                AND observed_ms >= $answer_ms
                AND NOT mapExists((kind, ms) -> has($answer_kinds, kind) AND ms <= $answer_ms, answers) AS is_unanswered
        FROM tick_events
        WHERE type = 'click'
    )
    GROUP BY project_id, session_id, page_id
    HAVING countIf(is_unanswered) >= at_least
),
chained AS
(
    -- Number the chains; keep the unanswered clicks, each with its chain's number.
    SELECT
        project_id, session_id, page_id, at_least,
        arrayCumSum(arrayMap(
            (click, before) -> NOT (
                (click.element != '' AND click.element = before.element)
                OR pow(toFloat64(click.x) - before.x, 2) + pow(toFloat64(click.y) - before.y, 2) <= pow($radius_px, 2)
            ),
            clicks, arrayShiftRight(clicks, 1)
        )) AS chains,
        arrayFilter(click -> click.is_unanswered, clicks) AS unanswered,
        arrayFilter((chain, click) -> click.is_unanswered, chains, clicks) AS chain_of
    FROM page_views
),
hits AS
(
    -- A click is a hit when it is the last of a window of at_least clicks. next_hit: the index of the first hit at or
    -- after a click, 0 when there is none.
    SELECT
        project_id, session_id, page_id, at_least, unanswered,
        arrayReverseFill(hit -> hit != 0, arrayMap(
            (i, click, chain, first, first_chain) ->
                if(i >= at_least AND chain = first_chain AND click.t - first.t <= $window_ms, i, 0),
            arrayEnumerate(unanswered),
            unanswered, chain_of,
            arrayShiftRight(unanswered, at_least - 1), arrayShiftRight(chain_of, at_least - 1)
        )) AS next_hit
    FROM chained
),
placed AS
(
    -- Where each click lies in the window of the next hit: 0 when it begins that window, and with it a burst; more when
    -- it is further in; less when no window reaches back to it.
    SELECT
        project_id, session_id, page_id, unanswered,
        arrayMap((hit, i) -> if(hit = 0, -1, i + at_least - 1 - hit), next_hit, arrayEnumerate(next_hit)) AS places
    FROM hits
    WHERE has(places, 0)
),
bursts AS
(
    SELECT
        project_id, session_id, page_id,
        arrayJoin(arraySplit(
            (click, place) -> place = 0,
            arrayFilter((click, place) -> place >= 0, unanswered, places),
            arrayFilter(place -> place >= 0, places)
        )) AS burst
    FROM placed
)
SELECT
    project_id,
    session_id,
    page_id,
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
    '' AS detail,
    arrayResize([page_id], length(burst), page_id) AS event_pages,
    burst.n AS event_ns,
    burst[1].retention_days AS retention_days
FROM bursts
