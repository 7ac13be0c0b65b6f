-- How many of the items that its first poll finds become events, the newest. A hook with any belongs
-- to one AREA.
ALTER TABLE hooks ADD COLUMN first_items integer NOT NULL DEFAULT 0;
