-- What rules read of the facts, as columns. ClickHouse takes them out of the JSON when an event is stored, so that ingest
-- writes no further columns and a tick parses no JSON. Rows from before are computed at read.
ALTER TABLE events
    ADD COLUMN edits UInt32 MATERIALIZED if(type = 'field', JSONExtract(facts, 'edits', 'UInt32'), 0)
        CODEC(ZSTD(1)) COMMENT 'field: how often it was edited (2 for more)',
    ADD COLUMN clears UInt32 MATERIALIZED if(type = 'field', JSONExtract(facts, 'clears', 'UInt32'), 0)
        CODEC(ZSTD(1)) COMMENT 'field: how often it was emptied',
    ADD COLUMN turns UInt32 MATERIALIZED if(type = 'pointer', JSONExtract(facts, 'turns', 'UInt32'), 0)
        CODEC(ZSTD(1)) COMMENT 'pointer: reversals, the most within 2 s',
    ADD COLUMN distance_px Int32
        MATERIALIZED if(type IN ('pointer', 'scroll'), JSONExtract(facts, 'dist', 'Int32'), 0)
        CODEC(ZSTD(1)) COMMENT 'pointer: px travelled in these 2 s; scroll: px of the stroke, down and right positive',
    ADD COLUMN shift_px UInt32 MATERIALIZED if(type = 'click', JSONExtract(facts, 'shift', 'UInt32'), 0)
        CODEC(ZSTD(1)) COMMENT 'click: px that its target was moved by a layout shift just before',
    ADD COLUMN shift_ago_ms UInt32 MATERIALIZED if(type = 'click', JSONExtract(facts, 'shiftAgo', 'UInt32'), 0)
        CODEC(ZSTD(1)) COMMENT 'click: how long before it',
    ADD COLUMN scale UInt32 MATERIALIZED if(type = 'zoom', JSONExtract(facts, 'scale', 'UInt32'), 0)
        CODEC(ZSTD(1)) COMMENT 'zoom: the scale afterwards, times 100',
    ADD COLUMN age_ms Nullable(UInt32)
        MATERIALIZED if(type = 'copy', JSONExtract(facts, 'age', 'Nullable(UInt32)'), NULL)
        CODEC(ZSTD(1)) COMMENT 'copy: ms since the region appeared or changed; NULL when unknown';
