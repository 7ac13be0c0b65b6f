package dev.areaflow.api.http;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who did something.
 *
 * @param userId null where the platform did it by itself
 * @param token the name of the API token that was used; null where none was
 */
public record Actor(@Nullable UUID userId, @Nullable String token) {
  /** The platform, by itself. */
  public static final Actor PLATFORM = new Actor(null, null);
}
