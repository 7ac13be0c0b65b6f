package dev.areaflow.launcher;

import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.ServiceCatalog;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The services of one program, read once however many roles it runs; what is wrong with an
 * operator's is logged once, too. For one thread.
 */
final class Services {
  private @Nullable ServiceCatalog catalog;

  /**
   * The services; roles of one program have the same settings, of which the first ones count.
   *
   * @throws dev.areaflow.catalog.InvalidManifestException as {@link CatalogConfig#load}
   */
  ServiceCatalog of(CatalogConfig config) {
    // The logger is made now: flags ask for roles' settings before it is known where logs go.
    ServiceCatalog loaded =
        catalog == null
            ? config.load(problem -> LoggerFactory.getLogger(Services.class).error(problem))
            : catalog;
    catalog = loaded;
    return loaded;
  }
}
