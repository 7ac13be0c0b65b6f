-- Who did what. Holds no secret and no payload, and is not captured.
CREATE TABLE audit (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  at            timestamptz NOT NULL,
  actor_id      uuid,                  -- null where nobody knows who it was
  credential    text CHECK (credential IN ('session', 'token')),
  credential_id uuid,                  -- of the session or the token; null where there was none
  token_name    text,
  address       text NOT NULL,         -- of the caller
  kind          text NOT NULL,
  subject       text,                  -- the id of what it was done to
  outcome       text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
  status        integer NOT NULL,      -- of the answer
  detail        text
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_actor ON audit (actor_id, at, id);
CREATE INDEX audit_by_subject ON audit (subject, at, id);

-- Of area.runs: what came to AREAs, by the hour in which it came, added up. They outlive runs.
CREATE TABLE run_hours (
  owner_id  uuid NOT NULL,
  hour      timestamptz NOT NULL,
  area_id   uuid NOT NULL,
  service   text NOT NULL,             -- whose event it was; empty where that is not known
  events    bigint NOT NULL,           -- that the AREA decided on, and
  matches   bigint NOT NULL,           -- that made runs; without re-runs, as are events
  queued    bigint NOT NULL,           -- runs that are in this state now
  running   bigint NOT NULL,
  succeeded bigint NOT NULL,
  failed    bigint NOT NULL,
  cancelled bigint NOT NULL,
  PRIMARY KEY (owner_id, hour, area_id, service)
) WITH (fillfactor = 80);
CREATE INDEX run_hours_by_hour ON run_hours (hour);

-- How long those that succeeded or failed took, from the event's receipt to their end.
CREATE TABLE run_latencies (
  owner_id uuid NOT NULL,
  hour     timestamptz NOT NULL,
  area_id  uuid NOT NULL,
  service  text NOT NULL,
  bucket   smallint NOT NULL,          -- see latency_bucket
  runs     integer NOT NULL,
  PRIMARY KEY (owner_id, hour, area_id, service, bucket)
) WITH (fillfactor = 80);
CREATE INDEX run_latencies_by_hour ON run_latencies (hour);

-- Of area.hook-activity: deliveries by the hour, added up.
CREATE TABLE hook_hours (
  owner_id uuid NOT NULL,
  hour     timestamptz NOT NULL,
  hook_id  uuid NOT NULL,
  service  text NOT NULL,
  accepted bigint NOT NULL,
  ignored  bigint NOT NULL,
  refused  bigint NOT NULL,
  PRIMARY KEY (owner_id, hour, hook_id)
) WITH (fillfactor = 80);
CREATE INDEX hook_hours_by_hour ON hook_hours (hour);

-- Four buckets for each doubling, from a millisecond on: what is in one differs by a fifth at most.
CREATE FUNCTION latency_bucket(took interval) RETURNS smallint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CAST(floor(4 * ln(greatest(CAST(extract(epoch FROM took) AS double precision) * 1000, 1)) / ln(2.0))
              AS smallint);

INSERT INTO run_hours
SELECT r.owner_id, date_trunc('hour', r.started_at, 'UTC'), r.area_id, coalesce(h.service, ''),
       count(*) FILTER (WHERE r.generation = 0 AND r.event_offset >= 0),
       count(*) FILTER (WHERE r.generation = 0),
       count(*) FILTER (WHERE r.status = 'queued'), count(*) FILTER (WHERE r.status = 'running'),
       count(*) FILTER (WHERE r.status = 'succeeded'), count(*) FILTER (WHERE r.status = 'failed'),
       count(*) FILTER (WHERE r.status = 'cancelled')
FROM runs r LEFT JOIN hooks h ON h.id = r.hook_id
GROUP BY 1, 2, 3, 4;

INSERT INTO run_latencies
SELECT r.owner_id, date_trunc('hour', r.started_at, 'UTC'), r.area_id, coalesce(h.service, ''),
       latency_bucket(r.finished_at - r.started_at), count(*)
FROM runs r LEFT JOIN hooks h ON h.id = r.hook_id
WHERE r.status IN ('succeeded', 'failed') AND r.finished_at IS NOT NULL
GROUP BY 1, 2, 3, 4, 5;
