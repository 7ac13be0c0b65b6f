-- Past events that AREAs decide on again. No foreign key to the AREA: a replay is told of after it, too.
CREATE TABLE replays (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id   uuid NOT NULL REFERENCES users (id),
  area_id    uuid NOT NULL,
  hook_id    uuid NOT NULL,
  generation integer NOT NULL,                 -- of all its events, and of no other for this AREA
  from_time  timestamptz NOT NULL,
  to_time    timestamptz NOT NULL,
  event_ids  jsonb NOT NULL,                   -- empty for all
  condition  text,
  forced     boolean NOT NULL,
  per_second integer NOT NULL,
  created_at timestamptz NOT NULL,
  -- Of area.replay-progress, but for 'queued', which is what was asked for and not heard of yet.
  status     text NOT NULL DEFAULT 'queued'
    CHECK (status IN ('queued', 'running', 'finished', 'cancelled', 'failed')),
  read       bigint NOT NULL DEFAULT 0,        -- places of the partition,
  all_places bigint,                           -- of so many; null where that is not known yet
  sent       bigint NOT NULL DEFAULT 0,
  skipped    bigint NOT NULL DEFAULT 0,
  error      text,
  told_at    timestamptz,
  UNIQUE (area_id, generation)
);
CREATE INDEX replays_by_owner ON replays (owner_id, id);

-- The last generation of an AREA.
CREATE INDEX requests_reruns_of_area ON requests ((body->>'areaId')) WHERE kind = 'rerun';

-- The replay of many events that a run is of.
ALTER TABLE runs ADD COLUMN replay_id uuid;
