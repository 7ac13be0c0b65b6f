-- What a connection's token is good for, and for how long at a time.
ALTER TABLE connections
  ADD COLUMN scopes text[],                          -- as the provider granted them; null where nobody knows
  ADD COLUMN lifetime_seconds bigint;                -- of the token when it was new; null where it has no end

ALTER TABLE oauth_states
  ADD COLUMN scopes text[] NOT NULL DEFAULT '{}';    -- what is asked for

-- Who people are at identity providers. A user who came by one may have no password.
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;

CREATE TABLE identities (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider     text NOT NULL,                        -- as the operator's settings name it
  issuer       text NOT NULL,                        -- who says so: the settings may name another one so later
  subject      text NOT NULL,                        -- who it is there, for ever
  name         text,                                 -- what that one calls the person, to be shown
  created_at   timestamptz NOT NULL,
  UNIQUE (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id, id DESC);

-- Logins and links under way: what a provider's answer must bring back, once and soon.
CREATE TABLE login_states (
  state_hash   bytea PRIMARY KEY,                    -- SHA-256 of 256 random bits
  provider     text NOT NULL,
  user_id      uuid REFERENCES users (id) ON DELETE CASCADE, -- who links an identity; null for a login
  browser_hash bytea,                                -- of the cookie of the browser that began; null for a link
  nonce        text NOT NULL,                        -- what the ID token must have
  verifier     bytea NOT NULL,                       -- PKCE (RFC 7636), sealed
  expires_at   timestamptz NOT NULL
);
CREATE INDEX login_states_by_expiry ON login_states (expires_at);
