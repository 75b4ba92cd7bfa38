-- One event of a burst, as bursts.sql reads it. The query that groups events gives it `at_ms`, the time by which the burst is
-- measured, and `detail`; all else are columns of the event.
CAST(
    (at_ms, page_id, n, ts_ms, user_id, route, element, element_label, environment, release, device, retention_days,
     detail),
    'Tuple(at_ms Int64, page_id String, n UInt32, ts_ms Int64, user_id String, route String, element String,
           element_label String, environment String, release String, device String, retention_days UInt16,
           detail String)'
)
