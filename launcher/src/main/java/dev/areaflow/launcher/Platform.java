package dev.areaflow.launcher;

import dev.areaflow.launcher.embedded.DataDirectory;
import dev.areaflow.launcher.embedded.DatabaseAddress;
import dev.areaflow.launcher.embedded.EmbeddedStack;
import dev.areaflow.launcher.embedded.EmbeddedStackException;
import dev.areaflow.launcher.embedded.KafkaBroker;
import dev.areaflow.launcher.embedded.Ports;
import dev.areaflow.launcher.embedded.PostgresServer;
import dev.areaflow.launcher.embedded.Running;
import dev.areaflow.launcher.embedded.StartProgress;
import dev.areaflow.launcher.operations.Meters;
import dev.areaflow.launcher.operations.OperationsService;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.role.Role;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The whole platform in one process: the embedded infrastructure and every role, on one data
 * directory. {@link #start} is called once; {@link #close} stops everything that runs, from any
 * thread, also while it starts.
 */
public final class Platform implements AutoCloseable {
  static final Setting<Path> DATA =
      Setting.of("data", "data", Parsers::path, "Directory of all state of this instance.");
  private static final Setting<String> API_HOST =
      Setting.of("api.host", "127.0.0.1", Parsers::text, "Address on which the API listens.");
  private static final Setting<Integer> API_PORT =
      Setting.of("api.port", "8080", Parsers::port, "Port of the API.");
  private static final Setting<String> HOOKS_HOST =
      Setting.of("hooks.host", "127.0.0.1", Parsers::text, "Address on which hooks listen.");
  private static final Setting<Integer> HOOKS_PORT =
      Setting.of("hooks.port", "8090", Parsers::port, "Port of the hooks.");

  /** Addresses and places of the embedded infrastructure, which nobody else can know. */
  private static final Set<String> PROVIDED =
      Set.of(
          "kafka.bootstrap-servers",
          "registry.url",
          "database.url",
          "database.user",
          "database.password",
          "state.dir");

  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final SettingSources sources;
  private final Path installation;
  private final Running running = new Running();
  private final List<Role> roles = new CopyOnWriteArrayList<>();
  private final PrometheusMeterRegistry meters = Meters.registry();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CompletableFuture<String> fault = new CompletableFuture<>();
  private final String apiHost;
  private final int apiPort;
  private final String hooksHost;
  private final int hooksPort;
  private final Path data;
  private volatile boolean partsStarted;
  private Optional<EmbeddedStack> stack = Optional.empty();
  private Optional<String> setUpToken = Optional.empty();

  /**
   * Reads where it listens and keeps its state; starts nothing.
   *
   * @param sources the operator's settings; ports may be 0 for any free one
   * @param installation where {@code ./area build} has put the schema registry's distribution
   * @throws dev.areaflow.schemas.config.InvalidSettingsException if settings cannot be used
   */
  public Platform(SettingSources sources, Path installation) {
    this.sources = sources;
    this.installation = installation;
    Settings settings = sources.settings();
    KnownSettings.checkGiven(settings, settings());
    this.data = settings.get(DATA);
    this.apiHost = settings.get(API_HOST);
    this.apiPort = concrete(settings.get(API_PORT));
    this.hooksHost = settings.get(HOOKS_HOST);
    this.hooksPort = concrete(settings.get(HOOKS_PORT));
  }

  private static int concrete(int port) {
    return port == 0 ? Ports.free() : port;
  }

  /** Settings that {@code up} takes from the operator: all but what it provides itself. */
  static List<Setting<?>> settings() {
    Map<String, Setting<?>> byKey = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(DATA, API_HOST, API_PORT, HOOKS_HOST, HOOKS_PORT),
            RoleType.allSettings().stream())
        .filter(setting -> !PROVIDED.contains(setting.key()))
        .forEach(setting -> byKey.putIfAbsent(setting.key(), setting));
    return List.copyOf(byKey.values());
  }

  /**
   * Starts everything and returns when every role is ready.
   *
   * @throws EmbeddedStackException if a port is taken, the data is in use, or a part cannot start
   * @throws dev.areaflow.schemas.config.InvalidSettingsException if settings cannot be used
   * @throws InterruptedException if interrupted while waiting
   */
  public void start(StartProgress progress, Duration patience) throws InterruptedException {
    DataDirectory directory = running.add(DataDirectory.lock(data));
    checkPort(API_PORT, apiHost, apiPort);
    checkPort(HOOKS_PORT, hooksHost, hooksPort);
    EmbeddedStack embedded =
        running.add(new EmbeddedStack(directory, installation, fault::complete));
    stack = Optional.of(embedded);
    Settings settings = sources.with(provided(directory, embedded));
    KnownSettings.check(settings, RoleType.allSettings());

    partsStarted = true;
    embedded.start(progress);
    long since = System.nanoTime();
    progress.starting("Roles");
    OperationsService operations = new OperationsService(this::roles, meters);
    for (RoleType type : RoleType.all()) {
      Role role = running.add(type.maker().make(settings, meters, operations));
      roles.add(role);
      role.start();
    }
    embedded.awaitRegistry();
    awaitReady(patience);
    progress.started(
        "Roles",
        String.join(", ", roles.stream().map(Role::name).toList()),
        Duration.ofNanos(System.nanoTime() - since));
  }

  private static void checkPort(Setting<Integer> setting, String host, int port) {
    if (!Ports.isFree(host, port)) {
      throw new EmbeddedStackException(
          "port %d of %s (%s) is taken; stop what listens there, or choose another with %s or %s"
              .formatted(port, host, setting.key(), setting.flag(), setting.environmentVariable()));
    }
  }

  private Map<String, String> provided(DataDirectory directory, EmbeddedStack embedded) {
    DatabaseAddress database = embedded.database();
    Map<String, String> values = new HashMap<>();
    values.put("data", directory.root().toString());
    values.put("kafka.bootstrap-servers", embedded.kafka().bootstrapServers());
    values.put("registry.url", embedded.registryUrl());
    values.put("database.url", database.url());
    values.put("database.user", database.user());
    values.put("database.password", database.password());
    values.put("state.dir", directory.directory("state").toString());
    values.put("api.port", Integer.toString(apiPort));
    values.put("hooks.port", Integer.toString(hooksPort));
    provide(values, "cdc.rest-port", Integer.toString(Ports.free()));
    values.put("egress.deny", denied(embedded));
    provide(values, "hooks.url", address(LOOPBACK, hooksPort).toString());
    provide(values, "public.url", address(LOOPBACK, apiPort).toString());
    if (sources.settings().text("hooks.key").isEmpty()) {
      values.put("hooks.key", directory.secret("hooks.key"));
    }
    if (sources.settings().text("vault.keyset").isEmpty()) {
      values.put("vault.keyset", directory.vaultKeyset().toString());
    }
    if (!isLoopback(apiHost) && sources.settings().text("api.set-up-token").isEmpty()) {
      String token = directory.secret("set-up.token");
      setUpToken = Optional.of(token);
      values.put("api.set-up-token", token);
    }
    return values;
  }

  /** What the operator denies to requests, and the listeners that no setting names. */
  private String denied(EmbeddedStack embedded) {
    List<String> all = new ArrayList<>(embedded.internalListeners());
    sources.settings().text("egress.deny").ifPresent(all::add);
    return String.join(",", all);
  }

  private void provide(Map<String, String> values, String key, String value) {
    if (sources.settings().text(key).isEmpty()) {
      values.put(key, value);
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private void awaitReady(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> missing = notReady();
    while (!missing.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new EmbeddedStackException(
            "not ready after "
                + patience.toSeconds()
                + " s:\n  "
                + String.join("\n  ", missing)
                + "\nsee "
                + data.resolve("logs"));
      }
      if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new EmbeddedStackException("stopped while starting");
      }
      missing = notReady();
    }
  }

  private List<Role> roles() {
    return List.copyOf(roles);
  }

  /** What is missing, a sentence each with its role; empty when everything works. */
  public List<String> notReady() {
    return roles.stream()
        .flatMap(role -> role.notReady().stream().map(missing -> role.name() + ": " + missing))
        .toList();
  }

  /** Whether any part has been started, so that there is something to stop. */
  boolean hasStartedParts() {
    return partsStarted;
  }

  /** Returns what broke the platform beyond repair, once something has. */
  String awaitFault() {
    return fault.join();
  }

  /** Where the API listens. */
  public URI api() {
    return address(apiHost, apiPort);
  }

  /** Where deliveries to hooks go. */
  public URI hooks() {
    return address(hooksHost, hooksPort);
  }

  private static URI address(String host, int port) {
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + literal + ":" + port);
  }

  /**
   * The token that the first user needs where the API listens beyond the loopback address; known
   * once started.
   */
  public Optional<String> setUpToken() {
    return setUpToken;
  }

  /** The broker, so that a test can stop and start it; there once started. */
  public KafkaBroker kafka() {
    return stack().kafka();
  }

  /** The database server, so that a test can stop and start it; there once started. */
  public PostgresServer postgres() {
    return stack().postgres();
  }

  /** The platform's database; there once started. */
  public DatabaseAddress database() {
    return stack().database();
  }

  /** The registry's API; there once started. */
  public String registryUrl() {
    return stack().registryUrl();
  }

  private EmbeddedStack stack() {
    return stack.orElseThrow(() -> new IllegalStateException("the platform is not started"));
  }

  @Override
  public void close() {
    closing.countDown();
    running.close();
    meters.close();
  }
}
