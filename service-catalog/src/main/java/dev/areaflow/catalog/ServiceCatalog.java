package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The services that this program knows. Immutable and safe for several threads. */
public final class ServiceCatalog {
  private static final String SERVICES = "services/";

  private final Map<String, Service> services;

  ServiceCatalog(List<Service> services) {
    Map<String, Service> byId = new TreeMap<>();
    services.forEach(service -> byId.put(service.id(), service));
    this.services = byId;
  }

  /**
   * The services whose manifests are part of the program. It reads and checks them all: keep the
   * result.
   *
   * @throws InvalidManifestException if one of them cannot be used
   */
  public static ServiceCatalog bundled() {
    return bundled(ServiceAddresses.asDeclared());
  }

  /**
   * As {@link #bundled()}, with services where the operator has them.
   *
   * @throws InvalidManifestException if one of them cannot be used
   */
  public static ServiceCatalog bundled(ServiceAddresses addresses) {
    ManifestLoader loader = new ManifestLoader(addresses);
    return new ServiceCatalog(
        bundledIds().stream().map(id -> loader.load(id, bundledFolder(id))).toList());
  }

  /**
   * These services and those of an operator's folder, in which each sub-folder is one. What {@link
   * ManifestCheck} has a problem with is left out, and so is one with the id of a service that is
   * here already, or with one whose environment variables have the same names.
   *
   * @param addresses where the operator has services elsewhere
   * @param refused is told each problem in one line, with file and line where there is one
   * @throws UncheckedIOException if the folder cannot be listed
   */
  ServiceCatalog and(Path directory, ServiceAddresses addresses, Consumer<String> refused) {
    List<Service> all = new ArrayList<>(services());
    ManifestCheck check = new ManifestCheck(addresses);
    for (Path folder : folders(directory)) {
      String id = String.valueOf(folder.getFileName());
      if (services.containsKey(id)) {
        refused.accept(
            folder
                + ": left out, "
                + id
                + " is a service of the program and cannot be replaced; give the folder and the"
                + " manifest's id another name");
        continue;
      }
      Optional<Service> twin =
          all.stream().filter(other -> variables(other.id()).equals(variables(id))).findFirst();
      if (twin.isPresent()) {
        refused.accept(
            folder
                + ": left out, its environment variables would be those of the service "
                + twin.get().id()
                + ", AREA_SERVICE_"
                + variables(id).toUpperCase(Locale.ROOT)
                + "_…; give the folder and the manifest's id another name");
        continue;
      }
      try {
        all.add(check.load(folder));
      } catch (InvalidManifestException e) {
        String.valueOf(e.getMessage())
            .lines()
            .forEach(problem -> refused.accept(directory + "/" + problem + "; left out"));
      } catch (UncheckedIOException e) {
        refused.accept(folder + ": left out, " + e.getMessage() + ": " + e.getCause());
      }
    }
    return new ServiceCatalog(all);
  }

  /** Names of environment variables have no hyphens. */
  private static String variables(String id) {
    return id.replace('-', '_');
  }

  static List<Path> folders(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(Files::isDirectory)
          .filter(folder -> !String.valueOf(folder.getFileName()).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " cannot be listed", e);
    }
  }

  /** The ids of the bundled services; a class path cannot be asked what folders it has. */
  static List<String> bundledIds() {
    byte @Nullable [] index = resource("bundled");
    if (index == null) {
      throw new IllegalStateException("the list of bundled services is missing from the program");
    }
    return new String(index, UTF_8).lines().toList();
  }

  static ManifestLoader.Folder bundledFolder(String id) {
    return name -> resource(id + "/" + name);
  }

  private static byte @Nullable [] resource(String name) {
    try (InputStream in = ServiceCatalog.class.getResourceAsStream(SERVICES + name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(SERVICES + name + " cannot be read", e);
    }
  }

  /** All of them, by id. */
  public List<Service> services() {
    return List.copyOf(services.values());
  }

  /** The service of this id, empty if there is none. */
  public Optional<Service> service(String id) {
    return Optional.ofNullable(services.get(id));
  }

  /** A service's action, empty if there is no such service or action. */
  public Optional<Action> action(String service, String action) {
    return service(service).flatMap(found -> found.action(action));
  }

  /**
   * Where the events of an action come from, or the part of that which is of a kind; empty if there
   * is no such action or none is.
   */
  public <S extends ActionSource> Optional<S> source(String service, String action, Class<S> kind) {
    return action(service, action).flatMap(found -> found.source().part(kind));
  }

  /** A service's reaction, empty if there is no such service or reaction. */
  public Optional<Reaction> reaction(String service, String reaction) {
    return service(service).flatMap(found -> found.reaction(reaction));
  }
}
