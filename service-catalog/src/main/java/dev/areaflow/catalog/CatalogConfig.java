package dev.areaflow.catalog;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where services come from besides the program, and where they are.
 *
 * @param directory an operator's folder, in which each sub-folder is a service
 * @param addresses where the operator has services elsewhere than their manifests say
 * @param clients what the operator has registered this platform as
 * @param callers how many processes share the services' limits of calls
 */
public record CatalogConfig(
    Optional<Path> directory, ServiceAddresses addresses, OAuthClients clients, int callers) {
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "services.dir",
          CatalogConfig::folder,
          "Folder with services of your own, each in a sub-folder named by its id.");

  static final Setting<Integer> CALLERS =
      Setting.of(
          "services.callers",
          "2",
          Parsers.integer(1, 10_000),
          "Processes with the role ingest or executors, a process with both counted twice: each"
              + " makes its part of the calls that services take.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(DIRECTORY, CALLERS);

  /** Reads them; problems are noted in {@code settings}. */
  public static CatalogConfig from(Settings settings) {
    Optional<Path> directory = settings.find(DIRECTORY);
    List<String> ids = new ArrayList<>(ServiceCatalog.bundledIds());
    directory.ifPresent(
        from ->
            ServiceCatalog.folders(from)
                .forEach(folder -> ids.add(String.valueOf(folder.getFileName()))));
    return new CatalogConfig(
        directory,
        ServiceAddresses.from(settings, ids),
        OAuthClients.from(settings, ids),
        settings.get(CALLERS));
  }

  /** One caller's part of the calls that services take: keep the result. */
  public CallBudgets budgets() {
    return new CallBudgets(callers, Ticker.systemTicker());
  }

  /**
   * Reads and checks all services: keep the result.
   *
   * @param refused is told, one line each, why an operator's service is left out
   * @throws InvalidManifestException if a bundled one cannot be used
   * @throws java.io.UncheckedIOException if the folder cannot be listed
   */
  public ServiceCatalog load(Consumer<String> refused) {
    ServiceCatalog bundled = ServiceCatalog.bundled(addresses);
    return directory.map(from -> bundled.and(from, addresses, refused)).orElse(bundled);
  }

  private static Path folder(String text) {
    try {
      Path path = Path.of(text);
      if (Files.isDirectory(path)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(
        "expected a folder that exists, with a sub-folder for each service");
  }
}
