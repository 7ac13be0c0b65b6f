package dev.areaflow.benchmarks;

import dev.areaflow.catalog.ServiceCatalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
final class BenchCommand implements Callable<Integer> {
  private static final Duration STARTED = Duration.ofMinutes(1);
  private static final String SMALL_HEAP = "128m";

  @Spec private CommandSpec spec = CommandSpec.create();

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

  private final Deque<AutoCloseable> running = new ConcurrentLinkedDeque<>();

  @Override
  public Integer call() throws Exception {
    if (seconds < 5 || seconds > 600) {
      spec.commandLine().getErr().println("--seconds: expected 5 to 600, found " + seconds);
      return 2;
    }
    Thread stop = Thread.ofPlatform().name("stop").unstarted(this::closeAll);
    Runtime.getRuntime().addShutdownHook(stop);
    Path directory = Files.createTempDirectory("area-bench-");
    try {
      Report report = measure(directory);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? report.json() + "\n" : report.table());
      out.flush();
      return 0;
    } catch (IOException e) {
      spec.commandLine().getErr().println("area bench: " + e.getMessage());
      copyErrors(directory);
      return 1;
    } finally {
      closeAll();
      delete(directory);
    }
  }

  private Report measure(Path directory) throws Exception {
    byte[] payload = payload();
    Path payloadFile = Files.write(directory.resolve("payload.json"), payload);
    ChildProcess sink = child(directory, "sink", SMALL_HEAP, List.of("sink"));
    int sinkPort = Integer.parseInt(sink.awaitLine(line -> true, STARTED).strip());
    URI sinkAddress = URI.create("http://127.0.0.1:" + sinkPort + "/in");
    ChildProcess load =
        child(directory, "load", SMALL_HEAP, List.of("load", payloadFile.toString()));
    Bench bench = new Bench(load, sink, seconds, progress());
    Measurement area = measureArea(directory, bench, sinkAddress, payload);
    Measurement bare = measureBareLoop(directory, bench, sinkAddress);
    return new Report(Machine.here(), seconds, payload.length, area, bare);
  }

  private Measurement measureArea(Path directory, Bench bench, URI sink, byte[] payload)
      throws IOException, InterruptedException {
    Path data = directory.resolve("data");
    progress().accept("area up: starting on an empty data directory");
    AreaProcess first = areaProcess(directory, data, sink);
    progress().accept("area up: ready after " + first.startUp().toMillis() + " ms");
    Measurement measured = bench.measure(first.contender(sink, payload), first.startUp());
    close(first);
    progress().accept("area up: starting again on that data");
    AreaProcess second = areaProcess(directory, data, sink);
    progress().accept("area up: ready after " + second.startUp().toMillis() + " ms");
    close(second);
    return new Measurement(
        measured.closed(),
        measured.sustained(),
        measured.answers(),
        measured.quiet(),
        measured.memory(),
        measured.startUp(),
        second.startUp());
  }

  private Measurement measureBareLoop(Path directory, Bench bench, URI sink)
      throws IOException, InterruptedException {
    progress().accept("bare loop: starting");
    long since = System.nanoTime();
    ChildProcess process =
        child(
            directory,
            "bare",
            heap,
            List.of("bare", directory.resolve("bare").toString(), sink.toString()));
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
    close(process);
    return measured;
  }

  /** A real delivery of GitHub's, as it is sent: without blanks. */
  private static byte[] payload() throws IOException {
    return Wire.JSON.writeValueAsBytes(
        ServiceCatalog.bundled().action("github", "issue_opened").orElseThrow().sample());
  }

  private AreaProcess areaProcess(Path directory, Path data, URI sink)
      throws IOException, InterruptedException {
    AreaProcess area =
        new AreaProcess(data, directory.resolve("area.err"), heap, sink.getAuthority());
    running.addFirst(area);
    area.awaitReady();
    return area;
  }

  private ChildProcess child(Path directory, String name, String childHeap, List<String> arguments)
      throws IOException {
    ChildProcess child =
        ChildProcess.start(
            name, childHeap, Main.class.getName(), directory.resolve(name + ".err"), arguments);
    running.addFirst(child);
    return child;
  }

  private void close(AutoCloseable part) {
    running.remove(part);
    closeQuietly(part);
  }

  private void closeAll() {
    for (AutoCloseable part = running.pollFirst(); part != null; part = running.pollFirst()) {
      closeQuietly(part);
    }
  }

  private void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      spec.commandLine().getErr().println("area bench: " + part + " does not end: " + e);
    }
  }

  private Consumer<String> progress() {
    long since = java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime();
    return text -> {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(Locale.ROOT, "%4d s  %s%n", (System.currentTimeMillis() - since) / 1000, text);
      err.flush();
    };
  }

  private void copyErrors(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".err")).toList()) {
        Files.readAllLines(file).stream()
            .limit(40)
            .forEach(
                line ->
                    spec.commandLine().getErr().println("  " + file.getFileName() + ": " + line));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
