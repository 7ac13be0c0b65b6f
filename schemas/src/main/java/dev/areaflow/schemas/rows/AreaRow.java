package dev.areaflow.schemas.rows;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code areas}: one AREA in its newest version.
 *
 * @param id the AREA
 * @param ownerId its owner
 * @param hookId its home
 * @param name unique per owner
 * @param plan what the topology executes, a {@link Plan} in JSON
 * @param version counts changes from 1; a row at or below a version already seen is dropped
 * @param enabled whether it fires: what its owner wants, and the owner is not disabled
 * @param deletedAt set when it was deleted; the row is purged later
 * @param leftHookId the home that it moved away from last, null where it never moved
 */
@JsonNaming(SnakeCaseStrategy.class)
public record AreaRow(
    String id,
    String ownerId,
    String hookId,
    String name,
    String plan,
    long version,
    boolean enabled,
    @Nullable Instant deletedAt,
    @Nullable String leftHookId) {

  /** Refuses, with a {@link NullPointerException}, a row without a column that every AREA has. */
  public AreaRow {
    requireNonNull(id, "id");
    requireNonNull(ownerId, "owner_id");
    requireNonNull(hookId, "hook_id");
    requireNonNull(name, "name");
    requireNonNull(plan, "plan");
  }
}
