package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.http.Actor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.HandleCallback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VersionsTest {
  private static final String PATH = "/api/v1/areas";

  private final AreaApi areas = new AreaApi();
  private final ContractClient admin = areas.api().newUser();
  private ContractClient user = admin;

  @BeforeEach
  void newUser() {
    user = areas.api().newUser();
  }

  @AfterEach
  void backToNow() {
    areas.api().clock().reset();
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private JsonNode create(ObjectNode definition) {
    return user.post(PATH, definition).expect(201).body();
  }

  private JsonNode change(JsonNode area, ObjectNode definition) {
    long version = user.get(path(area)).expect(200).body().path("version").asLong();
    return user.with("If-Match", "\"" + version + "\"")
        .put(path(area), definition)
        .expect(200)
        .body();
  }

  private static String path(JsonNode area) {
    return PATH + "/" + area.path("id").asText();
  }

  private JsonNode versions(JsonNode area) {
    return user.get(path(area) + "/versions").expect(200).body().path("items");
  }

  private JsonNode version(JsonNode area, long version) {
    return user.get(path(area) + "/versions/" + version).expect(200).body();
  }

  private Exchange restore(JsonNode area, long version) {
    return user.post(path(area) + "/versions/" + version + "/restore");
  }

  private static List<String> texts(JsonNode items, String field) {
    List<String> texts = new ArrayList<>();
    items.forEach(item -> texts.add(item.path(field).asText()));
    return texts;
  }

  private <T> T inDatabase(HandleCallback<T, RuntimeException> work) {
    return areas.api().database().jdbi().inTransaction(work);
  }

  @Test
  void whateverIsDoneToAnAreaIsAVersionOfIt() {
    // given
    JsonNode area = create(AreaApi.webhook("one", "none"));

    // when
    change(area, AreaApi.webhook("two", "none"));
    user.post(path(area) + "/disable").expect(200);
    user.post(path(area) + "/enable").expect(200);
    restore(area, 1).expect(200);
    user.delete(path(area)).expect(204);

    // then
    JsonNode versions = versions(area);
    assertThat(texts(versions, "what"))
        .containsExactly("deleted", "restored", "enabled", "disabled", "changed", "created");
    assertThat(texts(versions, "version")).containsExactly("6", "5", "4", "3", "2", "1");
    assertThat(texts(versions, "name")).containsExactly("one", "one", "two", "two", "two", "one");
    assertThat(texts(versions, "enabled"))
        .containsExactly("true", "true", "true", "false", "true", "true");
    assertThat(versions.at("/1/restored").asLong()).isEqualTo(1);
    assertThat(versions.at("/0/by/kind").asText()).isEqualTo("owner");
    assertThat(versions.at("/0/by/token").isNull()).isTrue();
  }

  @Test
  void aVersionHasItsDefinitionAndWhatChanged() {
    // given
    ObjectNode definition = AreaApi.bugTriage("triage");
    JsonNode area = create(definition);
    ObjectNode other = definition.deepCopy().put("when", "event.issue.number > 1");
    ((ObjectNode) other.at("/reactions/0/inputs")).put("url", "https://example.org/other");

    // when
    change(area, other.put("enabled", false));

    // then
    JsonNode first = version(area, 1);
    assertThat(first.at("/definition/when")).isEqualTo(definition.path("when"));
    assertThat(first.at("/definition/enabled").asBoolean()).isTrue();
    assertThat(first.path("changes").isNull()).isTrue();
    assertThat(texts(version(area, 2).path("changes"), "field"))
        .containsExactly("/when", "/reactions/notify/inputs/url", "/enabled");
    change(area, (ObjectNode) first.path("definition"));
    assertThat(version(area, 3).path("changes")).hasSameSizeAs(version(area, 2).path("changes"));
  }

  @Test
  void aVersionLeadsToItsRunsAndARunToItsVersion() {
    // given
    JsonNode area = create(AreaApi.webhook("runs", "none"));
    run(area);
    change(area, AreaApi.webhook("runs", "hmac-sha256"));
    run(area);

    // when
    JsonNode runs = user.get(version(area, 1).path("runs").asText()).expect(200).body();

    // then
    assertThat(runs.path("items")).hasSize(1);
    String back = runs.at("/items/0/areaVersionUrl").asText();
    assertThat(user.get(back).expect(200).body()).isEqualTo(version(area, 1));
    assertThat(user.get("/api/v1/runs?version=1").expect(400).pointers())
        .containsExactly("/version");
    assertThat(
            user.get("/api/v1/runs?areaId=" + area.path("id").asText() + "&version=0").pointers())
        .containsExactly("/version");
  }

  private void run(JsonNode area) {
    inDatabase(
        handle ->
            handle
                .createUpdate(
                    "INSERT INTO runs (started_at, id, owner_id, area_id, area_version,"
                        + " hook_id, event_id, event_partition, event_offset, generation,"
                        + " transition, status, events, steps)"
                        + " SELECT now(), gen_random_uuid(), owner_id, id, version, hook_id, '', 0,"
                        + " 0, 0, 1, 'running', '[]', '[]' FROM areas WHERE id = CAST(:area AS uuid)")
                .bind("area", area.path("id").asText())
                .execute());
  }

  @Test
  void aDeletedAreaComesBackWithItsAddressAndTheWayItWasEnabled() {
    // given
    JsonNode area = create(AreaApi.webhook("back", "hmac-sha256"));
    user.post(path(area) + "/disable").expect(200);
    user.delete(path(area)).expect(204);

    // when
    JsonNode restored = restore(area, 1).expect(200).body();

    // then
    assertThat(restored.path("id")).isEqualTo(area.path("id"));
    assertThat(restored.path("version").asLong()).isEqualTo(4);
    assertThat(restored.path("enabled").asBoolean()).isFalse();
    assertThat(restored.at("/hook/url")).isEqualTo(area.at("/hook/url"));
    assertThat(restored.at("/hook/secret").isMissingNode()).isTrue();
    Map<String, Object> hook = row("hooks", area.at("/hook/id"));
    assertThat(hook).containsEntry("version", 3L).containsEntry("enabled", true);
    assertThat(hook.get("deleted_at")).isNull();
    assertThat(user.post(path(area) + "/enable").expect(200).body().path("enabled").asBoolean())
        .isTrue();
  }

  private Map<String, Object> row(String table, JsonNode id) {
    return inDatabase(
        handle ->
            handle
                .createQuery("SELECT * FROM " + table + " WHERE id = CAST(:id AS uuid)")
                .bind("id", id.asText())
                .mapToMap()
                .one());
  }

  @Test
  void aDeletedAreaThatListensElsewhereAgainLetsItsHookGo() {
    // given
    JsonNode area = create(AreaApi.timer("moved", "PT5M"));
    change(area, AreaApi.webhook("moved", "none"));
    JsonNode hook = user.get(path(area)).body().at("/hook/id");
    user.delete(path(area)).expect(204);

    // when
    JsonNode restored = restore(area, 1).expect(200).body();

    // then
    assertThat(restored.at("/action/service").asText()).isEqualTo("timer");
    assertThat(row("hooks", hook).get("deleted_at")).isNotNull();
    assertThat(row("areas", area.path("id")))
        .containsEntry("left_hook_id", UUID.fromString(hook.asText()))
        .containsEntry("left_version", 4L);
  }

  @Test
  void aRuleThatWasDeletedBeginsAnew() {
    // given
    ObjectNode definition = AreaApi.webhook("counting", "none");
    definition.putObject("rule").putObject("count").put("n", 3).put("within", "PT10M");
    JsonNode area = create(definition);
    user.delete(path(area)).expect(204);

    // when
    JsonNode restored = restore(area, 1).expect(200).body();

    // then
    assertThat(restored.at("/notices/0").asText()).startsWith("The AREA was deleted, so that");
  }

  @Test
  void whatIsRestoredIsCheckedLikeAnySave() {
    // given
    ObjectNode definition = AreaApi.webhook("connected", "none");
    JsonNode area = create(definition);
    inDatabase(
        handle ->
            handle.execute(
                "UPDATE area_versions SET definition = jsonb_set(definition,"
                    + " '{reactions,0,connection}', '\"gone\"') WHERE area_id = CAST(? AS uuid)",
                area.path("id").asText()));
    JsonNode other = create(AreaApi.webhook("other", "none"));
    inDatabase(
        handle ->
            handle.execute(
                "UPDATE area_versions SET definition = jsonb_set(definition, '{name}',"
                    + " '\"connected\"') WHERE area_id = CAST(? AS uuid)",
                other.path("id").asText()));

    // when
    Exchange unconnected = restore(area, 1);
    Exchange named = restore(other, 1);

    // then
    assertThat(unconnected.expect(422).pointers()).containsExactly("/reactions/0/connection");
    assertThat(named.expect(409).pointers()).containsExactly("/name");
    assertThat(versions(area)).hasSize(1);
  }

  @Test
  void versionsAreTheirOwnersAlone() {
    // given
    JsonNode area = create(AreaApi.webhook("mine", "none"));

    // when
    ContractClient other = areas.api().newUser();

    // then
    other.get(path(area) + "/versions").expect(404);
    other.get(path(area) + "/versions/1").expect(404);
    other.post(path(area) + "/versions/1/restore").expect(404);
    user.get(path(area) + "/versions/2").expect(404);
    user.get(path(area) + "/versions/01").expect(404);
    user.get(path(area) + "/versions/x").expect(404);
  }

  @Test
  void whoDidItIsNamed() {
    // given
    ContractClient token = areas.api().token(user, "areas:write", "areas:read");
    JsonNode area = token.post(PATH, AreaApi.webhook("by", "none")).expect(201).body();
    String id = user.get("/api/v1/users/me").field("id");

    // when
    admin.patch("/api/v1/users/" + id, Map.of("disabled", true)).expect(200);
    admin.patch("/api/v1/users/" + id, Map.of("disabled", false)).expect(200);

    // then
    JsonNode versions = token.get(path(area) + "/versions").expect(200).body().path("items");
    assertThat(texts(versions, "what")).containsExactly("resumed", "suspended", "created");
    assertThat(versions.at("/0/by/kind").asText()).isEqualTo("admin");
    assertThat(versions.at("/2/by/kind").asText()).isEqualTo("owner");
    assertThat(versions.at("/2/by/token").asText()).isEqualTo("test");
  }

  @Test
  void aConnectionThatGoesAwayIsAVersionWithItsReason() {
    // given
    UUID owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
    UUID connection =
        inDatabase(
            handle ->
                handle
                    .createQuery(
                        "INSERT INTO connections (owner_id, service, name, status, created_at,"
                            + " updated_at) VALUES (:owner, 'http', 'work', 'connected', now(),"
                            + " now()) RETURNING id")
                    .bind("owner", owner)
                    .mapTo(UUID.class)
                    .one());
    ObjectNode definition = AreaApi.webhook("stopped", "none");
    ((ObjectNode) definition.at("/reactions/0")).put("connection", "work");
    JsonNode area = create(definition);

    // when
    inDatabase(
        handle ->
            AreaApi.connectedAreas(areas.api().clock())
                .block(handle, owner, connection, "Gone.", new Actor(owner, null)));

    // then
    JsonNode stopped = versions(area).path(0);
    assertThat(stopped.path("what").asText()).isEqualTo("stopped");
    assertThat(stopped.path("reason").asText()).isEqualTo("Gone.");
    assertThat(stopped.at("/by/kind").asText()).isEqualTo("owner");
  }

  @Test
  void theNewestHundredVersionsAreKeptAndListedPageByPage() {
    // given
    JsonNode area = create(AreaApi.webhook("toggled", "none"));

    // when
    for (int i = 0; i < 51; i++) {
      user.post(path(area) + "/disable").expect(200);
      user.post(path(area) + "/enable").expect(200);
    }

    // then
    JsonNode first = user.get(path(area) + "/versions?limit=90").expect(200).body();
    JsonNode rest =
        user.get(path(area) + "/versions?limit=90&cursor=" + first.path("next").asText())
            .expect(200)
            .body();
    assertThat(first.path("items")).hasSize(90);
    assertThat(texts(rest.path("items"), "version")).startsWith("13").endsWith("4").hasSize(10);
    assertThat(rest.path("next").isNull()).isTrue();
    assertThat(user.get(path(area) + "/versions/3").expect(404).field("detail"))
        .contains("the newest 100 are kept");
    assertThat(version(area, 4).path("changes").isNull()).isTrue();
  }

  @Test
  void whatIsPurgedIsGoneWithItsVersions() {
    // given
    JsonNode area = create(AreaApi.webhook("purged", "none"));
    user.delete(path(area)).expect(204);
    inDatabase(
        handle ->
            handle.execute(
                "INSERT INTO area_status SELECT id, CAST(hook_id AS text), version, 'removed',"
                    + " NULL, now() FROM areas WHERE deleted_at IS NOT NULL"));
    areas.api().clock().advance(Duration.ofDays(31));

    // when
    areas.api().database().jdbi().useTransaction(AreaApi.upkeep(areas.api().clock())::purge);

    // then
    areas.api().clock().reset();
    user.get(path(area) + "/versions").expect(404);
    restore(area, 1).expect(404);
  }
}
