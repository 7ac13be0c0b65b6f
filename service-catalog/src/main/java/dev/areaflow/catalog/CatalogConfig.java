package dev.areaflow.catalog;

import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where services come from besides the program.
 *
 * @param directory an operator's folder, in which each sub-folder is a service
 */
public record CatalogConfig(Optional<Path> directory) {
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "services.dir",
          CatalogConfig::folder,
          "Folder with services of your own, each in a sub-folder named by its id.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(DIRECTORY);

  /** Reads them; problems are noted in {@code settings}. */
  public static CatalogConfig from(Settings settings) {
    return new CatalogConfig(settings.find(DIRECTORY));
  }

  /**
   * Reads and checks all services: keep the result.
   *
   * @param refused is told, one line each, why an operator's service is left out
   * @throws InvalidManifestException if a bundled one cannot be used
   * @throws java.io.UncheckedIOException if the folder cannot be listed
   */
  public ServiceCatalog load(Consumer<String> refused) {
    ServiceCatalog bundled = ServiceCatalog.bundled();
    return directory.map(from -> bundled.and(from, refused)).orElse(bundled);
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
