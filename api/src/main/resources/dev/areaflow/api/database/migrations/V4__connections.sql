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

CREATE INDEX hooks_connected ON hooks (id) WHERE connection_id IS NOT NULL;

-- Webhooks that the platform sets up at services: what was set up, with what, and what is next.
CREATE TABLE subscriptions (
  hook_id           uuid PRIMARY KEY,                -- no foreign key: it outlives its hook until it is removed
  provider_id       text,                            -- the webhook's id at the service; null while there is none
  inputs            jsonb NOT NULL,
  connection_id     uuid NOT NULL,
  secret_generation integer NOT NULL,
  status            text NOT NULL CHECK (status IN ('pending', 'active', 'failed')),
  problem           text,                            -- for the owner
  attempts          integer NOT NULL DEFAULT 0,      -- since the last success
  next_at           timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL
);
CREATE INDEX subscriptions_by_turn ON subscriptions (next_at);

-- Why an AREA cannot fire whatever its owner wants, until its definition is changed.
ALTER TABLE areas
  ADD COLUMN blocked text,
  DROP CONSTRAINT areas_enabled,
  ADD CONSTRAINT areas_enabled
    CHECK (enabled = (wanted AND NOT suspended AND blocked IS NULL));
