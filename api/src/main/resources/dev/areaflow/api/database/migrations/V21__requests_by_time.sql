-- Requests and replays are kept for a time only.
CREATE INDEX requests_by_time ON requests (created_at);
