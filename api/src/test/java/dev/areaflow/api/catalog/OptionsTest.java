package dev.areaflow.api.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.NoAudit;
import dev.areaflow.api.ScopedTokens;
import dev.areaflow.api.areas.ConnectionNames;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.DatabaseConfig;
import dev.areaflow.api.http.ApiRouting;
import dev.areaflow.api.http.HttpConfig;
import dev.areaflow.api.http.Idempotency;
import dev.areaflow.api.http.Problem;
import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.OptionList;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Settings;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Options of inputs, asked for at a server that stands for GitHub. */
@RoutingTest
final class OptionsTest {
  private static final UUID CONNECTION = UUID.randomUUID();
  private static final List<String> ASKED = new CopyOnWriteArrayList<>();
  private static final HttpServer GITHUB = github();
  private static final Settings SETTINGS =
      Settings.of(
          Map.of(
              "service.github.base-url",
              "http://" + authority(),
              "service.dropbox.base-url",
              "http://" + authority(),
              "service.dropbox.hosts",
              "content=http://" + authority(),
              "egress.allow",
              authority()));
  private static final ServiceCatalog CATALOG = CatalogConfig.from(SETTINGS).load(problem -> {});
  private static final GuardedHttpClient CLIENT =
      new GuardedHttpClient(HttpClientConfig.from(SETTINGS));
  private static final Account ACCOUNT = new Account();
  private static final AccountOptions OPTIONS =
      new AccountOptions(ACCOUNT, CLIENT, Clock.systemUTC());
  private static final Database NEVER_STARTED =
      new Database(
          new DatabaseConfig(
              new DatabaseLogin("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody", new Secret("")),
              2));

  private static volatile int status;

  private final ContractClient user;

  OptionsTest(DirectClient client) {
    this.user = new ContractClient(client).as(ScopedTokens.OF_EVERY_SCOPE);
  }

