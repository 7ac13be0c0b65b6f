package dev.areaflow.api.areas;

import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.Service;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the connections that one definition names. */
final class Connecting {
  private final Supplier<ConnectionNames> connections;
  private final Violations violations;

  /**
   * @param connections asked for only where a definition names or needs one
   * @param violations gets what is wrong
   */
  Connecting(Supplier<ConnectionNames> connections, Violations violations) {
    this.connections = connections;
    this.violations = violations;
  }

  /** Only what Areaflow asks for itself needs an account; what is delivered needs none. */
  Optional<UUID> ofAction(Service service, ActionUse use, Action action, String pointer) {
    boolean needed = service.auth().isNeeded() && action.source() instanceof PollSource;
    return of(service, use.connection(), needed, pointer);
  }

  /**
   * The connection that is meant.
   *
   * @param name as the definition has it; null where it names none
   * @param pointer of what names it
   */
  Optional<UUID> of(Service service, @Nullable String name, boolean needed, String pointer) {
    String at = pointer + "/connection";
    if (name == null) {
      violations.check(
          !needed,
          at,
          "Expected the name of a connection to " + service.name() + ", " + having(service));
      return Optional.empty();
    }
    if (service.auth() instanceof Auth.None) {
      violations.add(at, service.name() + " needs no connection; leave it out.");
      return Optional.empty();
    }
    Optional<UUID> found = connections.get().find(service.id(), name);
    violations.check(
        found.isPresent(),
        at,
        "You have no connection \"" + name + "\" to " + service.name() + ", " + having(service));
    return found;
  }

  private String having(Service service) {
    List<String> names = connections.get().of(service.id());
    return names.isEmpty()
        ? "you have none yet; make one with POST /api/v1/connections."
        : "you have: " + String.join(", ", names) + ".";
  }
}
