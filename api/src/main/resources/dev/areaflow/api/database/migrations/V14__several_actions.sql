-- AREAs that listen to several hooks. Such an AREA's home is its own id; hook_id is the first of its hooks.
ALTER TABLE areas
  ADD COLUMN listens    jsonb,           -- [{"hookId", "of"}] in the order of its actions; null where there is one
  ADD COLUMN left_homes jsonb;           -- the homes that left_version moved it away from, where they were several

-- What an AREA listens to, in the order of its actions.
CREATE FUNCTION area_hooks(hook_id uuid, listens jsonb) RETURNS uuid[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN listens IS NULL THEN ARRAY[hook_id]
         ELSE ARRAY(SELECT CAST(l.value->>'hookId' AS uuid)
                    FROM jsonb_array_elements(listens) WITH ORDINALITY l(value, position)
                    ORDER BY l.position)
         END;

-- Where the topology has to know of an AREA: at its home, and at each of its hooks.
CREATE FUNCTION area_homes(id uuid, hook_id uuid, listens jsonb) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN listens IS NULL THEN ARRAY[CAST(hook_id AS text)]
         ELSE CAST(id AS text) || CAST(area_hooks(hook_id, listens) AS text[])
         END;

CREATE INDEX areas_by_any_hook ON areas USING gin (area_hooks(hook_id, listens));

-- Of area.status: how much the rule of each AREA remembers, and what it made of events.
CREATE TABLE area_rules (
  area_id uuid PRIMARY KEY,
  home    text NOT NULL,
  keys    bigint NOT NULL,
  events  bigint NOT NULL,               -- kept now,
  bytes   bigint NOT NULL,               -- and their payloads
  kept    bigint NOT NULL,               -- since then, as are the next
  dropped bigint NOT NULL,
  refused bigint NOT NULL,
  since   timestamptz NOT NULL,
  problem text,                          -- why it can take no more; null where it can
  at      timestamptz NOT NULL
);
