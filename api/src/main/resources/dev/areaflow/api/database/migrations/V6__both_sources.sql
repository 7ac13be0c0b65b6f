-- Whether the platform's webhook is set up at the service, so that polls only fill gaps. It is of the
-- platform's making and not its owner's: it counts the version up and leaves updated_at as it is.
ALTER TABLE hooks ADD COLUMN subscribed boolean NOT NULL DEFAULT false;

-- polled: the webhook is not there, and events are looked for instead.
ALTER TABLE subscriptions
  DROP CONSTRAINT subscriptions_status_check,
  ADD CONSTRAINT subscriptions_status_check
    CHECK (status IN ('pending', 'active', 'polled', 'failed')),
  ADD COLUMN looked_for timestamptz;                 -- the late item for which it was looked last

-- The newest time of what a poll found minutes after it should have been delivered.
ALTER TABLE hook_polls ADD COLUMN late_item_at timestamptz;

-- Their next version tells that they are polled from now on, where their action can be.
UPDATE hooks
SET subscribed = EXISTS
      (SELECT FROM subscriptions s WHERE s.hook_id = hooks.id AND s.status = 'active'),
    version = version + 1
WHERE connection_id IS NOT NULL AND deleted_at IS NULL;
