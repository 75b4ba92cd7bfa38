-- Rage clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $bursts: bursts.sql. Only page
-- views with unanswered clicks enough go on; each is handled as arrays, so that its cost is linear in its clicks (but for
-- sorting them).
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        NOT has($excluded_kinds, element_kind)
            AND observed_ms >= $answer_ms
            AND NOT mapExists((kind, ms) -> has($answer_kinds, kind) AND ms <= $answer_ms, answers) AS is_unanswered
    FROM tick_events
    WHERE type = 'click'
),
unanswered_page_views AS
(
    SELECT project_id, session_id, page_id
    FROM told
    WHERE is_unanswered
    GROUP BY project_id, session_id, page_id
    HAVING count() >= $min_clicks
),
page_views AS
(
    -- Per page view: its clicks in the order in which they happened.
    SELECT
        project_id, session_id, page_id,
        $min_clicks AS at_least,
        arraySort(click -> (click.at_ms, click.n), groupArray(CAST(
            (t, page_id, n, ts_ms, user_id, route, element, element_label, environment, release, device, retention_days,
             '', x, y, is_unanswered),
            'Tuple(at_ms Int64, page_id String, n UInt32, ts_ms Int64, user_id String, route String, element String,
                   element_label String, environment String, release String, device String, retention_days UInt16,
                   detail String, x Int32, y Int32, is_unanswered Bool)'
        ))) AS clicks
    FROM told
    WHERE (project_id, session_id, page_id) IN (unanswered_page_views)
    GROUP BY project_id, session_id, page_id
),
runs AS
(
    -- The unanswered clicks of each chain.
    SELECT
        project_id, session_id, at_least, $window_ms AS window_ms,
        arrayFilter(click -> click.is_unanswered, arrayJoin(arraySplit(
            (click, before) -> NOT (
                (click.element != '' AND click.element = before.element)
                OR pow(toFloat64(click.x) - before.x, 2) + pow(toFloat64(click.y) - before.y, 2) <= pow($radius_px, 2)
            ),
            clicks, arrayShiftRight(clicks, 1)
        ))) AS hits
    FROM page_views
)
$bursts
