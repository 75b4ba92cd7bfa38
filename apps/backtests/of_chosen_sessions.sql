-- Whether an event is of the project's $sessions of one portion, for $of_sessions of tick_events.sql.
project_id = %(project_id)s
AND session_id IN (
    SELECT session_id FROM ($sessions) WHERE session_id >= %(first_session)s AND session_id <= %(last_session)s
)
