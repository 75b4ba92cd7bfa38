-- Sessions by name, in the place of those that a tick looks at.
SELECT toUInt64(%(project_id)s) AS project_id, arrayJoin(%(sessions)s) AS session_id
