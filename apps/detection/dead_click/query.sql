-- Dead clicks. $name stands for a parameter of the project of the row (apps/detection/parameters.py).
-- $tick_events: the events of the tick, read once for all signals (read_once.sql); $second_clicks: second_clicks.sql;
-- $moments: moments.sql.
WITH tick_events AS ($tick_events),
told AS
(
    SELECT
        *,
        $double_click_ms AS within_ms,
        $radius_px AS within_px,
        mapExists((kind, ms) -> has($answer_kinds, kind) AND ms <= $answer_ms, answers) AS is_answered,
        clickable AND NOT has($excluded_kinds, element_kind) AND observed_ms >= $answer_ms AND NOT is_answered AS is_found
    FROM tick_events
    WHERE type = 'click'
),
clicks AS ($second_clicks),
moments AS
(
    SELECT *, 1 AS count, '' AS detail
    FROM clicks
    WHERE is_found AND NOT is_second
)
$moments
