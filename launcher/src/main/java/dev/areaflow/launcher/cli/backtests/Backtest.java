package dev.areaflow.launcher.cli.backtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Moment;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.definitions.DefinitionFiles;
import dev.areaflow.launcher.definitions.InvalidDefinitionsException;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code area backtest}. */
@Command(
    name = "backtest",
    description = {
      "Show what an AREA would have done with the events that are kept, without doing it.",
      "With NAME and -f, the file is taken as the next version of that AREA."
    })
public final class Backtest extends ServerCommand {
  private static final String PATH = "/api/v1/areas/backtest";

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "Name or id of an AREA.")
  private @Nullable String name;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "YAML with one AREA; - is standard input.")
  private @Nullable Path file;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Events from then on: -7d, -12h, 2026-03-01 or 2026-03-01T12:00:00Z, default -7d, with"
              + " --event all that are kept.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      defaultValue = "now",
      description = "Events before then, default ${DEFAULT-VALUE}.")
  private String to = "";

  @Option(
      names = "--compare",
      paramLabel = "NAME|FILE",
      description =
          "Another AREA, or a file with one: show which firings it has not, and which it alone"
              + " has.")
  private @Nullable String other;

  @Option(
      names = "--hook",
      paramLabel = "[ACTION=]ID",
      description =
          "Take the events of this hook of yours; of an AREA with several actions say which.")
  private List<String> chosen = List.of();

  @Option(names = "--event", paramLabel = "ID", description = "Only these events.")
  private List<String> events = List.of();

  @Option(
      names = "--when",
      paramLabel = "CEL",
      description = "Only events for which this holds, too.")
  private @Nullable String when;

  /** One that finds this around it. */
  public Backtest(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    if (name == null && file == null) {
      throw CommandFailure.usage("expected the name of an AREA, or -f with a file");
    }
    Api api = api();
    Optional<WrittenArea> written = file == null ? Optional.empty() : Optional.of(only(file));
    ObjectNode request = request(api, name, written);
    if (other == null) {
      lines().show(read(api, request, written, lines()::showFiring));
      return ExitCode.DONE;
    }
    boolean isFile = Files.exists(Path.of(other));
    Optional<WrittenArea> base = isFile ? Optional.of(only(Path.of(other))) : Optional.empty();
    Firings before = new Firings();
    read(api, request(api, isFile ? null : other, base), base, before::add);
    Firings after = new Firings();
    JsonNode summary = read(api, request, written, after::add);
    compare(before, after);
    lines().show(summary);
    return ExitCode.DONE;
  }

  private WrittenArea only(Path path) throws IOException {
    List<WrittenArea> areas = new DefinitionFiles(surroundings().in()).read(List.of(path));
    if (areas.size() != 1) {
      throw CommandFailure.of(path + ": expected one AREA, found " + areas.size());
    }
    return areas.getFirst();
  }

  private ObjectNode request(Api api, @Nullable String area, Optional<WrittenArea> written)
      throws IOException, InterruptedException {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    if (area != null) {
      request.put("areaId", api.area(area).path("id").asText());
    }
    for (String hook : chosen) {
      int split = hook.lastIndexOf('=');
      request
          .withObjectProperty("hooks")
          .put(hook.substring(0, Math.max(0, split)), hook.substring(split + 1));
    }
    written.ifPresent(file -> request.set("definition", file.definition()));
    if (!events.isEmpty()) {
      ArrayNode ids = request.putArray("eventIds");
      events.forEach(ids::add);
    }
    if (when != null) {
      request.put("when", when);
    }
    if (from != null) {
      request.put("from", Moment.of("--from", from, surroundings().clock()).toString());
    }
    return request.put("to", Moment.of("--to", to, surroundings().clock()).toString());
  }

  /** Reads a whole backtest, and gives its last line. */
  private JsonNode read(
      Api api, ObjectNode request, Optional<WrittenArea> written, Consumer<JsonNode> firings)
      throws IOException, InterruptedException {
    try {
      return lines().read(api, PATH, request, firings);
    } catch (RefusedException e) {
      offers(e);
      if (written.isEmpty() || e.errors().stream().noneMatch(Backtest::isOfDefinition)) {
        throw e;
      }
      throw new InvalidDefinitionsException(e.problemsOf(written.get()));
    }
  }

  private BacktestLines lines() {
    return new BacktestLines(this);
  }

  /** Tells which hooks there are where the definition's own has no past. */
  private void offers(RefusedException refused) {
    for (JsonNode offer : refused.problem().path("offers")) {
      err()
          .println(
              "  --hook %s  %s, %s events, the last %s"
                  .formatted(
                      offer.path("hookId").asText(),
                      Printable.brief(offer.path("inputs")),
                      offer.path("accepted").asText(),
                      offer.path("lastDeliveryAt").asText("never")));
    }
  }

  private static boolean isOfDefinition(RefusedException.FieldError error) {
    return error.pointer().startsWith("/definition");
  }

  private void compare(Firings before, Firings after) {
    List<Firings.Move> moves = before.movesTo(after);
    if (isJson()) {
      moves.forEach(move -> printLine(move.toJson()));
      return;
    }
    new BacktestText(out()).moves(moves);
    out().printf(Locale.ROOT, "%,d before, %,d now%n", before.size(), after.size());
  }
}
