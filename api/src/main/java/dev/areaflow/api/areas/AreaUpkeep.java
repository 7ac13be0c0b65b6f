package dev.areaflow.api.areas;

import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Actor;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What happens to AREAs by themselves, with time. The caller brings the transaction. */
public final class AreaUpkeep {
  /** How long an AREA may do nothing but fail. */
  private static final Duration PATIENCE = Duration.ofDays(5);

  /** One that has had no event since then does no harm. */
  private static final Duration LATELY = Duration.ofDays(1);

  private static final Duration KEPT_AFTER_DELETION = Duration.ofDays(30);

  private final Hooks hooks;
  private final Clock clock;

  public AreaUpkeep(Hooks hooks, Clock clock) {
    this.hooks = hooks;
    this.clock = clock;
  }

  /**
   * Switches off the AREAs that only failed for {@link #PATIENCE}, and did so lately. An edit and
   * being enabled begin that time anew.
   */
  public void pauseFailing(Handle handle) {
    List<UUID> paused =
        handle
            .createQuery(
                "UPDATE areas SET wanted = false, enabled = false, version = version + 1,"
                    + " updated_at = :now, paused = 'Each of its runs failed since '"
                    + " || to_char(f.since AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                    + " || ', so it was paused; mend what its runs name, and enable it again.'"
                    + " FROM (SELECT a.id, min(r.finished_at) AS since FROM areas a"
                    + " JOIN runs r ON r.area_id = a.id AND r.status = 'failed'"
                    + " AND r.finished_at > a.updated_at"
                    + " WHERE a.enabled AND a.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM runs s"
                    + " WHERE s.area_id = a.id AND s.status = 'succeeded'"
                    + " AND s.finished_at >= r.finished_at)"
                    + " GROUP BY a.id HAVING min(r.finished_at) <= :since"
                    + " AND max(r.finished_at) > :lately) f"
                    + " WHERE areas.id = f.id RETURNING areas.id")
            .bind("now", now())
            .bind("since", now().minus(PATIENCE))
            .bind("lately", now().minus(LATELY))
            .mapTo(UUID.class)
            .list();
    AreaVersions.add(handle, paused, AreaVersion.What.PAUSED, Actor.PLATFORM);
  }

  /**
   * Removes the rows of AREAs and hooks whose deletion the topology acknowledged long ago. To be
   * called now and then, in a transaction.
   */
  public void purge(Handle handle) {
    OffsetDateTime before = now().minus(KEPT_AFTER_DELETION);
    handle
        .createUpdate(
            "DELETE FROM areas a WHERE a.deleted_at < :before AND NOT EXISTS"
                + " (SELECT 1 FROM unnest(area_homes(a.id, a.hook_id, a.listens)) k(home)"
                + " WHERE NOT EXISTS (SELECT 1 FROM area_status s WHERE s.area_id = a.id"
                + " AND s.home = k.home AND s.state = 'removed'"
                + " AND s.version >= a.version AND s.at < :before))")
        .bind("before", before)
        .execute();
    for (String told : List.of("area_status", "area_rules")) {
      handle.execute(
          "DELETE FROM "
              + told
              + " s WHERE NOT EXISTS (SELECT 1 FROM areas a WHERE a.id = s.area_id)");
    }
    hooks.purge(handle, before.toInstant());
  }

  private OffsetDateTime now() {
    return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
