package dev.areaflow.api;

import dev.areaflow.api.accounts.Accounts;
import dev.areaflow.api.accounts.Passwords;
import dev.areaflow.api.areas.AreaRoutes;
import dev.areaflow.api.areas.AreaUpkeep;
import dev.areaflow.api.areas.Areas;
import dev.areaflow.api.areas.BacktestRoutes;
import dev.areaflow.api.areas.ConnectedAreas;
import dev.areaflow.api.areas.DefinitionCheck;
import dev.areaflow.api.areas.ScopeNeeds;
import dev.areaflow.api.areas.TryRoutes;
import dev.areaflow.api.areas.VersionRoutes;
import dev.areaflow.api.audit.Audit;
import dev.areaflow.api.audit.AuditRoutes;
import dev.areaflow.api.backtests.Backtests;
import dev.areaflow.api.backtests.SelectionCheck;
import dev.areaflow.api.catalog.AccountOptions;
import dev.areaflow.api.catalog.DocumentRoutes;
import dev.areaflow.api.catalog.OptionRoutes;
import dev.areaflow.api.catalog.SchemaRoutes;
import dev.areaflow.api.catalog.ServiceRoutes;
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
import dev.areaflow.api.http.ApiRouting;
import dev.areaflow.api.http.ApiServer;
import dev.areaflow.api.http.Idempotency;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.login.Logins;
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
import dev.areaflow.api.topics.LetterLog;
import dev.areaflow.api.topics.ReaderPool;
import dev.areaflow.api.topics.RecordView;
import dev.areaflow.api.topics.TopicAccess;
import dev.areaflow.api.topics.TopicEventLog;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.StoredCredentials;
import dev.areaflow.catalog.connections.TokenEndpoint;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.role.Role;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.TopicSerdes;
import io.helidon.webserver.http.HttpService;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The api role: the HTTP API over PostgreSQL. */
public final class ApiRole implements Role {
  private final Database database;
  private final TopicAccess topics;
  private final ReaderPool readers;
  private final TopicEventLog events;
  private final LetterLog letters;
  private final Projections projections;
  private final Probe probe;
  private final StoredCredentials credentials;
  private final Subscriptions subscriptions;
  private final ScheduledExecutorService subscribing =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("api-subscriptions").factory());
  private final Housekeeping chores;
  private final ApiRouting routing;
  private final ApiServer server;
  private final ScheduledExecutorService housekeeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("api-housekeeping").factory());

  /**
   * @param catalog the services that the configuration says there are
   * @param backtester what runs backtests
   * @param operations health and metrics, mounted on the API's port
   */
  public ApiRole(
      ApiConfig config,
      ServiceCatalog catalog,
      Backtester backtester,
      MeterRegistry metrics,
      HttpService operations) {
    Clock clock = Clock.systemUTC();
    this.database = new Database(config.database());
    this.topics = new TopicAccess(config.topics());
    this.readers = new ReaderPool(topics::consumer);
    TopicSerdes serdes = new RegistrySerdes(config.topics().registryUrl());
    this.events = new TopicEventLog(readers, serdes);
    this.letters = new LetterLog(readers, serdes);
    this.projections =
        new Projections(config.projections(), database, topics::consumer, serdes, clock, metrics);
    Idempotency idempotency = new Idempotency(database, clock);
    Audit audit = new Audit(database, config.audit(), clock);
    Hooks hooks = new Hooks(clock);
    ScopeNeeds needs = new ScopeNeeds(catalog);
    Areas areas = new Areas(hooks, needs, clock);
    ConnectedAreas connected = new ConnectedAreas(hooks, needs, clock);
    Connections connections = new Connections(config.vault(), connected, needs, clock);
    GuardedHttpClient client = new GuardedHttpClient(config.client());
    OAuthClients clients = config.services().clients();
    this.probe = new Probe(client, clients, clock);
    Consents consents =
        new Consents(config.vault(), config.http().address("/oauth2/callback"), clock);
    Runs runs = new Runs(database);
    HookAddresses addresses =
        new HookAddresses(catalog, new HookKey(config.hooksKey().value()), config.hooksUrl());
    this.credentials =
        new StoredCredentials(
            config.database().login(), catalog, clients, config.vault(), config.client(), clock);
    this.subscriptions =
        new Subscriptions(database, hooks, catalog, addresses, credentials, client, clock);
    Expressions expressions = new Expressions();
    DefinitionCheck check = new DefinitionCheck(catalog, expressions);
    Accounts accounts =
        new Accounts(
            database,
            config.accounts(),
            config.http(),
            clock,
            areas::suspend,
            new Logins(
                database,
                config.login().open(client, clock),
                config.vault(),
                config.http()::address,
                clock),
            new Passwords(),
            version());
    Stats stats = new Stats(database, clock);
    DeadLetters deadLetters = new DeadLetters(database, clock);
    RunRequests requests = new RunRequests(database, clock);
    this.chores =
        new Housekeeping(
            database,
            accounts,
            idempotency,
            new AreaUpkeep(hooks, clock),
            consents,
            requests,
            deadLetters,
            audit,
            stats);
    Backtests backtests = new Backtests(catalog, backtester);
    SelectionCheck selections = new SelectionCheck(catalog, expressions);
    List<Routes> routes = new ArrayList<>(accounts.routes());
    routes.add(new TryRoutes(database, areas, check, connections, catalog, expressions, clock));
    routes.add(
        new BacktestRoutes(
            database, areas, check, connections, hooks, backtests, selections, clock));
    routes.add(new AreaRoutes(database, areas, check, connections, addresses));
    routes.add(new VersionRoutes(database, areas, check, connections, addresses));
    routes.add(new HookRoutes(database, hooks, addresses));
    routes.add(
        new ConnectionRoutes(
            database, connections, connected, catalog, clients, consents, probe, credentials));
    routes.add(
        new ConsentRoutes(
            database, connections, consents, catalog, clients, new TokenEndpoint(client), probe));
    routes.add(new AuditRoutes(audit));
    routes.add(new StatsRoutes(stats, clock));
    routes.add(new RunRoutes(runs, events));
    routes.add(new RunRequestRoutes(runs, requests, events));
    routes.add(new ReplayRoutes(new Replays(database, clock), backtests, selections, clock));
    routes.add(new DeadLetterRoutes(deadLetters, letters, new RecordView(serdes)));
    routes.add(new EventRoutes(database, hooks, runs, events));
    routes.add(
        new OptionRoutes(
            owner -> database.jdbi().withHandle(handle -> connections.names(handle, owner)),
            catalog,
            new AccountOptions(credentials, client, clock)));
    routes.add(new ServiceRoutes(catalog.services(), clients, clock));
    routes.add(new SchemaRoutes(catalog.services()));
    routes.add(new DocumentRoutes());
    this.routing =
        new ApiRouting(
            config.http(),
            routes,
            accounts.authentication(),
            idempotency,
            audit,
            metrics,
            operations);
    this.server = new ApiServer(config.http(), routing);
  }

  @Override
  public String name() {
    return "api";
  }

  @Override
  public void start() {
    server.start();
    database.start();
    topics.start(projections::start);
    // it is ended by closing, and never fails
    var _ = housekeeping.scheduleWithFixedDelay(chores, 1, 60, TimeUnit.MINUTES);
    var _ = subscribing.scheduleWithFixedDelay(subscriptions, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public List<String> notReady() {
    return Stream.of(database.notReady(), topics.notReady(), projections.notReady())
        .flatMap(List::stream)
        .toList();
  }

  /** The routes that are served. */
  List<Route> routes() {
    return routing.table();
  }

  /** The port that the API listens on, once started. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    housekeeping.shutdownNow();
    subscribing.shutdownNow();
    server.close();
    probe.close();
    credentials.close();
    topics.close();
    projections.close();
    events.close();
    letters.close();
    readers.close();
    database.close();
  }

  private static String version() {
    try (InputStream in = ApiRole.class.getResourceAsStream("version.txt")) {
      if (in == null) {
        throw new IllegalStateException("version.txt is not part of the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("version.txt cannot be read", e);
    }
  }
}
