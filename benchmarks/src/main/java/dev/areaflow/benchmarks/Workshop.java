package dev.areaflow.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/**
 * A temporary directory and the processes of a benchmark, which end with it, also when the program
 * is told to stop.
 */
final class Workshop implements AutoCloseable {
  private static final String STACK_HEAP = "768m";
  private static final Duration STACK_STARTED = Duration.ofMinutes(3);

  private final Path directory;
  private final PrintWriter err;
  private final Deque<AutoCloseable> running = new ConcurrentLinkedDeque<>();

  /**
   * @param err gets progress and problems
   */
  Workshop(PrintWriter err) throws IOException {
    this.err = err;
    this.directory = Files.createTempDirectory("area-bench-");
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(this::closeAll));
  }

  Path directory() {
    return directory;
  }

  /** Starts a measuring process. */
  ChildProcess child(String name, String heap, List<String> arguments) throws IOException {
    ChildProcess child =
        ChildProcess.start(
            name, heap, Main.class.getName(), directory.resolve(name + ".err"), arguments);
    running.addFirst(child);
    return child;
  }

  /**
   * Starts Kafka, PostgreSQL and schema registry in a process of their own, and waits until they
   * are ready.
   */
  StackCommand.Addresses stack() throws IOException, InterruptedException {
    progress("Kafka, PostgreSQL and schema registry: starting");
    ChildProcess stack =
        child("stack", STACK_HEAP, List.of("stack", directory.resolve("data").toString()));
    return Wire.read(
        stack.awaitLine(line -> line.startsWith("{"), STACK_STARTED), StackCommand.Addresses.class);
  }

  /**
   * Starts the real program and waits until it is ready.
   *
   * @param data its data directory, fresh or of the start before
   * @param reachable what its requests may reach, {@code host:port}, several with commas
   */
  AreaProcess area(Path data, String heap, String reachable)
      throws IOException, InterruptedException {
    AreaProcess area = new AreaProcess(data, directory.resolve("area.err"), heap, reachable);
    running.addFirst(area);
    area.awaitReady();
    return area;
  }

  /** Has a part end with the others, where it does not before. */
  <T extends AutoCloseable> T add(T part) {
    running.addFirst(part);
    return part;
  }

  /** Ends a process before the others. */
  void close(AutoCloseable part) {
    running.remove(part);
    closeQuietly(part);
  }

  void progress(String text) {
    long since = ManagementFactory.getRuntimeMXBean().getStartTime();
    err.printf(Locale.ROOT, "%4d s  %s%n", (System.currentTimeMillis() - since) / 1000, text);
    err.flush();
  }

  /** Says what went wrong, with the beginning of what the processes said. */
  void failed(IOException problem) throws IOException {
    err.println("area bench: " + problem.getMessage());
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".err")).toList()) {
        Files.readAllLines(file).stream()
            .limit(40)
            .forEach(line -> err.println("  " + file.getFileName() + ": " + line));
      }
    }
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
      err.println("area bench: " + part + " does not end: " + e);
    }
  }

  @Override
  public void close() throws IOException {
    closeAll();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
