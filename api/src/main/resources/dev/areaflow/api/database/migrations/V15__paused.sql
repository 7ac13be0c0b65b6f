-- Why an AREA was switched off that its owner wants to fire; null where its owner did it.
ALTER TABLE areas ADD COLUMN paused text;
