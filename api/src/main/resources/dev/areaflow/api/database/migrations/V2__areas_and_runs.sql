-- What Debezium captures. Rows of these tables are never deleted while the topology may still need
-- to hear of it: they get deleted_at and the next version, and are purged later.

CREATE TABLE hooks (
  id                    uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id              uuid NOT NULL REFERENCES users (id),
  service               text NOT NULL,
  action                text NOT NULL,
  inputs                jsonb NOT NULL,
  secret_generation     integer NOT NULL DEFAULT 1,
  previous_secret_until timestamptz,
  version               bigint NOT NULL DEFAULT 1,
  enabled               boolean NOT NULL DEFAULT true, -- false while the owner is disabled
  created_at            timestamptz NOT NULL,
  updated_at            timestamptz NOT NULL,
  deleted_at            timestamptz
);
CREATE INDEX hooks_by_owner ON hooks (owner_id, id);
CREATE INDEX hooks_deleted ON hooks (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE areas (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id     uuid NOT NULL REFERENCES users (id),
  hook_id      uuid NOT NULL REFERENCES hooks (id),
  name         text NOT NULL,
  definition   jsonb NOT NULL,                  -- as its owner wrote it
  plan         json NOT NULL,                   -- as the topology executes it; json keeps the order of fields
  version      bigint NOT NULL DEFAULT 1,
  wanted       boolean NOT NULL,                -- whether its owner wants it to fire
  suspended    boolean NOT NULL DEFAULT false,  -- whether its owner is disabled
  enabled      boolean NOT NULL,                -- whether it fires
  left_hook_id uuid,                            -- the home that it moved away from last,
  left_version bigint,                          -- and the version that moved it
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  deleted_at   timestamptz,
  CONSTRAINT areas_enabled CHECK (enabled = (wanted AND NOT suspended))
);
CREATE UNIQUE INDEX areas_name ON areas (owner_id, name) WHERE deleted_at IS NULL;
CREATE INDEX areas_by_owner ON areas (owner_id, id);
CREATE INDEX areas_by_hook ON areas (hook_id);
CREATE INDEX areas_deleted ON areas (deleted_at) WHERE deleted_at IS NOT NULL;

-- What people ask of the running system (cancel, retry, replay). Insert only.
CREATE TABLE requests (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id   uuid NOT NULL REFERENCES users (id),
  home       text NOT NULL,
  kind       text NOT NULL,
  body       jsonb NOT NULL,
  created_at timestamptz NOT NULL
);

-- Written by the connector, so that an idle database's log is acknowledged too.
CREATE TABLE cdc_heartbeat (
  id      integer PRIMARY KEY,
  beat_at timestamptz NOT NULL
);

-- Changes then carry every column, those that PostgreSQL stores out of line too.
ALTER TABLE hooks REPLICA IDENTITY FULL;
ALTER TABLE areas REPLICA IDENTITY FULL;
ALTER TABLE requests REPLICA IDENTITY FULL;
ALTER TABLE cdc_heartbeat REPLICA IDENTITY FULL;

CREATE PUBLICATION areaflow_cdc FOR TABLE areas, hooks, requests, cdc_heartbeat;

-- What is projected from topics. No foreign keys: topics come when they come, and outlive rows.

-- Of area.status: what each home last said of each AREA.
CREATE TABLE area_status (
  area_id uuid NOT NULL,
  home    text NOT NULL,
  version bigint NOT NULL,
  state   text NOT NULL CHECK (state IN ('applied', 'removed', 'rejected')),
  reason  text,
  at      timestamptz NOT NULL,
  PRIMARY KEY (area_id, home)
);

-- Of area.runs: the run log. Partitions by day are made ahead; the default one takes what is out of range.
CREATE TABLE runs (
  started_at      timestamptz NOT NULL,
  id              uuid NOT NULL,               -- holds started_at: an id leads to its partition
  owner_id        uuid NOT NULL,
  area_id         uuid NOT NULL,
  area_version    bigint NOT NULL,
  hook_id         uuid NOT NULL,
  event_id        text NOT NULL,
  event_partition integer NOT NULL,            -- where the payload is, in area.events
  event_offset    bigint NOT NULL,
  generation      integer NOT NULL,
  transition      integer NOT NULL,
  status          text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
  detail          text,
  finished_at     timestamptz,
  steps           json NOT NULL,
  PRIMARY KEY (started_at, id)
) PARTITION BY RANGE (started_at);
-- None of these hold what changes while a run moves on: updates stay within their page (HOT).
CREATE INDEX runs_by_owner ON runs (owner_id, started_at, id);
CREATE INDEX runs_by_area ON runs (area_id, started_at, id);
CREATE INDEX runs_by_event ON runs (owner_id, event_id);
CREATE TABLE runs_default PARTITION OF runs DEFAULT;

-- Of area.hook-activity: counts added up.
CREATE TABLE hook_activity (
  hook_id          uuid PRIMARY KEY,
  last_delivery_at timestamptz,
  accepted         bigint NOT NULL,
  ignored          bigint NOT NULL
);
CREATE TABLE hook_refusals (
  hook_id uuid NOT NULL,
  reason  text NOT NULL,
  refused bigint NOT NULL,
  PRIMARY KEY (hook_id, reason)
);

-- How far each projection has read; moves in the transaction of what it wrote.
CREATE TABLE projection_offsets (
  projection  text NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (projection, partition)
);
