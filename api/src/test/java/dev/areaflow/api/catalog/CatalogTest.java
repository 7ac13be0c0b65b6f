package dev.areaflow.api.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.NoAudit;
import dev.areaflow.api.ScopedTokens;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.DatabaseConfig;
import dev.areaflow.api.http.ApiRouting;
import dev.areaflow.api.http.HttpConfig;
import dev.areaflow.api.http.Idempotency;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Secret;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The services, as they are shown. */
@RoutingTest
final class CatalogTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final Instant NOW = Instant.parse("2026-06-01T10:00:00.9Z");
  private static final HttpConfig CONFIG =
      new HttpConfig("127.0.0.1", 0, Optional.empty(), Set.of());
  private static final Database NEVER_STARTED =
      new Database(
          new DatabaseConfig(
              new DatabaseLogin("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody", new Secret("")),
              2));

  private final DirectClient client;
  private final ContractClient anyone;

  CatalogTest(DirectClient client) {
    this.client = client;
    this.anyone = new ContractClient(client);
  }

  @SetUpRoute
  static void route(HttpRouting.Builder routing) {
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    new ApiRouting(
            CONFIG,
            List.of(new ServiceRoutes(CATALOG.services(), OAuthClients.none(), clock)),
            new ScopedTokens(),
            new Idempotency(NEVER_STARTED, clock),
            new NoAudit(),
            new SimpleMeterRegistry(),
            rules -> {})
        .setup(routing);
  }

  @AfterAll
  static void close() {
    NEVER_STARTED.close();
  }

  @Test
  void aboutHasExactlyItsFields() {
    // given
    client.clientHost("203.0.113.7");

    // when
    JsonNode about = anyone.get("/about.json").expect(200).body();

    // then
    assertThat(names(about)).containsExactly("client", "server");
    assertThat(names(about.path("client"))).containsExactly("host");
    assertThat(about.at("/client/host").asText()).isEqualTo("203.0.113.7");
    assertThat(names(about.path("server"))).containsExactly("current_time", "services");
    assertThat(about.at("/server/current_time").isIntegralNumber()).isTrue();
    assertThat(about.at("/server/current_time").asLong()).isEqualTo(NOW.getEpochSecond());
    assertThat(about.at("/server/services")).hasSameSizeAs(CATALOG.services());
    for (JsonNode service : about.at("/server/services")) {
      assertThat(names(service)).containsExactly("name", "actions", "reactions");
      for (String list : List.of("actions", "reactions")) {
        assertThat(service.path(list).isArray()).as(service + " " + list).isTrue();
        service
            .path(list)
            .forEach(entry -> assertThat(names(entry)).containsExactly("name", "description"));
      }
    }
  }

  @Test
  void aServiceIsShownAsInTheListWhichIsPaged() {
    // given
    ContractClient user = anyone.as(ScopedTokens.OF_EVERY_SCOPE);
    List<JsonNode> listed = new ArrayList<>();

    // when
    String cursor = "";
    do {
      JsonNode page = user.get("/api/v1/services?limit=1" + cursor).expect(200).body();
      page.path("items").forEach(listed::add);
      cursor = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
    } while (!cursor.isEmpty());

    // then
    assertThat(listed).hasSameSizeAs(CATALOG.services());
    for (JsonNode service : listed) {
      JsonNode shown =
          user.get("/api/v1/services/" + service.path("id").asText()).expect(200).body();
      assertThat(shown).isEqualTo(service);
      for (String list : List.of("actions", "reactions")) {
        for (JsonNode entry : service.path(list)) {
          JsonNode whole = user.get(entry.path("whole").asText()).expect(200).body();
          assertThat(whole.path("inputs")).isEqualTo(entry.path("inputs"));
          assertThat(names(whole)).contains("output", "sample");
        }
      }
    }
    assertThat(user.get("/api/v1/services/github").expect(200).text()).hasSizeLessThan(60_000);
    user.get("/api/v1/services/github/actions/none").expect(404);
    user.get("/api/v1/services/none/reactions/create_issue").expect(404);
    user.get("/api/v1/services/none").expect(404);
    anyone.get("/api/v1/services").expect(401);
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(field -> field.getKey()).toList();
  }
}
