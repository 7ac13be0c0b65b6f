package dev.areaflow.api.areas;

import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the consents of connections have to be about, by the manifests as they stand now. Safe for
 * several threads.
 */
public final class ScopeNeeds {
  private final ServiceCatalog catalog;

  public ScopeNeeds(ServiceCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * One thing that a connection is used for.
   *
   * @param id of an action or a reaction of the service
   * @param listens whether it is the action
   */
  record Use(String service, String id, boolean listens) {}

  /** The scopes that a use needs. */
  List<String> of(Use use) {
    return use.listens()
        ? catalog.action(use.service(), use.id()).map(Action::scopes).orElse(List.of())
        : catalog.reaction(use.service(), use.id()).map(Reaction::scopes).orElse(List.of());
  }

  /**
   * What of the needed scopes was not granted, in the order of need.
   *
   * @param granted null where nobody knows, as with a token that its owner entered: then the
   *     service alone can say
   */
  public List<String> lacking(
      String service, @Nullable Collection<String> granted, Collection<String> needed) {
    return granted != null
            && catalog.service(service).map(Service::auth).orElse(null) instanceof Auth.OAuth2 flow
        ? flow.scopes().lacking(granted, needed)
        : List.of();
  }
}
