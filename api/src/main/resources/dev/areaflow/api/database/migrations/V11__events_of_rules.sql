-- The events that a rule collected for a run, as the API shows them; empty without a rule.
ALTER TABLE runs ADD COLUMN events json NOT NULL DEFAULT '[]';
