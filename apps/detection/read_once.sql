-- The events that a tick looks at, for the queries of all signals: $tick_events is tick_events.sql. In the server's memory,
-- compressed, for as long as the session lasts. Each server has its own; queries must go to the one that read.
CREATE TEMPORARY TABLE events_of_tick
ENGINE = Memory
SETTINGS compress = 1
AS $tick_events
