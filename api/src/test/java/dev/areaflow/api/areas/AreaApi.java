package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.FakeBacktester;
import dev.areaflow.api.TestApi;
import dev.areaflow.api.backtests.Backtests;
import dev.areaflow.api.backtests.SelectionCheck;
import dev.areaflow.api.catalog.SchemaRoutes;
import dev.areaflow.api.connections.ConnectionRoutes;
import dev.areaflow.api.connections.Connections;
import dev.areaflow.api.connections.ConsentRoutes;
import dev.areaflow.api.connections.Consents;
import dev.areaflow.api.connections.Probe;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.deadletters.DeadLetterRoutes;
import dev.areaflow.api.deadletters.DeadLetters;
import dev.areaflow.api.events.EventRoutes;
import dev.areaflow.api.hooks.HookAddresses;
import dev.areaflow.api.hooks.HookRoutes;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.login.LoginConfig;
import dev.areaflow.api.projections.ProjectionConfig;
import dev.areaflow.api.projections.Projections;
import dev.areaflow.api.replays.ReplayRoutes;
import dev.areaflow.api.replays.Replays;
import dev.areaflow.api.runs.RunRequestRoutes;
import dev.areaflow.api.runs.RunRequests;
import dev.areaflow.api.runs.RunRoutes;
import dev.areaflow.api.runs.Runs;
import dev.areaflow.api.stats.Stats;
import dev.areaflow.api.stats.StatsRoutes;
import dev.areaflow.api.subscriptions.Subscriptions;
import dev.areaflow.api.topics.KeptTopics;
import dev.areaflow.api.topics.LetterLog;
import dev.areaflow.api.topics.ReaderPool;
import dev.areaflow.api.topics.RecordView;
import dev.areaflow.api.topics.TopicEventLog;
import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.connections.StoredCredentials;
import dev.areaflow.catalog.connections.TokenEndpoint;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.vault.VaultKeys;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.topics.LocalSerdes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API with AREAs, hooks, runs and events, over topics in memory. To be closed. */
public final class AreaApi implements AutoCloseable {
  public static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  public static final Expressions EXPRESSIONS = new Expressions();
  public static final VaultKeys VAULT = TestApi.VAULT;
  public static final HookKey KEY = new HookKey(Base64.getEncoder().encodeToString(new byte[32]));

  public static final Supplier<ConnectionNames> NO_CONNECTIONS =
      () -> new ConnectionNames(Map.of());

  /** Where providers send people back to. */
  public static final URI REDIRECT = URI.create("https://areaflow.example.org/oauth2/callback");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServiceCatalog catalog;
  private final HttpClientConfig http;
  private final OAuthClients clients;
  private final GuardedHttpClient client;
  private final Probe probe;
  private final KeptTopics topics = new KeptTopics(new LocalSerdes());
  private final ReaderPool readers = new ReaderPool(topics::consumer);
  private final TopicEventLog events = new TopicEventLog(readers, new LocalSerdes());
  private final LetterLog letters = new LetterLog(readers, new LocalSerdes());
  private final List<StoredCredentials> opened = new ArrayList<>();
  private final FakeBacktester backtester = new FakeBacktester();
  private final TestApi api;
  private @Nullable Projections projections;

  public AreaApi() {
    this(Map.of());
  }

  /**
   * With services where settings say, and requests that may go where they allow.
   *
   * @param settings by key
   */
  public AreaApi(Map<String, String> settings) {
    Settings read = Settings.of(settings);
    CatalogConfig services = CatalogConfig.from(read);
    this.http = HttpClientConfig.from(read);
    this.clients = services.clients();
    this.catalog = settings.isEmpty() ? CATALOG : services.load(AreaApi::unexpected);
    this.client = new GuardedHttpClient(http);
    this.probe = new Probe(client, clients, Clock.systemUTC());
    this.api =
        TestApi.builder()
            .suspension(
                (handle, owner, suspended, by) ->
                    areas(Clock.systemUTC()).suspend(handle, owner, suspended, by))
            .providers(now -> LoginConfig.from(read).open(client, now))
            .routes(this::routes)
            .start();
  }

  /** The same, with what its topics tell taken into its tables. */
  public AreaApi projected() {
    projections =
        new Projections(
            new ProjectionConfig(Duration.ofDays(90)),
            api.database(),
            topics::consumer,
            new LocalSerdes(),
            api.clock(),
            new SimpleMeterRegistry());
    projections.start();
    return this;
  }

  private static void unexpected(String problem) {
    throw new IllegalArgumentException(problem);
  }

