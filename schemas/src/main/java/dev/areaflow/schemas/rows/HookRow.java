package dev.areaflow.schemas.rows;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code hooks}: one subscription to one action.
 *
 * @param id the hook, a UUID
 * @param ownerId its owner
 * @param service service id
 * @param action action id
 * @param inputs the action's inputs, a JSON object
 * @param secretGeneration which signing secret is in force, from 1
 * @param previousSecretUntil until when the secret of the generation before is valid too
 * @param version counts changes from 1
 * @param enabled whether it accepts deliveries and fires clocks
 * @param createdAt when it was made; a clock never fires instants before
 * @param deletedAt set when it was deleted; the row is purged later
 * @param previousSecretsUntil until when each secret before is valid too, a JSON array of times,
 *     beginning with the generation before; null in rows from before there was more than one
 * @param connectionId the account that it is polled with; null where it needs none
 * @param firstItems how many of the items that its first poll finds become events, the newest
 * @param subscribed whether its events are delivered by a webhook that the platform set up, so that
 *     polls only find what is missing
 */
@JsonNaming(SnakeCaseStrategy.class)
public record HookRow(
    String id,
    String ownerId,
    String service,
    String action,
    String inputs,
    int secretGeneration,
    @Nullable Instant previousSecretUntil,
    long version,
    boolean enabled,
    Instant createdAt,
    @Nullable Instant deletedAt,
    @Nullable String previousSecretsUntil,
    @Nullable String connectionId,
    int firstItems,
    boolean subscribed) {

  /** Refuses, with a {@link NullPointerException}, a row without a column that every hook has. */
  public HookRow {
    requireNonNull(id, "id");
    requireNonNull(ownerId, "owner_id");
    requireNonNull(service, "service");
    requireNonNull(action, "action");
    requireNonNull(inputs, "inputs");
    requireNonNull(createdAt, "created_at");
  }
}
