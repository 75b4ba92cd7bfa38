-- The audiences that a query is about. Without one_route, `route` is a LIKE pattern.
SELECT
    toUInt32(each.1) AS number, toUInt64(each.2) AS project_id, toBool(each.3) AS one_route, toString(each.4) AS route,
    toString(each.5) AS environment, toString(each.6) AS release, toString(each.7) AS device,
    toInt64(each.8) AS from_ms, toInt64(each.9) AS to_ms,
    toInt64(each.10) AS window_ms
FROM (SELECT arrayJoin(%(asked)s) AS each)
