-- Merging took three fifths of ClickHouse's CPU under load: with the default base of 5, some five small parts are reason
-- enough to merge the largest part along, and rows were merged up to 29 times. With 16 it is 7 times (docs/adr/0007).
ALTER TABLE events MODIFY SETTING merge_selector_base = 16;
