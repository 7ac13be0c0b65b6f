package dev.areaflow.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.api.NoAudit;
import dev.areaflow.api.ScopedTokens;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.DatabaseConfig;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Secret;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.http1.Http1ClientRequest;
import io.helidon.webclient.http1.Http1ClientResponse;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the frame does around any route, shown on routes of its own. */
@RoutingTest
final class ApiRoutingTest {
  private static final HttpConfig CONFIG =
      new HttpConfig("127.0.0.1", 0, Optional.empty(), Set.of("10.0.0.1", "10.0.0.2"));
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
  private static final Database NEVER_STARTED =
      new Database(
          new DatabaseConfig(
              new DatabaseLogin("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody", new Secret("")),
              2));
  private static final Route CALLER =
      Route.get("/test/caller", Access.Basic.ANYONE, call -> Answer.ok(call.clientAddress()));
  private static final Route VERSION =
      Route.put(
          "/test/{id}", Access.Basic.ANYONE, call -> Answer.noContent().version(call.ifMatch()));
  private static final Route BUG =
      Route.get(
          "/test/bug",
          Access.Basic.ANYONE,
          call -> {
            throw new IllegalStateException("a secret of the program");
          });

  private final DirectClient client;

  ApiRoutingTest(DirectClient client) {
    this.client = client;
  }

  @SetUpRoute
  static void route(HttpRouting.Builder routing) {
    routing(VERSION, CALLER, BUG).setup(routing);
  }

  @AfterAll
  static void close() {
    NEVER_STARTED.close();
  }

  private static ApiRouting routing(Route... table) {
    return new ApiRouting(
        CONFIG,
        List.of(() -> List.of(table)),
        new ScopedTokens(),
        new Idempotency(NEVER_STARTED, Clock.systemUTC()),
        new NoAudit(),
        METERS,
        rules -> {});
  }

  @Test
  void aBugShowsNothingOfTheProgram() {
    // when
    try (Http1ClientResponse answer = client.get("/test/bug").request()) {
      String body = answer.as(String.class);

      // then
      assertThat(answer.status().code()).isEqualTo(500);
      assertThat(answer.headers().value(HeaderNames.CONTENT_TYPE))
          .contains("application/problem+json");
      assertThat(body).doesNotContain("secret", "Exception", "dev.areaflow");
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {"'', 428", "'\"3\"', 204", "3, 400", "'W/\"3\"', 412", "'\"x\"', 412", "*, 400"})
  void ifMatchIsReadStrictly(String ifMatch, int status) {
    // given
    Http1ClientRequest request = client.put("/test/1");
    if (!ifMatch.isEmpty()) {
      request.header(HeaderNames.IF_MATCH, ifMatch);
    }

    // when
    try (Http1ClientResponse answer = request.request()) {
      // then
      assertThat(answer.status().code()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, '', 203.0.113.7",
    "203.0.113.7, 198.51.100.1, 203.0.113.7",
    "10.0.0.1, '', 10.0.0.1",
    "10.0.0.1, 198.51.100.1, 198.51.100.1",
    "10.0.0.1, '192.0.2.9, 198.51.100.1', 198.51.100.1",
    "10.0.0.1, '192.0.2.9, 198.51.100.1, 10.0.0.2', 198.51.100.1"
  })
  void aCallerIsTheNearestAddressThatIsNoTrustedProxy(
      String peer, String forwardedFor, String caller) {
    // given
    Http1ClientRequest request = client.clientHost(peer).get("/test/caller");
    if (!forwardedFor.isEmpty()) {
      request.header(HeaderNames.X_FORWARDED_FOR, forwardedFor);
    }

    // when
    try (Http1ClientResponse answer = request.request()) {
      // then
      assertThat(answer.as(String.class)).isEqualTo('"' + caller + '"');
    }
  }

  @Test
  void literalPathsWinOverParametersWhateverTheirOrder() {
    // when
    try (Http1ClientResponse answer = client.put("/test/caller").request()) {
      // then
      assertThat(answer.status().code()).isEqualTo(405);
    }
  }

  @Test
  void answersAreMeasuredByRouteAndStatus() {
    // when
    client.get("/test/bug").request().close();

    // then
    assertThat(
            METERS
                .get("areaflow.api.requests")
                .tags("method", "GET", "route", "/test/bug", "status", "500")
                .timer()
                .count())
        .isPositive();
  }

  @Test
  void twoRoutesForOneMethodAndPathAreRefused() {
    // given
    ApiRouting twice = routing(BUG, BUG);

    // then
    assertThatThrownBy(() -> twice.setup(HttpRouting.builder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("GET /test/bug");
  }
}
