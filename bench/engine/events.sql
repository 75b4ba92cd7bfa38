-- Events as ingest stores them: sessions of 25 events on one page view each, drawn by hash, the same in every run.
-- Their ids begin with the time when they began, as the SDK's do. Without stored_from_ms an event arrives 2 to 8 s after it
-- happened, and those of one session in 50 up to 40 minutes after; with it, within 10 s from then on.
-- 10 events of a session are clicks, the others page views, fields, requests and the like.
-- One session in 100 is in trouble: a rage click of 5 on one of 200 dead buttons, and a request that fails after another
-- click. Each button belongs to one project, so that the number of incidents does not follow the number of projects.
INSERT INTO events
(
    project_id, session_id, page_id, n, t, client_ts, ts, stored_at, flags, evaluable, type, route, environment, release,
    device, user_id, element, element_role, element_label, element_kind, clickable, x, y, answers, background_rate,
    observed_ms, subtype, status, duration_ms, error_group, message, form, facts, retention_days
)
WITH
    intDiv(number, 25) AS visit,
    toUInt32(number %% 25) AS place,
    visit %% 100 = 0 AS in_trouble,
    intDiv(visit, 100) %% 200 AS button,
    in_trouble AND place BETWEEN 5 AND 9 AS rages,
    in_trouble AND place = 12 AS fails,
    in_trouble AND place = 11 OR place %% 5 < 2 AS clicks,
    cityHash64(visit, place) AS draw,
    toUInt32(if(rages, 30000 + 180 * place, if(fails, 40300, 4000 * place - if(in_trouble AND place = 11, 4000, 0)))) AS ms,
    toInt64(%(begun_from_ms)s) + toInt64(cityHash64('begun', visit) %% toUInt64(%(begun_within_ms)s)) AS begun_ms,
    begun_ms + ms AS happened_ms,
    happened_ms + 2000 + toInt64(draw %% 6000) + if(visit %% 50 = 7, toInt64(cityHash64(visit) %% 2400000), 0) AS soon_ms,
    if(toInt64(%(stored_from_ms)s) > 0, toInt64(%(stored_from_ms)s) + toInt64(draw %% 10000), soon_ms) AS stored_ms
SELECT
    toUInt64(%(first_project)s) + if(in_trouble, button, visit) %% toUInt64(%(projects)s),
    concat(lower(hex(toUInt64(begun_ms))), lower(hex(sipHash64('session', %(name)s, visit)))) AS session,
    concat(lower(hex(toUInt64(begun_ms))), lower(hex(sipHash64('page', %(name)s, visit)))) AS page,
    place,
    ms,
    fromUnixTimestamp64Milli(happened_ms, 'UTC'),
    fromUnixTimestamp64Milli(happened_ms, 'UTC'),
    fromUnixTimestamp64Milli(stored_ms, 'UTC'),
    [],
    true,
    multiIf(rages OR clicks, 'click', fails, 'request', place = 0, 'page', place %% 3 = 0, 'field', 'request') AS type,
    concat('/shop/', toString(visit %% 20)),
    'production',
    '2026.11.1',
    ['desktop', 'mobile', 'tablet'][visit %% 3 + 1],
    if(visit %% 4 = 0, concat('user-', toString(visit %% 100000)), ''),
    if(rages, concat('button[data-testid=dead-', toString(button), ']'), concat('button.action-', toString(draw %% 40))),
    'button',
    'Continue',
    '',
    true,
    toInt32(draw %% 1200),
    toInt32(draw %% 800),
    CAST(if(rages, map(), map('mut', toUInt32(20 + draw %% 180), 'req', toUInt32(5 + draw %% 60))),
         'Map(LowCardinality(String), UInt32)'),
    0,
    2500,
    if(type = 'request', 'POST', ''),
    if(type = 'request', if(fails, 500, 200), NULL),
    if(type = 'request', 120, 0),
    if(fails, concat('POST /api/', toString(button), ' 500'), ''),
    if(type = 'request', '/api/cart', ''),
    '',
    '{}',
    90
FROM numbers(toUInt64(%(events)s))
