-- Who may do what. None of these tables is captured: they never enter Kafka.

CREATE TABLE users (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  email         text NOT NULL UNIQUE,          -- normalised: lower case
  password_hash text NOT NULL,                 -- Argon2id, with its parameters
  role          text NOT NULL CHECK (role IN ('admin', 'user')),
  disabled_at   timestamptz,
  created_at    timestamptz NOT NULL
);

CREATE TABLE sessions (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE,            -- SHA-256 of 256 random bits
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         text NOT NULL,
  token_hash   bytea NOT NULL UNIQUE,          -- SHA-256 of 256 random bits
  scopes       text[] NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX api_tokens_by_owner ON api_tokens (owner_id, id DESC);

-- A user's accounts at services; their credentials will live in the vault, not here.
CREATE TABLE connections (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  service    text NOT NULL,
  name       text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (owner_id, service, name)
);

-- Answers by Idempotency-Key, for 24 hours. All three are useless without the key, which is not here.
CREATE TABLE idempotency_keys (
  id          bytea PRIMARY KEY,               -- SHA-256 of the caller and the key
  fingerprint bytea NOT NULL,                  -- HMAC of the request
  answer      bytea,                           -- AES-256-GCM; null only within the transaction
  created_at  timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
