package dev.areaflow.api.areas;

import dev.areaflow.api.areas.AreaVersion.What;
import dev.areaflow.api.http.Actor;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table of versions of AREAs. A version is written in the transaction that makes it, by whoever
 * makes it; the oldest go as new ones come. The caller brings the transaction.
 */
final class AreaVersions {
  /** Versions that are kept of an AREA, the one that it is in included. */
  static final int MOST = 100;

  private AreaVersions() {}

  /**
   * Writes down the versions that AREAs are in now.
   *
   * @param what what made them
   */
  static void add(Handle handle, List<UUID> areas, What what, Actor by) {
    add(handle, areas, what, by, null);
  }

  /**
   * Writes down the version that an AREA is in now, which is an older one again.
   *
   * @param restored the older version
   */
  static void addRestored(Handle handle, UUID area, long restored, Actor by) {
    add(handle, List.of(area), What.RESTORED, by, restored);
  }

  private static void add(
      Handle handle, List<UUID> areas, What what, Actor by, @Nullable Long restored) {
    if (areas.isEmpty()) {
      return;
    }
    handle
        .createUpdate(
            "INSERT INTO area_versions (area_id, version, owner_id, at, what, by_user, by_token,"
                + " restored, enabled, reason, definition)"
                + " SELECT id, version, owner_id, updated_at, :what, CAST(:user AS uuid),"
                + " CAST(:token AS text), CAST(:restored AS bigint), wanted, coalesce(blocked, paused), definition FROM areas"
                + " WHERE id = ANY(:areas)")
        .bindArray("areas", UUID.class, areas.toArray())
        .bind("what", what.text())
        .bind("user", by.userId())
        .bind("token", by.token())
        .bind("restored", restored)
        .execute();
    handle
        .createUpdate(
            "DELETE FROM area_versions v USING areas a WHERE a.id = ANY(:areas)"
                + " AND v.area_id = a.id AND v.version <= a.version - :most")
        .bindArray("areas", UUID.class, areas.toArray())
        .bind("most", MOST)
        .execute();
  }

  /**
   * A page of an AREA's versions, newest first; empty where the AREA is not this owner's.
   *
   * @param before versions below this one
   */
  static List<AreaVersion> list(
      Handle handle, UUID owner, UUID area, Optional<Long> before, int limit) {
    return handle
        .createQuery(
            "SELECT * FROM area_versions WHERE area_id = :area AND owner_id = :owner"
                + " AND (CAST(:before AS bigint) IS NULL OR version < :before)"
                + " ORDER BY version DESC LIMIT :limit")
        .bind("area", area)
        .bind("owner", owner)
        .bind("before", before.orElse(null))
        .bind("limit", limit)
        .map((row, context) -> AreaVersion.of(row))
        .list();
  }

  /** One version, and before it the one that was there before, if that is kept; empty if none. */
  static List<AreaVersion> findWithBefore(Handle handle, UUID owner, UUID area, long version) {
    List<AreaVersion> found = list(handle, owner, area, Optional.of(version + 1), 2);
    return found.isEmpty() || found.getFirst().version() != version ? List.of() : found;
  }
}
