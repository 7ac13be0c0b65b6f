package dev.areaflow.schemas.rows;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code areas}: one AREA in its newest version.
 *
 * @param id the AREA
 * @param ownerId its owner
 * @param hookId what it listens to; of several the first
 * @param name unique per owner
 * @param plan what the topology executes, a {@link Plan} in JSON
 * @param version counts changes from 1; a row at or below a version already seen is dropped
 * @param enabled whether it fires: what its owner wants, and the owner is not disabled
 * @param deletedAt set when it was deleted; the row is purged later
 * @param leftHookId the home that it moved away from last, null where it never moved, or left
 *     several
 * @param listens what it listens to where that is several, a JSON array of {@link Listening}; null
 *     where it is one
 * @param leftHomes where it was before it moved last, a JSON array of homes; null where that was
 *     one, or nowhere
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
    @Nullable String leftHookId,
    @Nullable String listens,
    @Nullable String leftHomes) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /**
   * A hook that an AREA of several listens to.
   *
   * @param hookId the hook
   * @param of what the AREA calls its action
   */
  public record Listening(String hookId, String of) {
    public Listening {
      requireNonNull(hookId, "hookId");
      requireNonNull(of, "of");
    }
  }

  /** Refuses, with a {@link NullPointerException}, a row without a column that every AREA has. */
  public AreaRow {
    requireNonNull(id, "id");
    requireNonNull(ownerId, "owner_id");
    requireNonNull(hookId, "hook_id");
    requireNonNull(name, "name");
    requireNonNull(plan, "plan");
  }

  /** An AREA that listens to one hook, and never moved. */
  public AreaRow(
      String id,
      String ownerId,
      String hookId,
      String name,
      String plan,
      long version,
      boolean enabled,
      @Nullable Instant deletedAt,
      @Nullable String leftHookId) {
    this(id, ownerId, hookId, name, plan, version, enabled, deletedAt, leftHookId, null, null);
  }

  /** Where its state lives: at its hook, or, where it listens to several, at its own id. */
  public String home() {
    return listens == null ? hookId : id;
  }

  /**
   * What it listens to beside its home; empty where its home is its hook.
   *
   * @throws IllegalArgumentException if the column holds something else
   */
  public List<Listening> listeners() {
    return read(listens, new TypeReference<List<Listening>>() {});
  }

  /**
   * The homes that it moved away from last.
   *
   * @throws IllegalArgumentException if the column holds something else
   */
  public List<String> left() {
    return leftHookId == null
        ? read(leftHomes, new TypeReference<List<String>>() {})
        : List.of(leftHookId);
  }

  private static <T> List<T> read(@Nullable String column, TypeReference<List<T>> type) {
    try {
      return column == null ? List.of() : List.copyOf(JSON.readValue(column, type));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a JSON array, found: " + e.getOriginalMessage(), e);
    }
  }
}
