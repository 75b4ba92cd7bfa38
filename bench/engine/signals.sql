-- The signals that the history's sessions in trouble left: as many as a tick would find in them, spread as they are.
INSERT INTO signals
(
    project_id, ts, signal_id, version, retracted, kind, definition_version, session_id, page_id, n, ended_at, user_id,
    route, element, element_label, environment, release, device, count, detail, event_pages, event_ns, retention_days
)
WITH
    number AS trouble,
    trouble %% 200 AS button,
    toInt64(%(stored_from_ms)s) + toInt64(cityHash64(trouble) %% toUInt64(%(stored_within_ms)s)) AS happened_ms,
    lower(hex(sipHash128('page', %(name)s, trouble * 100))) AS page
SELECT
    toUInt64(%(first_project)s) + button %% toUInt64(%(projects)s),
    fromUnixTimestamp64Milli(happened_ms, 'UTC'),
    generateUUIDv4(),
    toUInt64(intDiv(happened_ms, 10000) * 10000 + 10000),
    false,
    kind,
    1,
    lower(hex(sipHash128('session', %(name)s, trouble * 100))),
    page,
    5,
    fromUnixTimestamp64Milli(happened_ms + 720, 'UTC'),
    '',
    concat('/shop/', toString(trouble * 100 %% 20)),
    concat('button[data-testid=dead-', toString(button), ']'),
    'Continue',
    'production',
    '2026.11.1',
    'desktop',
    5,
    '',
    [page, page, page, page, page],
    [5, 6, 7, 8, 9],
    90
FROM numbers(toUInt64(%(troubles)s)) ARRAY JOIN ['rage_click', 'dead_click', 'error_click'] AS kind
