-- Where the state of a run lives, to which requests about it go. Null of runs from before: their hook.
ALTER TABLE runs ADD COLUMN home text;

-- Every row that there is meets it: none is looked at while the table is locked.
ALTER TABLE runs DROP CONSTRAINT runs_status_check;
ALTER TABLE runs ADD CONSTRAINT runs_status_check
  CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')) NOT VALID;

CREATE INDEX requests_by_owner ON requests (owner_id, created_at);
-- The last generation of each event for each AREA.
CREATE INDEX requests_reruns
  ON requests (owner_id, (body->>'eventId'), (body->>'areaId')) WHERE kind = 'rerun';

-- Of area.dead-letters: what could not be processed, without keys and values, which stay in Kafka.
CREATE TABLE dead_letters (
  letter_partition integer NOT NULL,           -- where the letter is, in area.dead-letters
  letter_offset    bigint NOT NULL,
  topic            text NOT NULL,              -- where the record was read
  record_partition integer NOT NULL,
  record_offset    bigint NOT NULL,
  at               timestamptz NOT NULL,
  cause            text NOT NULL,
  given_up_by      text NOT NULL,              -- the application and node
  state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'retried', 'discarded')),
  decided_at       timestamptz,                -- when it was retried or discarded,
  decided_by       uuid,                       -- and by which admin
  PRIMARY KEY (letter_partition, letter_offset)
);
CREATE INDEX dead_letters_by_time ON dead_letters (at, letter_partition, letter_offset);
