-- Whether any of the projects ever stored an event. The sort key begins with project_id, so the first row ends it.
SELECT 1 FROM events WHERE project_id IN %(project_ids)s LIMIT 1
