package dev.areaflow.launcher.embedded;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apicurio Registry as a child process, started again when it dies. Its id is recorded, so that a
 * start after a kill finds and ends it.
 */
public final class RegistryProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryProcess.class);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** At the end of its first run it writes its archive of classes. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** So often it may end while it starts; a port that is taken for a moment is worth another. */
  private static final int MOST_ENDS = 3;

  private final Path distribution;
  private final Path pidFile;
  private final Path logFile;
  private final Path archive;
  private final DatabaseAddress database;
  private final int port;
  private final int managementPort;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
  private volatile @Nullable Process process;
  private volatile int endsInARow;
  private volatile boolean hasServed;
  private @Nullable Thread supervisor;

  /**
   * @param archive of its loaded classes, which makes a start several seconds shorter; it writes it
   *     where it is missing or of another version
   */
  RegistryProcess(
      DataDirectory data,
      Path distribution,
      Path archive,
      DatabaseAddress database,
      int port,
      int managementPort) {
    this.distribution = distribution;
    this.pidFile = pidFile(data);
    this.logFile = data.directory("logs").resolve("registry.log");
    this.archive = archive;
    this.database = database;
    this.port = port;
    this.managementPort = managementPort;
  }

  private static Path pidFile(DataDirectory data) {
    return data.directory("registry").resolve("process");
  }

  static void endLeftover(DataDirectory data) {
    RecordedProcess.endLeftover(pidFile(data));
  }

  /** Its API, as the serdes want it. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/registry/v3";
  }

  /**
   * Starts it and returns when it answers.
   *
   * @throws EmbeddedStackException if it does not in time
   * @throws InterruptedException if interrupted while waiting
   */
  void start() throws InterruptedException {
    launch();
    supervisor = Thread.ofPlatform().name("registry-supervisor").daemon().start(this::supervise);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady()) {
      if (System.nanoTime() > deadline) {
        throw new EmbeddedStackException(
            "the schema registry does not answer after "
                + PATIENCE.toSeconds()
                + " s; see "
                + logFile);
      }
      if (endsInARow >= MOST_ENDS) {
        throw new EmbeddedStackException(
            "the schema registry ended " + endsInARow + " times while starting; see " + logFile);
      }
      if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new EmbeddedStackException("stopped while the schema registry was starting");
      }
    }
    hasServed = true;
  }

  private synchronized void launch() {
    if (closing.getCount() == 0) {
      return;
    }
    Path program = distribution.resolve("quarkus-run.jar");
    if (!Files.exists(program)) {
      throw new EmbeddedStackException(
          "the schema registry is not at " + distribution + "; run ./area build");
    }
    ProcessBuilder builder = new ProcessBuilder(command(program));
    builder.directory(distribution.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(Redirect.appendTo(logFile.toFile()));
    builder.environment().putAll(environment());
    try {
      Process started = builder.start();
      RecordedProcess.record(pidFile, started.toHandle());
      process = started;
    } catch (IOException e) {
      throw new EmbeddedStackException("the schema registry cannot be started: " + e, e);
    }
  }

  /**
   * Through a shell that ignores the interrupt of a terminal, which reaches all processes of the
   * foreground: the registry is stopped last, by us.
   */
  private List<String> command(Path program) {
    return List.of(
        "/bin/sh",
        "-c",
        "trap '' INT; exec \"$@\"",
        "registry",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx192m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+AutoCreateSharedArchive",
        "-XX:SharedArchiveFile=" + archive,
        "-jar",
        program.toString());
  }

  private Map<String, String> environment() {
    return Map.ofEntries(
        Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
        Map.entry("QUARKUS_HTTP_PORT", Integer.toString(port)),
        Map.entry("QUARKUS_MANAGEMENT_HOST", "127.0.0.1"),
        Map.entry("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort)),
        Map.entry("QUARKUS_LOG_FILE_ENABLE", "false"),
        Map.entry("APICURIO_STORAGE_KIND", "sql"),
        Map.entry("APICURIO_STORAGE_SQL_KIND", "postgresql"),
        Map.entry("APICURIO_DATASOURCE_URL", database.url()),
        Map.entry("APICURIO_DATASOURCE_USERNAME", database.user()),
        Map.entry("APICURIO_DATASOURCE_PASSWORD", database.password()),
        // as built it keeps 20 connections, and after an outage of the database fails once on each
        Map.entry("APICURIO_DATASOURCE_JDBC_INITIAL_SIZE", "2"),
        Map.entry("APICURIO_DATASOURCE_JDBC_MIN_SIZE", "2"),
        Map.entry("APICURIO_DATASOURCE_JDBC_MAX_SIZE", "20"),
        Map.entry("QUARKUS_DATASOURCE_POSTGRESQL_JDBC_VALIDATE_ON_BORROW", "true"));
  }

  /** Whether it answers now. */
  public boolean isReady() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/system/info"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void supervise() {
    Duration pause = PAUSE;
    try {
      while (closing.getCount() > 0) {
        Process running = process;
        long since = System.nanoTime();
        int status = running == null ? 0 : running.waitFor();
        boolean wasStable =
            Duration.ofNanos(System.nanoTime() - since).compareTo(LONGEST_PAUSE) > 0;
        pause = wasStable ? PAUSE : longer(pause);
        endsInARow = wasStable ? 1 : endsInARow + 1;
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        log.warn("the schema registry ended with status {}, starting it again", status);
        launchAgain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next round tries again where this one fails. */
  private void launchAgain() {
    try {
      launch();
    } catch (EmbeddedStackException e) {
      log.error("the schema registry could not be started again", e);
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  /** Waits for a launch that is under way; there is none after {@link #closing}. */
  private synchronized @Nullable Process current() {
    return process;
  }

  /** Stops it. */
  @Override
  public void close() {
    closing.countDown();
    try {
      Thread watching = supervisor;
      Process stopping = current();
      if (stopping != null) {
        if (hasServed) {
          stopping.destroy();
        } else {
          stopping.destroyForcibly(); // or its archive would be of the few classes loaded so far
        }
        if (!stopping.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          stopping.destroyForcibly().waitFor();
        }
      }
      if (watching != null) {
        watching.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
    RecordedProcess.forget(pidFile);
  }
}
