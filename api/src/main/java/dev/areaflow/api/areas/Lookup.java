package dev.areaflow.api.areas;

import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import java.util.Optional;

/** Finds what a definition names. */
final class Lookup {
  private Lookup() {}

  /** A service; that there is none is noted, unless the id is missing, which is noted already. */
  static Optional<Service> service(
      ServiceCatalog catalog, String id, String pointer, Violations violations) {
    Optional<Service> service = catalog.service(id);
    if (service.isEmpty() && !id.isEmpty()) {
      violations.add(
          pointer,
          "There is no service \""
              + id
              + "\""
              + Nearest.hint(id, catalog.services().stream().map(Service::id).toList()));
    }
    return service;
  }
}
