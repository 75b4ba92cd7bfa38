-- Whether an event is of a session that a tick looks at, for $of_sessions of tick_events.sql.
(project_id, session_id) IN ($tick_sessions)
