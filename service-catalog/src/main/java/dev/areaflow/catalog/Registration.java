package dev.areaflow.catalog;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A webhook as it was set up at a service.
 *
 * @param id the service's id of it
 * @param saved what else its requests need, by name
 * @param expiresAt when the service stops to deliver; null where it does not
 */
public record Registration(String id, Map<String, String> saved, @Nullable Instant expiresAt) {
  public Registration {
    saved = Map.copyOf(saved);
  }
}
