package dev.areaflow.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.areaflow.launcher.client.UnexpectedAnswerException;
import dev.areaflow.launcher.demo.Demo;
import dev.areaflow.launcher.demo.DemoFailedException;
import dev.areaflow.launcher.demo.Report;
import dev.areaflow.launcher.embedded.EmbeddedStackException;
import dev.areaflow.launcher.embedded.Running;
import dev.areaflow.launcher.sink.Sink;
import dev.areaflow.launcher.sink.SinkOptions;
import dev.areaflow.schemas.config.InvalidSettingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code area demo}: one event's whole way, in an instance of its own. */
@Command(
    name = "demo",
    description =
        "Show one event's whole way in a temporary instance: event, match, command, reaction, run.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DemoCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String LOOPBACK = "127.0.0.1";
  private static final SettingFlags FLAGS = new SettingFlags(Platform.settings());
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--json",
      description = "Print one JSON document on standard output, and nothing else.")
  private boolean json;

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new DemoCommand());
    FLAGS.addTo(commandLine.getCommandSpec());
    return commandLine;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
    PrintWriter out = commandLine.getOut();
    PrintWriter err = commandLine.getErr();
    PrintWriter progress = json ? err : out;
    Path temporary = Files.createTempDirectory("area-demo");
    Cleanup cleanup = new Cleanup(temporary);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(cleanup::close));
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (cleanup) {
      SettingSources own =
          withDefaults(FLAGS.sources(commandLine.getParseResult(), System.getenv()), temporary);
      Logging.toFile(own.settings().get(Platform.DATA).toAbsolutePath().resolve("logs"));
      Sink sink =
          cleanup.add(Sink.start(new SinkOptions(LOOPBACK, 0, 200, 0, true), received::add));
      Platform platform = cleanup.add(new Platform(reaching(own, sink), Installation.home()));
      platform.start(new ProgressLines(progress), PATIENCE);
      Demo.Addresses addresses =
          new Demo.Addresses(
              platform.api(), platform.kafka().bootstrapServers(), platform.registryUrl());
      Demo demo = new Demo(addresses, sink, received, step -> line(progress, "  " + step));
      print(demo.run(), out);
      return 0;
    } catch (EmbeddedStackException
        | InvalidSettingsException
        | DemoFailedException
        | UnexpectedAnswerException e) {
      err.println("area demo: " + e.getMessage());
      return 1;
    }
  }

  /**
   * Temporary data, free ports and the loopback address unless flags or a file say otherwise: the
   * environment may be that of another instance. Addresses and the set-up token are always its own,
   * since it delivers to itself; an empty flag is as good as nothing given.
   */
  static SettingSources withDefaults(SettingSources given, Path temporary) {
    Map<String, String> flags = new HashMap<>(given.flags());
    Map.of(
            "data",
            temporary.toString(),
            "api.host",
            LOOPBACK,
            "api.port",
            "0",
            "hooks.host",
            LOOPBACK,
            "hooks.port",
            "0")
        .forEach((key, value) -> flags.putIfAbsent(key, given.file().getOrDefault(key, value)));
    List.of("hooks.url", "public.url", "api.set-up-token").forEach(key -> flags.put(key, ""));
    return new SettingSources(flags, given.environment(), given.file());
  }

  /** Lets reactions through to the sink too. */
  private static SettingSources reaching(SettingSources given, Sink sink) {
    String allowed = given.settings().text("egress.allow").map(hosts -> hosts + ",").orElse("");
    Map<String, String> flags = new HashMap<>(given.flags());
    flags.put("egress.allow", allowed + sink.address().getAuthority());
    return new SettingSources(flags, given.environment(), given.file());
  }

  private void print(Report report, PrintWriter out) throws JsonProcessingException {
    if (json) {
      out.println(JSON.writeValueAsString(report));
    } else {
      part(out, "event", report.event());
      part(out, "command", report.command());
      part(out, "reaction", report.reaction());
      part(out, "run", report.run());
      part(out, "duplicate", report.duplicate());
      times(out, report.times());
    }
    out.flush();
  }

  private static void part(PrintWriter out, String name, JsonNode node)
      throws JsonProcessingException {
    out.println();
    out.println(name);
    JsonNode shown = node.deepCopy();
    if (shown.path("payload").isObject()) {
      ((ObjectNode) shown)
          .put("payload", node.path("payload").toString().length() + " characters, see --json");
    }
    JSON.writeValueAsString(shown).lines().forEach(text -> out.println("  " + text));
  }

  private static void times(PrintWriter out, Report.Times times) {
    out.println();
    out.println("times, from the delivery");
    List.of(
            Map.entry("event kept", times.event()),
            Map.entry("delivery answered", times.answered()),
            Map.entry("command issued", times.command()),
            Map.entry("reaction at the sink", times.reaction()),
            Map.entry("run finished", times.finished()))
        .forEach(step -> time(out, step.getKey(), times.posted(), step.getValue()));
  }

  private static void time(PrintWriter out, String step, Instant from, Instant to) {
    out.printf(Locale.ROOT, "  %-22s %5d ms%n", step, Duration.between(from, to).toMillis());
  }

  private static void line(PrintWriter out, String text) {
    out.println(text);
    out.flush();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * What the demo leaves behind, ended by whoever comes first: its end or a signal. The other
   * waits, so that the program does not end halfway through.
   */
  private static final class Cleanup implements AutoCloseable {
    private final Path folder;
    private boolean closed;

    /** Made with the first part: its class logs, which must not come before the log's place. */
    private @Nullable Running running;

    Cleanup(Path folder) {
      this.folder = folder;
    }

    synchronized <T extends AutoCloseable> T add(T part) {
      Running parts = running;
      if (parts == null) {
        parts = new Running();
        running = parts;
      }
      if (closed) {
        parts.close();
      }
      return parts.add(part);
    }

    @Override
    public synchronized void close() {
      if (closed) {
        return;
      }
      closed = true;
      try {
        if (running != null) {
          running.close();
        }
        delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(folder + " cannot be deleted: " + e.getMessage(), e);
      }
    }
  }
}
