-- Where a connection stands. Its credentials are beside it, each sealed by the vault for its owner,
-- connection and field. None of this is captured: it never enters Kafka.
ALTER TABLE connections
  ADD COLUMN status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'connected', 'reconnect')),
  ADD COLUMN problem text,                           -- why it is not connected, for its owner
  ADD COLUMN kind text,                              -- how its credentials are sent
  ADD COLUMN address text,                           -- the only place they go, where its owner says
  ADD COLUMN account text,                           -- what the service calls the account
  ADD COLUMN version bigint NOT NULL DEFAULT 1,      -- of the credentials
  ADD COLUMN expires_at timestamptz,                 -- when its token ends; null where it does not
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE connection_secrets (
  connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  field         text NOT NULL,
  sealed        bytea NOT NULL,
  PRIMARY KEY (connection_id, field)
);

-- Consents under way: what a provider's answer must bring back, once and soon.
CREATE TABLE oauth_states (
  state_hash    bytea PRIMARY KEY,                   -- SHA-256 of 256 random bits
  connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  owner_id      uuid NOT NULL,
  verifier      bytea NOT NULL,                      -- PKCE (RFC 7636), sealed
  expires_at    timestamptz NOT NULL
);
CREATE INDEX oauth_states_by_expiry ON oauth_states (expires_at);

ALTER TABLE hooks ADD COLUMN connection_id uuid;     -- null where the action needs none

-- Why an AREA cannot fire whatever its owner wants, until its definition is changed.
ALTER TABLE areas
  ADD COLUMN blocked text,
  DROP CONSTRAINT areas_enabled,
  ADD CONSTRAINT areas_enabled
    CHECK (enabled = (wanted AND NOT suspended AND blocked IS NULL));
