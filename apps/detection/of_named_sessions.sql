-- Whether an event is of one of the sessions named, for $of_sessions of tick_events.sql.
project_id = %(project_id)s AND session_id IN (SELECT arrayJoin(%(sessions)s))
