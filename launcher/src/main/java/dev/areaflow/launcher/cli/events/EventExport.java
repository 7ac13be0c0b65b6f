package dev.areaflow.launcher.cli.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.exports.ExportCommand;
import dev.areaflow.launcher.cli.exports.ExportState;
import dev.areaflow.launcher.cli.exports.Exported;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.terminal.Moment;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code area events export}. */
@Command(
    name = "export",
    description = {
      "Write the events that are kept as rows, hook by hook, of each the newest first.",
      "Without --area or --hook those of all your hooks."
    })
final class EventExport extends ExportCommand {
  /** What was received at a time is stored within so much of it, by the broker's clock. */
  private static final Duration DISORDER = Duration.ofMinutes(5);

  @Mixin private final EventFilter filter = new EventFilter();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Received at or after: -7d, -12h, 2026-03-01 or 2026-03-01T12:00:00Z.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Received before.")
  private @Nullable String to;

  EventExport(Surroundings surroundings) {
    super(surroundings, Exported.EVENTS);
  }

  @Override
  protected Map<String, String> given() {
    Map<String, String> given = filter.given();
    if (from != null) {
      given.put("--from", from);
    }
    if (to != null) {
      given.put("--to", to);
    }
    return given;
  }

  @Override
  protected ExportState begun(Api api, String address, Map<String, String> options)
      throws IOException, InterruptedException {
    String earliest = time("--from", from);
    String end = time("--to", to);
    String since = earliest == null ? null : Instant.parse(earliest).minus(DISORDER).toString();
    String until = end == null ? null : Instant.parse(end).plus(DISORDER).toString();
    List<String> lists =
        filter.hooks(api).stream()
            .map(hook -> EventFilter.query(hook).with("from", since).with("to", until).path())
            .toList();
    return new ExportState(Exported.EVENTS, address, options, earliest, end, lists, null, 0, 0);
  }

  private @Nullable String time(String option, @Nullable String text) {
    return text == null ? null : Moment.of(option, text, surroundings().clock()).toString();
  }

  @Override
  protected boolean accepts(JsonNode event, ExportState state) {
    Instant at = receivedAt(event);
    return filter.accepts(event)
        && (state.from() == null || !at.isBefore(Instant.parse(state.from())))
        && (state.to() == null || at.isBefore(Instant.parse(state.to())));
  }

  @Override
  protected boolean isBeyond(JsonNode event, ExportState state) {
    return state.from() != null
        && receivedAt(event).isBefore(Instant.parse(state.from()).minus(DISORDER));
  }

  private static Instant receivedAt(JsonNode event) {
    return Instant.parse(event.path("receivedAt").asText());
  }
}
