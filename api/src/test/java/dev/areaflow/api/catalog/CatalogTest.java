package dev.areaflow.api.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.TestApi;
import dev.areaflow.catalog.ServiceCatalog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CatalogTest {
  private final ServiceCatalog catalog = ServiceCatalog.bundled();
  private final TestApi api =
      TestApi.builder()
          .routes((database, clock) -> List.of(new ServiceRoutes(catalog.services(), clock)))
          .start();

  @AfterAll
  void close() {
    api.close();
  }

  @Test
  void aboutHasExactlyItsFields() {
    // given
    long now = api.clock().instant().getEpochSecond();

    // when
    JsonNode about = api.anyone().get("/about.json").expect(200).body();

    // then
    assertThat(names(about)).containsExactly("client", "server");
    assertThat(names(about.path("client"))).containsExactly("host");
    assertThat(about.at("/client/host").asText()).isEqualTo("127.0.0.1");
    assertThat(names(about.path("server"))).containsExactly("current_time", "services");
    assertThat(about.at("/server/current_time").isIntegralNumber()).isTrue();
    assertThat(about.at("/server/current_time").asLong()).isGreaterThanOrEqualTo(now);
    assertThat(about.at("/server/services")).hasSameSizeAs(catalog.services());
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
    var user = api.newUser();
    List<JsonNode> listed = new ArrayList<>();

    // when
    String cursor = "";
    do {
      JsonNode page = user.get("/api/v1/services?limit=1" + cursor).expect(200).body();
      page.path("items").forEach(listed::add);
      cursor = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
    } while (!cursor.isEmpty());

    // then
    assertThat(listed).hasSameSizeAs(catalog.services());
    for (JsonNode service : listed) {
      JsonNode shown =
          user.get("/api/v1/services/" + service.path("id").asText()).expect(200).body();
      assertThat(shown).isEqualTo(service);
    }
    user.get("/api/v1/services/none").expect(404);
    api.anyone().get("/api/v1/services").expect(401);
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(field -> field.getKey()).toList();
  }
}