  private static HttpServer github() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      server.createContext("/", OptionsTest::answer);
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String authority() {
    return "127.0.0.1:" + GITHUB.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestURI().toString();
      ASKED.add(target + " " + exchange.getRequestHeaders().getFirst("Authorization"));
      boolean second = target.contains("page=2");
      if (target.startsWith("/user/repos") && !second) {
        exchange
            .getResponseHeaders()
            .set("Link", "<http://" + authority() + target + "&page=2>; rel=\"next\"");
      }
      String body =
          target.startsWith("/user/repos")
              ? "[{\"full_name\":\"octo/" + (second ? "World" : "hello") + "\"}]"
              : "[{\"name\":\"bug\"},{\"name\":\"help wanted\"},{\"no\":1}]";
      exchange.sendResponseHeaders(status, 0);
      exchange.getResponseBody().write(body.getBytes(UTF_8));
    }
  }

  /** Puts a token on requests, or says why not. */
  private static final class Account implements Credentials {
    private volatile Optional<Authorized> instead = Optional.empty();
    private volatile boolean renewed;

    @Override
    public Authorized authorize(
        String ownerId, String connectionId, String service, OutboundRequest request) {
      return instead.orElseGet(
          () ->
              new Authorized.Ready(
                  request.withHeader("Authorization", "Bearer t"),
                  new Authorized.Lease(ownerId, connectionId, 1)));
    }

    @Override
    public boolean refused(Authorized.Lease lease, String message) {
      if (renewed) {
        status = 200;
      }
      return renewed;
    }
  }

  @SetUpRoute
  static void route(HttpRouting.Builder routing) {
    ConnectionNames names =
        new ConnectionNames(
            Map.of(
                new ConnectionNames.Named("github", "work"),
                CONNECTION,
                new ConnectionNames.Named("dropbox", "mine"),
                CONNECTION));
    new ApiRouting(
            new HttpConfig("127.0.0.1", 0, Optional.empty(), Set.of()),
            List.of(new OptionRoutes(owner -> names, CATALOG, OPTIONS)),
            new ScopedTokens(),
            new Idempotency(NEVER_STARTED, Clock.systemUTC()),
            new NoAudit(),
            new SimpleMeterRegistry(),
            rules -> {})
        .setup(routing);
  }

  @BeforeEach
  void reset() {
    ASKED.clear();
    status = 200;
    ACCOUNT.instead = Optional.empty();
    ACCOUNT.renewed = false;
  }

  @AfterAll
  static void close() {
    GITHUB.stop(0);
    CLIENT.close();
    NEVER_STARTED.close();
  }

  private static String path(String options, String query) {
    return "/api/v1/services/github/options/" + options + "?" + query;
  }

  @Test
  void allPagesAreAskedForWithTheAccount() {
    assertThat(user.get(path("repositories", "connection=work")).expect(200).body())
        .hasToString(
            "[{\"value\":\"octo/hello\",\"label\":\"octo/hello\"},{\"value\":\"octo/World\","
                + "\"label\":\"octo/World\"}]");
    assertThat(ASKED)
        .containsExactly(
            "/user/repos?sort=full_name&per_page=100 Bearer t",
            "/user/repos?sort=full_name&per_page=100&page=2 Bearer t");
  }

  @Test
  void whatIsLookedForIsInTheLabelOrTheValue() {
    assertThat(user.get(path("repositories", "connection=work&q=wORLD")).expect(200).body())
        .hasToString("[{\"value\":\"octo/World\",\"label\":\"octo/World\"}]");
  }

  @Test
  void optionsMayHangOnAnotherInput() {
    assertThat(user.get(path("labels", "connection=work&repository=octo/hello")).expect(200).body())
        .hasSize(2);
    assertThat(ASKED).containsExactly("/repos/octo/hello/labels?per_page=100 Bearer t");
  }

  @Test
  void whatIsMissingOrWrongIsNamed() {
    assertThat(user.get(path("labels", "connection=work")).expect(400).text())
        .contains("repository: expected names with a slash");
    user.get(path("labels", "connection=work&repository=octo/../../user")).expect(400);
    assertThat(user.get(path("labels", "repository=octo/hello")).expect(400).text())
        .contains("connection: expected the name of a connection with GitHub: work");
    assertThat(user.get("/api/v1/services/gmail/options/labels").expect(400).text())
        .contains("there is no connection with Gmail yet");
    user.get(path("labels", "connection=work&repository=o/h&other=1")).expect(400);
    user.get(path("none", "connection=work")).expect(404);
    assertThat(ASKED).isEmpty();
  }

  @Test
  void anAccountThatIsRefusedIsToBeConnectedAgain() {
    status = 401;
    assertThat(user.get(path("repositories", "connection=work")).expect(409).text())
        .contains("connect it again");
    ACCOUNT.renewed = true;
    user.get(path("repositories", "connection=work")).expect(200);
    ACCOUNT.instead = Optional.of(new Authorized.Reconnect("its connection is gone"));
    user.get(path("repositories", "connection=work")).expect(409);
  }

  @Test
  void aServiceThatIsAwayOrDoesNotSayIsNamed() {
    status = 503;
    assertThat(user.get(path("repositories", "connection=work")).expect(503).text())
        .contains("GitHub cannot be asked now: answered with status 503");
    status = 404;
    assertThat(user.get(path("repositories", "connection=work")).expect(422).text())
        .contains("GitHub does not say: answered with status 404");
    ACCOUNT.instead = Optional.of(new Authorized.Away("connections cannot be read"));
    user.get(path("repositories", "connection=work")).expect(503);
  }

  @Test
  void whereTheServiceRefusesItIsSaidWhatTheConsentHasToBeAbout() {
    status = 403;
    assertThat(
            user.get("/api/v1/services/dropbox/options/folders?connection=mine").expect(422).text())
        .contains("files.metadata.read: POST /api/v1/connections/{id}/authorize")
        .contains("[\\\"folders\\\"]");
  }

  @Test
  void whatWasAnsweredIsKeptForItsOwnerAlone() {
    // given
    Service github = CATALOG.service("github").orElseThrow();
    OptionList labels = github.options("labels").orElseThrow();
    Map<String, String> inputs = Map.of("repository", "octo/hello");
    UUID owner = UUID.randomUUID();

    // when
    List<OptionList.Option> all = OPTIONS.of(owner, CONNECTION, github, labels, inputs, "");
    List<OptionList.Option> found = OPTIONS.of(owner, CONNECTION, github, labels, inputs, "bug");

    // then
    assertThat(ASKED).hasSize(1);
    assertThat(all).hasSize(2).containsAll(found);
    assertThat(found).containsExactly(new OptionList.Option("bug", "bug"));
    OPTIONS.of(UUID.randomUUID(), CONNECTION, github, labels, inputs, "");
    OPTIONS.of(owner, CONNECTION, github, labels, Map.of("repository", "octo/other"), "");
    assertThat(ASKED).hasSize(3);
  }

  @Test
  void anAnswerThatFailedIsNotKept() {
    // given
    Service github = CATALOG.service("github").orElseThrow();
    OptionList options = github.options("repositories").orElseThrow();
    UUID owner = UUID.randomUUID();
    status = 500;

    // when, then
    assertThatThrownBy(() -> OPTIONS.of(owner, CONNECTION, github, options, Map.of(), ""))
        .isInstanceOf(Problem.class);
    status = 200;
    assertThat(OPTIONS.of(owner, CONNECTION, github, options, Map.of(), "")).hasSize(2);
  }
}
