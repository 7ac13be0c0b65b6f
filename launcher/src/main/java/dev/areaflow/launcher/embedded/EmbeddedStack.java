package dev.areaflow.launcher.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The infrastructure of {@code area up}: PostgreSQL, Kafka and the schema registry. {@link #start}
 * is called once; {@link #close} stops what runs, in reverse.
 */
public final class EmbeddedStack implements AutoCloseable {
  /** A thread for each part: they wait for processes and sockets. */
  private static final Executor THREADS =
      task -> Thread.ofPlatform().name("embedded-start").daemon().start(task);

  private final PostgresServer postgres;
  private final KafkaBroker kafka;
  private final RegistryProcess registry;
  private final List<String> internalListeners;
  private final Running running = new Running();
  private CompletableFuture<Void> registryStart = new CompletableFuture<>();

  /**
   * Ends what a killed start has left on this data and chooses the ports, the ones of the last
   * start where they are free.
   *
   * @param installation where {@code ./area build} has put the registry's distribution
   * @param onFault told of a fault that Kafka or PostgreSQL does not survive, from the thread that
   *     met it
   */
  public EmbeddedStack(DataDirectory data, Path installation, Consumer<String> onFault) {
    KafkaExits.reportTo(onFault);
    RegistryProcess.endLeftover(data);
    PostgresServer.endLeftover(data);
    Ports ports = new Ports(data);
    int controllerPort = ports.of("kafka-controller");
    int managementPort = ports.of("registry-management");
    this.internalListeners = List.of("127.0.0.1:" + controllerPort, "127.0.0.1:" + managementPort);
    Path cache = cache(data, installation);
    this.postgres =
        new PostgresServer(data, cache.resolve("postgres"), ports.of("postgres"), onFault);
    this.kafka = new KafkaBroker(data.directory("kafka"), ports.of("kafka"), controllerPort);
    this.registry =
        new RegistryProcess(
            data,
            installation.resolve("registry"),
            cache.resolve("registry.jsa"),
            postgres.registryDatabase(),
            ports.of("registry"),
            managementPort);
  }

  /**
   * For what each start would make alike: beside the installation, so that all data share it; with
   * the data where somebody else owns that. Programs are unpacked there, writable for everybody,
   * and run: nobody else may enter it.
   */
  static Path cache(DataDirectory data, Path installation) {
    Path shared = installation.resolve("cache");
    try {
      boolean isShared = isOurs(Files.exists(shared) ? shared : installation);
      Path cache = isShared ? Files.createDirectories(shared) : data.directory("cache");
      DataDirectory.restrict(cache);
      return cache;
    } catch (IOException e) {
      throw new EmbeddedStackException(shared + " cannot be used: " + e, e);
    }
  }

  private static boolean isOurs(Path directory) throws IOException {
    return Files.isWritable(directory)
        && ProcessHandle.current()
            .info()
            .user()
            .filter(Files.getOwner(directory).getName()::equals)
            .isPresent();
  }

  /**
   * Starts all three side by side, and returns when PostgreSQL and Kafka serve: the registry, which
   * takes longest, goes on starting.
   *
   * @throws EmbeddedStackException if one of them cannot
   */
  public void start(StartProgress progress) {
    CompletableFuture<Void> broker =
        async("Kafka", progress, kafka.bootstrapServers(), kafka::start, kafka);
    CompletableFuture<Void> database =
        async("PostgreSQL", progress, postgres.platformDatabase().url(), postgres::start, postgres);
    registryStart =
        database.thenCompose(
            ready -> async("Schema registry", progress, registry.url(), registry::start, registry));
    await(CompletableFuture.allOf(broker, database));
  }

  /**
   * Returns when the registry answers.
   *
   * @throws EmbeddedStackException if it does not in time
   */
  public void awaitRegistry() {
    await(registryStart);
  }

  private static void await(CompletableFuture<Void> start) {
    try {
      start.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof EmbeddedStackException cause
          ? cause
          : new EmbeddedStackException("the embedded infrastructure does not start: " + e, e);
    }
  }

  private CompletableFuture<Void> async(
      String name, StartProgress progress, String detail, Start start, AutoCloseable part) {
    return CompletableFuture.runAsync(
        () -> {
          long since = System.nanoTime();
          progress.starting(name);
          running.add(part);
          try {
            start.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedStackException(name + ": interrupted while starting", e);
          }
          progress.started(name, detail, Duration.ofNanos(System.nanoTime() - since));
        },
        THREADS);
  }

  /** What is not serving, a sentence each. */
  public List<String> notReady() {
    return registry.isReady() ? List.of() : List.of("the schema registry does not answer");
  }

  /** The platform's database. */
  public DatabaseAddress database() {
    return postgres.platformDatabase();
  }

  /** The database server, which tests stop and start. */
  public PostgresServer postgres() {
    return postgres;
  }

  /** The broker, which tests stop and start. */
  public KafkaBroker kafka() {
    return kafka;
  }

  /** {@code host:port} of the listeners that the parts have for themselves alone. */
  public List<String> internalListeners() {
    return internalListeners;
  }

  /** The registry's API. */
  public String registryUrl() {
    return registry.url();
  }

  @Override
  public void close() {
    running.close();
  }

  /** Starts one part and returns when it serves. */
  private interface Start {
    void run() throws InterruptedException;
  }
}
