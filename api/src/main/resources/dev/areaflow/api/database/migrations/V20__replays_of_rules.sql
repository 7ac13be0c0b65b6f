-- What of an AREA as it was when a replay was asked for decides what the replay writes.
ALTER TABLE replays
  ADD COLUMN plan       jsonb,                          -- of one with a rule or several hooks its condition and its rule
  ADD COLUMN listens    jsonb,                          -- of one with several hooks those, as in areas
  ADD COLUMN rules_from timestamptz,                    -- from when on the rule sees events; null where there is none
  ADD COLUMN serial     boolean NOT NULL DEFAULT false; -- whether its runs go one after the other
