package dev.areaflow.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.areas.Areas;
import dev.areaflow.api.connections.Consents;
import dev.areaflow.api.deadletters.DeadLetters;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HousekeepingTest {
  private static final String PATH = "/api/v1/areas";

  @Test
  void areasDeletedLongAgoAreRemoved() {
    try (AreaApi areas = new AreaApi()) {
      // given
      TestApi api = areas.api();
      ContractClient user = api.newUser();
      JsonNode area = user.post(PATH, AreaApi.webhook("gone", "none")).expect(201).body();
      user.delete(PATH + "/" + area.path("id").asText()).expect(204);
      api.database()
          .jdbi()
          .useHandle(
              handle -> {
                handle.execute(
                    "INSERT INTO area_status SELECT id, CAST(hook_id AS text), version,"
                        + " 'removed', NULL, now() FROM areas");
                handle.execute(
                    "INSERT INTO hook_polls SELECT id, now(), 0, NULL, now() FROM hooks");
                handle.execute(
                    "INSERT INTO dead_letters (letter_partition, letter_offset, topic,"
                        + " record_partition, record_offset, at, cause, given_up_by)"
                        + " VALUES (0, 0, '', 0, 0, now(), '', '')");
              });
      api.clock().advance(Duration.ofDays(31));
      Areas purged = AreaApi.areas(api.clock());

      // when
      new Housekeeping(
              api.database(),
              api.accounts(),
              api.idempotency(),
              purged,
              new Consents(
                  AreaApi.VAULT, URI.create("http://127.0.0.1/oauth2/callback"), api.clock()),
              new DeadLetters(api.database(), api.clock()))
          .run();

      // then
      for (String table :
          new String[] {"areas", "hooks", "area_status", "hook_polls", "dead_letters"}) {
        int left =
            api.database()
                .jdbi()
                .withHandle(
                    handle ->
                        handle
                            .createQuery("SELECT count(*) FROM " + table)
                            .mapTo(Integer.class)
                            .one());
        assertThat(left).as(table).isZero();
      }
    }
  }
}
