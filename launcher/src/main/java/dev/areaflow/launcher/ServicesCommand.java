package dev.areaflow.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.ManifestCheck;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.ServicePage;
import dev.areaflow.launcher.cli.server.ServerServices;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code area services}: what this program knows of third parties, and a look at new manifests. */
@Command(
    name = "services",
    description = "Look at services and check manifests.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class ServicesCommand {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERVICES_DIR = "--services-dir";
  private static final String ROW = "%-16s %-9s %8s %10s  %s%n";
  private static final String SERVER = "--server";
  private static final String OF_SERVER =
      "Those that a server has, its operator's included; else this program's.";
  private static final String OWN_SERVICES =
      "Folder with services of your own, each in a sub-folder. AREA_SERVICES_DIR.";

  @Spec private @Nullable CommandSpec spec;

  @Command(
      name = "list",
      description = "List the services with their actions and reactions.",
      mixinStandardHelpOptions = true)
  int list(
      @Option(names = "--json", description = "As JSON.") boolean json,
      @Option(names = SERVER, paramLabel = "URL", description = OF_SERVER) @Nullable String server,
      @Option(names = SERVICES_DIR, paramLabel = "DIR", description = OWN_SERVICES)
          @Nullable String directory)
      throws InterruptedException {
    if (server != null) {
      return listOf(new ServerServices(Surroundings.ofProcess(), server).all(), json);
    }
    List<Service> services = catalog(directory).services();
    PrintWriter out = out();
    if (json) {
      ArrayNode all = JsonNodeFactory.instance.arrayNode();
      services.forEach(service -> all.add(json(service)));
      out.println(text(all));
    } else {
      out.printf(ROW, "ID", "VERSION", "ACTIONS", "REACTIONS", "NAME");
      services.forEach(
          service ->
              out.printf(
                  ROW,
                  service.id(),
                  service.version(),
                  service.actions().size(),
                  service.reactions().size(),
                  service.name()));
    }
    out.flush();
    return 0;
  }

  @Command(
      name = "show",
      description = "Show one service. Inputs in [ ] may be left out.",
      mixinStandardHelpOptions = true)
  int show(
      @Parameters(paramLabel = "ID", description = "The service, e.g. github.") String id,
      @Option(names = "--json", description = "As JSON, with all schemas and samples.")
          boolean json,
      @Option(names = SERVER, paramLabel = "URL", description = OF_SERVER) @Nullable String server,
      @Option(names = SERVICES_DIR, paramLabel = "DIR", description = OWN_SERVICES)
          @Nullable String directory)
      throws InterruptedException {
    if (server != null) {
      return showOf(new ServerServices(Surroundings.ofProcess(), server).one(id), json);
    }
    Optional<Service> found = catalog(directory).service(id);
    if (found.isEmpty()) {
      err()
          .println(
              "area services show: there is no service \"" + id + "\"; see: area services list");
      return 1;
    }
    Service service = found.get();
    PrintWriter out = out();
    if (json) {
      out.println(text(json(service)));
    } else {
      out.printf(
          "%s (%s %s)%n%s%n",
          service.name(), service.id(), service.version(), service.description());
      service
          .endpoint()
          .ifPresent(there -> out.printf("%nAt %s, %s.%n", there.baseUrl(), access(service)));
      section(
          out,
          "Actions",
          service.actions().stream()
              .map(action -> line(action.id(), action.description(), action.inputs()))
              .toList());
      section(
          out,
          "Reactions",
          service.reactions().stream()
              .map(reaction -> line(reaction.id(), reaction.description(), reaction.inputs()))
              .toList());
    }
    out.flush();
    return 0;
  }

  private int listOf(List<JsonNode> services, boolean json) {
    PrintWriter out = out();
    if (json) {
      out.println(text(JsonNodeFactory.instance.arrayNode().addAll(services)));
    } else {
      out.printf(ROW, "ID", "VERSION", "ACTIONS", "REACTIONS", "NAME");
      services.forEach(
          service ->
              out.printf(
                  ROW,
                  service.path("id").asText(),
                  service.path("version").asText(),
                  service.path("actions").size(),
                  service.path("reactions").size(),
                  service.path("name").asText()));
    }
    out.flush();
    return 0;
  }

  private int showOf(JsonNode service, boolean json) {
    PrintWriter out = out();
    if (json) {
      out.println(text(service));
    } else {
      out.printf(
          "%s (%s %s)%n%s%n",
          service.path("name").asText(),
          service.path("id").asText(),
          service.path("version").asText(),
          service.path("description").asText());
      section(out, "Actions", lines(service.path("actions")));
      section(out, "Reactions", lines(service.path("reactions")));
    }
    out.flush();
    return 0;
  }

  private static List<String> lines(JsonNode entries) {
    List<String> lines = new ArrayList<>();
    entries.forEach(
        entry ->
            lines.add(
                line(
                    entry.path("id").asText(),
                    entry.path("description").asText(),
                    entry.path("inputs"))));
    return lines;
  }

  @Command(
      name = "check",
      description = {
        "Check manifests: their form, the files they name, their samples, their tests of reactions.",
        "The exit code is 1 where one has a problem."
      },
      mixinStandardHelpOptions = true)
  int check(
      @Parameters(
              paramLabel = "PATH",
              arity = "1..*",
              description = "A service's folder, or the manifest.yaml in it.")
          List<Path> paths) {
    ManifestCheck check = new ManifestCheck();
    int bad = 0;
    for (Path path : paths) {
      Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
      List<String> problems =
          !Files.exists(path) || folder == null
              ? List.of(path + ": there is no such file or folder")
              : check.check(folder);
      problems.forEach(problem -> err().println(problem));
      if (problems.isEmpty()) {
        out().println(path + ": no problems");
      } else {
        bad++;
      }
    }
    out().flush();
    err().flush();
    return bad == 0 ? 0 : 1;
  }

  @Command(
      name = "docs",
      description = "Write a page of documentation for each service, and an index of them.",
      mixinStandardHelpOptions = true)
  int docs(
      @Parameters(paramLabel = "DIR", description = "Folder for the pages; made where missing.")
          Path directory,
      @Option(names = SERVICES_DIR, paramLabel = "DIR", description = OWN_SERVICES)
          @Nullable String services) {
    List<Service> all = catalog(services).services();
    try {
      Files.createDirectories(directory);
      for (Service service : all) {
        Files.writeString(directory.resolve(service.id() + ".md"), ServicePage.of(service));
      }
      Files.writeString(directory.resolve("README.md"), ServicePage.index(all));
    } catch (IOException e) {
      err().println("area services docs: " + directory + " cannot be written: " + e);
      err().flush();
      return 1;
    }
    out().println(all.size() + " pages and README.md are in " + directory);
    out().flush();
    return 0;
  }

  /** All services; what is left out is told as the roles tell it in their logs. */
  private ServiceCatalog catalog(@Nullable String directory) {
    Map<String, String> flags =
        directory == null ? Map.of() : Map.of(CatalogConfig.SETTINGS.getFirst().key(), directory);
    Settings settings = new Settings(flags, System.getenv(), Map.of());
    try {
      settings.check(CatalogConfig.SETTINGS);
      return CatalogConfig.from(settings).load(err()::println);
    } catch (InvalidSettingsException e) {
      throw new ParameterException(Objects.requireNonNull(spec).commandLine(), e.getMessage());
    } finally {
      err().flush();
    }
  }

  private static void section(PrintWriter out, String title, List<String> lines) {
    if (!lines.isEmpty()) {
      out.printf("%n%s%n", title);
      lines.forEach(out::println);
    }
  }

  private static String line(String id, String description, JsonNode inputs) {
    Set<String> required = new HashSet<>();
    inputs.path("required").forEach(name -> required.add(name.asText()));
    List<String> names = new ArrayList<>();
    inputs
        .path("properties")
        .fieldNames()
        .forEachRemaining(name -> names.add(required.contains(name) ? name : "[" + name + "]"));
    String line = "  %-26s %s".formatted(id, description);
    return names.isEmpty()
        ? line
        : line + System.lineSeparator() + "  " + " ".repeat(27) + String.join(", ", names);
  }

  private static String access(Service service) {
    return switch (service.auth()) {
      case Auth.None _, Auth.AsGiven _ -> "no connection needed";
      case Auth.ApiKey _ -> "with an API key";
      case Auth.Basic _ -> "with user name and password";
      case Auth.Bearer _ -> "with a token of one's own";
      case Auth.ClientCredentials _ -> "with a client's id and secret";
      case Auth.OAuth2 flow ->
          "with consent"
              + (service.scopes().isEmpty() ? "" : " to " + String.join(", ", service.scopes()))
              + (flow.ownToken() ? ", or a token of one's own" : "");
    };
  }

  private static ObjectNode json(Service service) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", service.id())
            .put("name", service.name())
            .put("version", service.version())
            .put("description", service.description());
    ArrayNode actions = json.putArray("actions");
    for (Action action : service.actions()) {
      actions.add(
          json(
              action.id(),
              action.description(),
              action.inputs(),
              action.output(),
              action.sample()));
    }
    ArrayNode reactions = json.putArray("reactions");
    for (Reaction reaction : service.reactions()) {
      reactions.add(
          json(
              reaction.id(),
              reaction.description(),
              reaction.inputs(),
              reaction.output(),
              reaction.sample()));
    }
    return json;
  }

  private static ObjectNode json(
      String id, String description, JsonNode inputs, JsonNode output, JsonNode sample) {
    ObjectNode json =
        JsonNodeFactory.instance.objectNode().put("id", id).put("description", description);
    json.set("inputs", inputs);
    json.set("output", output);
    json.set("sample", sample);
    return json;
  }

  private static String text(JsonNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
