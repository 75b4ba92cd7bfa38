-- Signals of sessions in trouble, spread as they are, on so many buttons. Ticks learn of them 10 to 20 s after they
-- happened, of one in 25 up to an hour after; one in 20 grows ten minutes later, and one in 100 is taken back then.
INSERT INTO signals
(
    project_id, ts, signal_id, version, retracted, kind, definition_version, session_id, page_id, n, ended_at, user_id,
    route, element, element_label, environment, release, device, count, detail, event_pages, event_ns, retention_days
)
WITH
    number AS trouble,
    trouble %% toUInt64(%(buttons)s) AS button,
    cityHash64(%(name)s, trouble) AS draw,
    toInt64(%(begun_from_ms)s) + toInt64(draw %% toUInt64(%(begun_within_ms)s)) AS happened_ms,
    concat(lower(hex(toUInt64(happened_ms))), lower(hex(sipHash64('page', %(name)s, trouble)))) AS page
SELECT
    toUInt64(%(first_project)s) + button %% toUInt64(%(projects)s),
    fromUnixTimestamp64Milli(happened_ms, 'UTC'),
    reinterpretAsUUID(sipHash128(%(name)s, trouble, kind)),
    toUInt64(intDiv(happened_ms + if(draw %% 25 = 3, draw %% 3600000, 0), 10000) * 10000 + 20000 + 600000 * revision),
    revision = 1 AND draw %% 5 = 0,
    kind,
    1,
    concat(lower(hex(toUInt64(happened_ms))), lower(hex(sipHash64('session', %(name)s, trouble)))),
    page,
    5,
    fromUnixTimestamp64Milli(happened_ms + 720, 'UTC'),
    if(draw %% 4 = 0, concat('user-', toString(draw %% 100000)), ''),
    concat('/shop/', toString(button %% 20)),
    concat('button[data-testid=dead-', toString(button), ']'),
    'Continue',
    'production',
    '2026.11.1',
    ['desktop', 'mobile', 'tablet'][draw %% 3 + 1],
    5 + revision,
    '',
    [page, page, page, page, page],
    [5, 6, 7, 8, 9],
    90
FROM numbers(toUInt64(%(troubles)s))
ARRAY JOIN %(kinds)s AS kind
ARRAY JOIN range(if(draw %% 20 < 1, 2, 1)) AS revision
