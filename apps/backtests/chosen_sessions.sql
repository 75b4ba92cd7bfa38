-- Of $sessions those of one portion.
SELECT project_id, session_id
FROM ($sessions)
WHERE session_id >= %(first_session)s AND session_id <= %(last_session)s
