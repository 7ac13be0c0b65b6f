package dev.areaflow.api.areas;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The connections that an owner's definitions may name.
 *
 * @param ids of each, by service and name
 */
public record ConnectionNames(Map<Named, UUID> ids) {
  public ConnectionNames {
    ids = Map.copyOf(ids);
  }

  /** A connection as a definition names it. */
  public record Named(String service, String name) {}

  /** The connection of this service and name, empty if there is none. */
  public Optional<UUID> find(String service, String name) {
    return Optional.ofNullable(ids.get(new Named(service, name)));
  }

  /** The names of those of a service. */
  public List<String> of(String service) {
    return ids.keySet().stream()
        .filter(named -> named.service().equals(service))
        .map(Named::name)
        .sorted()
        .toList();
  }
}
