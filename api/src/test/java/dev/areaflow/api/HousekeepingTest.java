package dev.areaflow.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.areas.AreaUpkeep;
import dev.areaflow.api.connections.Consents;
import dev.areaflow.api.deadletters.DeadLetters;
import dev.areaflow.api.runs.RunRequests;
import dev.areaflow.api.stats.Stats;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
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
                handle.execute("UPDATE audit SET at = at - interval '365 days'");
                handle.execute(
                    "INSERT INTO dead_letters (letter_partition, letter_offset, topic,"
                        + " record_partition, record_offset, at, cause, given_up_by)"
                        + " VALUES (0, 0, '', 0, 0, now(), '', '')");
                handle.execute(
                    "INSERT INTO requests (owner_id, home, kind, body, created_at)"
                        + " SELECT owner_id, 'any', 'rerun', '{}', now() - interval '7 days'"
                        + " FROM areas");
                handle.execute(
                    "INSERT INTO replays (owner_id, area_id, hook_id, generation, from_time,"
                        + " to_time, event_ids, forced, per_second, created_at)"
                        + " SELECT owner_id, id, hook_id, 1, now(), now(), '[]', false, 1,"
                        + " now() - interval '7 days' FROM areas");
              });
      api.clock().advance(Duration.ofDays(31));
      AreaUpkeep upkeep = AreaApi.upkeep(api.clock());

      // when
      housekeeping(api, upkeep).run();

      // then
      for (String table :
          new String[] {
            "areas",
            "hooks",
            "area_status",
            "hook_polls",
            "dead_letters",
            "audit",
            "requests",
            "replays"
          }) {
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

  @Test
  void anAreaThatOnlyFailsIsPausedAfterFiveDaysAndSaysWhy() {
    try (AreaApi areas = new AreaApi()) {
      // given
      TestApi api = areas.api();
      ContractClient user = api.newUser();
      JsonNode failing = user.post(PATH, AreaApi.webhook("failing", "none")).expect(201).body();
      JsonNode mended = user.post(PATH, AreaApi.webhook("mended", "none")).expect(201).body();
      Housekeeping housekeeping = housekeeping(api, AreaApi.upkeep(api.clock()));
      api.clock().advance(Duration.ofHours(1));
      for (JsonNode area : new JsonNode[] {failing, mended}) {
        finished(api, area, "failed");
      }
      finished(api, mended, "succeeded");
      api.clock().advance(Duration.ofDays(5).minusMinutes(1));
      finished(api, failing, "failed");
      finished(api, mended, "failed");
      housekeeping.run();
      assertThat(enabled(user, failing)).isTrue();

      // when
      api.clock().advance(Duration.ofMinutes(1));
      housekeeping.run();

      // then
      JsonNode paused = user.get(path(failing)).expect(200).body();
      assertThat(paused.path("status").asText()).isEqualTo("disabled");
      assertThat(paused.path("statusReason").asText())
          .startsWith("Each of its runs failed since 20")
          .endsWith("enable it again.");
      assertThat(paused.path("version").asLong()).isEqualTo(2);
      JsonNode version = user.get(path(failing) + "/versions/2").expect(200).body();
      assertThat(version.path("what").asText()).isEqualTo("paused");
      assertThat(version.at("/by/kind").asText()).isEqualTo("platform");
      assertThat(version.path("reason")).isEqualTo(paused.path("statusReason"));
      assertThat(enabled(user, mended)).isTrue();

      // and when
      JsonNode enabled = user.post(path(failing) + "/enable").expect(200).body();
      housekeeping.run();

      // then
      assertThat(enabled.path("statusReason").asText("")).doesNotContain("paused");
      assertThat(enabled(user, failing)).isTrue();
    }
  }

  private static String path(JsonNode area) {
    return PATH + "/" + area.path("id").asText();
  }

  private static boolean enabled(ContractClient user, JsonNode area) {
    return user.get(path(area)).expect(200).body().path("enabled").asBoolean();
  }

  /** A run as the projection writes it. */
  private static void finished(TestApi api, JsonNode area, String status) {
    api.clock().advance(Duration.ofMillis(1));
    api.database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO runs (started_at, id, owner_id, area_id, area_version,"
                            + " hook_id, event_id, event_partition, event_offset, generation,"
                            + " transition, status, finished_at, events, steps)"
                            + " SELECT :at, uuidv7(), owner_id, id, version, hook_id, '', 0, 0,"
                            + " 0, 1, :status, :at, '[]', '[]' FROM areas"
                            + " WHERE id = CAST(:area AS uuid)")
                    .bind("at", api.clock().instant().atOffset(ZoneOffset.UTC))
                    .bind("status", status)
                    .bind("area", area.path("id").asText())
                    .execute());
  }

  private static Housekeeping housekeeping(TestApi api, AreaUpkeep areas) {
    return new Housekeeping(
        api.database(),
        api.accounts(),
        api.idempotency(),
        areas,
        new Consents(AreaApi.VAULT, URI.create("http://127.0.0.1/oauth2/callback"), api.clock()),
        new RunRequests(api.database(), api.clock()),
        new DeadLetters(api.database(), api.clock()),
        api.audit(),
        new Stats(api.database(), api.clock()));
  }
}
