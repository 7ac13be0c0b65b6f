-- Until when each replaced secret of a hook is valid too, a JSON array of times: the first is of the
-- generation before secret_generation, the next of the one before that.
ALTER TABLE hooks ADD COLUMN previous_secrets_until jsonb NOT NULL DEFAULT '[]';

UPDATE hooks
SET previous_secrets_until = jsonb_build_array(
      to_char(previous_secret_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
    version = version + 1
WHERE previous_secret_until > now() AND deleted_at IS NULL;
