-- Whether an event is of a session that a tick looks at, for $of_sessions of tick_events.sql. Decided in two steps: the sort
-- key finds granules of 8,192 rows, nearly all of other sessions, and a name alone is compared in half the time that
-- project and name take. The project then tells apart what has the same name in two of them.
session_id IN (SELECT session_id FROM ($tick_sessions)) AND (project_id, session_id) IN ($tick_sessions)
