-- Every version of each AREA, written with it: what made it, and who. Not captured.
CREATE TABLE area_versions (
  area_id    uuid NOT NULL REFERENCES areas (id) ON DELETE CASCADE,
  version    bigint NOT NULL,
  owner_id   uuid NOT NULL,
  at         timestamptz NOT NULL,
  what       text NOT NULL,
  by_user    uuid,                  -- null where the platform did it,
  by_token   text,                  -- null where no API token was used
  restored   bigint,                -- the version that it is again; null where it is none
  enabled    boolean NOT NULL,      -- whether the owner wanted it to fire,
  reason     text,                  -- and why it could not; null where it could
  definition jsonb NOT NULL,
  PRIMARY KEY (area_id, version)
);

-- AREAs from before begin with the version that they are in.
INSERT INTO area_versions (area_id, version, owner_id, at, what, enabled, reason, definition)
SELECT id, version, owner_id, updated_at, 'found', wanted, coalesce(blocked, paused), definition FROM areas;
