-- Webhooks that need more than an id to be removed, and that end by themselves.
ALTER TABLE subscriptions
  ADD COLUMN saved jsonb NOT NULL DEFAULT '{}',        -- what its requests need besides its id
  ADD COLUMN expires_at timestamptz;                   -- null where it does not end
