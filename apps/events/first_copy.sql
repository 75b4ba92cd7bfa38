-- Which of the copies of an event counts, for the ORDER BY before a LIMIT 1 BY: the one stored first; of those stored in the
-- same millisecond, the least by all that rules read, so that how the rows lie on the disk decides nothing. first_copies
-- in apps/detection/interactions.py says the same. Copies are hardly ever stored in the same millisecond, so what follows
-- stored_at costs next to nothing.
stored_at, t, ts, type, element, x, y, observed_ms, route, environment, release, device, user_id, element_role,
element_label, element_kind, clickable, mapKeys(answers), mapValues(answers), subtype, status NULLS LAST, duration_ms,
error_group, message, form, edits, clears, turns, distance_px, shift_px, shift_ago_ms, scale, age_ms NULLS LAST,
retention_days