  private List<Routes> routes(Database database, Clock clock) {
    Hooks hooks = new Hooks(clock);
    ScopeNeeds needs = new ScopeNeeds(catalog);
    Areas areas = new Areas(hooks, needs, clock);
    DefinitionCheck check = new DefinitionCheck(catalog, EXPRESSIONS);
    HookAddresses addresses =
        new HookAddresses(catalog, KEY, URI.create("https://hooks.example.org"));
    Runs runs = new Runs(database);
    ConnectedAreas connected = new ConnectedAreas(hooks, needs, clock);
    Connections connections = new Connections(VAULT, connected, needs, clock);
    StoredCredentials credentials = credentials(database, clock);
    opened.add(credentials);
    Consents consents = new Consents(VAULT, REDIRECT, clock);
    Backtests backtests = new Backtests(catalog, backtester);
    SelectionCheck selections = new SelectionCheck(catalog, EXPRESSIONS);
    return List.of(
        new ConnectionRoutes(
            database, connections, connected, catalog, clients, consents, probe, credentials),
        new ConsentRoutes(
            database, connections, consents, catalog, clients, new TokenEndpoint(client), probe),
        new AreaRoutes(database, areas, check, connections, addresses),
        new VersionRoutes(database, areas, check, connections, addresses),
        new TryRoutes(database, areas, check, connections, catalog, EXPRESSIONS, clock),
        new BacktestRoutes(
            database, areas, check, connections, hooks, backtests, selections, clock),
        new HookRoutes(database, hooks, addresses),
        new StatsRoutes(new Stats(database, clock), clock),
        new RunRoutes(runs, events),
        new RunRequestRoutes(runs, new RunRequests(database, clock), events),
        new ReplayRoutes(new Replays(database, clock), backtests, selections, clock),
        new DeadLetterRoutes(
            new DeadLetters(database, clock), letters, new RecordView(new LocalSerdes())),
        new EventRoutes(database, hooks, runs, events),
        new SchemaRoutes(catalog.services()));
  }

  /** As another process has them, over the same database. To be closed. */
  public StoredCredentials credentials() {
    return credentials(api.database(), Clock.systemUTC());
  }

  private StoredCredentials credentials(Database database, Clock clock) {
    return new StoredCredentials(database.login(), catalog, clients, VAULT, http, clock);
  }

  /** The table of AREAs on the bundled services. */
  public static Areas areas(Clock clock) {
    return new Areas(new Hooks(clock), new ScopeNeeds(CATALOG), clock);
  }

  /** What becomes of AREAs when their connections change, on the bundled services. */
  static ConnectedAreas connectedAreas(Clock clock) {
    return new ConnectedAreas(new Hooks(clock), new ScopeNeeds(CATALOG), clock);
  }

  /** What happens to AREAs with time, run by hand. */
  public static AreaUpkeep upkeep(Clock clock) {
    return new AreaUpkeep(new Hooks(clock), clock);
  }

  /** What sets webhooks up, run by hand. */
  public Subscriptions subscriptions(Credentials credentials) {
    return new Subscriptions(
        api.database(),
        new Hooks(api.clock()),
        catalog,
        new HookAddresses(catalog, KEY, URI.create("https://hooks.example.org")),
        credentials,
        client,
        api.clock());
  }

  /** Gets the backtests that are asked for. */
  public FakeBacktester backtester() {
    return backtester;
  }

  public TestApi api() {
    return api;
  }

  public KeptTopics topics() {
    return topics;
  }

  /** A GitHub issue with a label makes a request. */
  public static ObjectNode bugTriage(String name) {
    return json("""
        {"name": "Bug triage",
         "action": {"service": "github", "action": "issue_opened",
                    "inputs": {"repository": "octo/hello"}},
         "when": "event.issue.labels.exists(l, l.name == 'bug')",
         "reactions": [{"id": "notify", "service": "http", "reaction": "request",
                        "inputs": {"method": "POST", "url": "https://example.org/in",
                                   "body": {"text": "New bug: ${event.issue.title}",
                                            "number": "${event.issue.number}"}}}]}
        """)
        .put("name", name);
  }

  /** An AREA on any posted JSON. */
  public static ObjectNode webhook(String name, String verification) {
    ObjectNode area =
        json(
            """
            {"action": {"service": "webhook", "action": "received"},
             "reactions": [{"service": "http", "reaction": "request",
                            "inputs": {"method": "POST", "url": "https://example.org/in"}}]}
            """);
    area.withObject("/action/inputs").put("verification", verification);
    return area.put("name", name);
  }

  /** An AREA on a clock. */
  public static ObjectNode timer(String name, String every) {
    return on(name, "timer", "interval", "every", every);
  }

  /** An AREA on a list that is polled. */
  public static ObjectNode polled(String name, String url) {
    return on(name, "http", "new_item", "url", url);
  }

  private static ObjectNode on(
      String name, String service, String action, String input, String value) {
    ObjectNode area = webhook(name, "none");
    ((ObjectNode) area.get("action"))
        .put("service", service)
        .put("action", action)
        .putObject("inputs")
        .put(input, value);
    return area;
  }

  /** An object. */
  public static ObjectNode json(String text) {
    return (ObjectNode) tree(text);
  }

  /** Any JSON. */
  public static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (projections != null) {
      projections.close();
    }
    api.close();
    opened.forEach(StoredCredentials::close);
    probe.close();
    events.close();
    letters.close();
  }
}
