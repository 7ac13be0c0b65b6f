package dev.areaflow.benchmarks;

import dev.areaflow.catalog.ServiceCatalog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area bench}: starts everything that it needs, measures, and ends it all. */
@Command(
    name = "area bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure this build: the real program with one user and one AREA, in a temporary data",
      "directory, beside a bare loop of the same parts. Load and sink are processes of their own",
      "on this machine; everything stays on 127.0.0.1. Takes about 24 times --seconds and",
      "four minutes; progress goes to standard error, the table to standard output."
    })
final class BenchCommand extends MeasuringCommand {
  private static final Duration STARTED = Duration.ofMinutes(1);
  private static final String SMALL_HEAP = "128m";

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "How long each run of the load takes, 5 to 600; default ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--heap",
      defaultValue = "512m",
      description = "Java heap of the measured program; default ${DEFAULT-VALUE}, as in area up.")
  private String heap = "";

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  Optional<String> problem() {
    return outside("--seconds", 5, 600, seconds);
  }

  @Override
  String measure(Workshop workshop) throws Exception {
    byte[] payload = payload();
    Path payloadFile = Files.write(workshop.directory().resolve("payload.json"), payload);
    ChildProcess sink = workshop.child("sink", SMALL_HEAP, List.of("sink"));
    int sinkPort = Integer.parseInt(sink.awaitLine(line -> true, STARTED).strip());
    URI sinkAddress = URI.create("http://127.0.0.1:" + sinkPort + "/in");
    ChildProcess load = workshop.child("load", SMALL_HEAP, List.of("load", payloadFile.toString()));
    Bench bench = new Bench(load, sink, seconds, workshop::progress);
    Measurement area = measureArea(workshop, bench, sinkAddress, payload);
    Measurement bare = measureBareLoop(workshop, bench, sinkAddress);
    Report report = new Report(Machine.here(), seconds, payload.length, area, bare);
    return json ? report.json() + "\n" : report.table();
  }

  private Measurement measureArea(Workshop workshop, Bench bench, URI sink, byte[] payload)
      throws IOException, InterruptedException {
    Path data = workshop.directory().resolve("data");
    workshop.progress("area up: starting on an empty data directory");
    AreaProcess first = workshop.area(data, heap, sink.getAuthority());
    workshop.progress("area up: ready after " + first.startUp().toMillis() + " ms");
    Measurement measured = bench.measure(first.contender(sink, payload), first.startUp());
    workshop.close(first);
    workshop.progress("area up: starting again on that data");
    AreaProcess second = workshop.area(data, heap, sink.getAuthority());
    workshop.progress("area up: ready after " + second.startUp().toMillis() + " ms");
    workshop.close(second);
    return new Measurement(
        measured.closed(),
        measured.sustained(),
        measured.answers(),
        measured.quiet(),
        measured.memory(),
        measured.startUp(),
        second.startUp());
  }

  private Measurement measureBareLoop(Workshop workshop, Bench bench, URI sink)
      throws IOException, InterruptedException {
    workshop.progress("bare loop: starting");
    long since = System.nanoTime();
    ChildProcess process =
        workshop.child(
            "bare",
            heap,
            List.of("bare", workshop.directory().resolve("bare").toString(), sink.toString()));
    URI hook = URI.create(process.awaitLine(line -> line.startsWith("http://"), STARTED));
    Duration startUp = Duration.ofNanos(System.nanoTime() - since);
    Measurement measured =
        bench.measure(
            new Contender(
                "bare loop",
                hook,
                Map.of("Content-Type", "application/json"),
                new ProcessTree(process.handle())),
            startUp);
    workshop.close(process);
    return measured;
  }

  /** A real delivery of GitHub's, as it is sent: without blanks. */
  static byte[] payload() throws IOException {
    return Wire.JSON.writeValueAsBytes(
        ServiceCatalog.bundled().action("github", "issue_opened").orElseThrow().sample());
  }
}
