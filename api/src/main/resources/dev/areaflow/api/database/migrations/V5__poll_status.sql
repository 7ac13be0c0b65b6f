-- Of area.poll-status: how polls of each hook go.
CREATE TABLE hook_polls (
  hook_id        uuid PRIMARY KEY,
  last_polled_at timestamptz NOT NULL,
  failures       integer NOT NULL,
  last_failure   text,
  next_poll_at   timestamptz
);
