package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.http.Actor;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.AreaRow.Listening;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.rows.RulePlan.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** AREAs that listen to several actions, over HTTP. */
@TestInstance(Lifecycle.PER_CLASS)
final class ActionsTest {
  private static final String PATH = "/api/v1/areas";

  private AreaApi areas;
  private ContractClient user;

  @BeforeAll
  void open() {
    areas = new AreaApi();
  }

  @BeforeEach
  void newUser() {
    user = areas.api().newUser();
  }

  @AfterAll
  void close() {
    areas.close();
  }

  /** A release that is followed by what some system reports. */
  private static ObjectNode releases(String name) {
    return AreaApi.json(
            """
        {"actions": [{"id": "released", "service": "github", "action": "release_published",
                      "inputs": {"repository": "octo/hello"}},
                     {"id": "alarm", "service": "webhook", "action": "received",
                      "inputs": {"verification": "none"}}],
         "rule": {"sequence": {"within": "PT1H",
                               "members": [{"of": "released", "when": "!event.release.draft"},
                                           {"of": "alarm"}],
                               "not": {"of": "alarm", "when": "event.fine"}},
                  "by": "meta.of == 'released' ? event.repository.name : event.app"},
         "reactions": [{"id": "r1", "service": "http", "reaction": "request",
                        "inputs": {"method": "POST", "url": "https://example.org/in",
                                   "body": {"of": "${meta.of}", "n": "${events[0].of}"}}}]}
        """)
        .put("name", name);
  }

  private JsonNode create(ObjectNode definition) {
    return user.post(PATH, definition).expect(201).body();
  }

  private JsonNode put(JsonNode area) {
    return user.with("If-Match", "\"" + area.path("version").asText() + "\"")
        .put(PATH + "/" + area.path("id").asText(), area)
        .expect(200)
        .body();
  }

  private JsonNode get(JsonNode area) {
    return user.get(PATH + "/" + area.path("id").asText()).expect(200).body();
  }

  private static String hook(JsonNode area, int index) {
    return area.at("/hooks/" + index + "/id").asText();
  }

  private <T> T inDatabase(org.jdbi.v3.core.HandleCallback<T, RuntimeException> work) {
    return areas.api().database().jdbi().withHandle(work);
  }

  private void status(JsonNode area, String home, String state) {
    inDatabase(
        handle ->
            handle
                .createUpdate(
                    "INSERT INTO area_status VALUES (CAST(:area AS uuid), :home, :version,"
                        + " :state, NULL, now()) ON CONFLICT (area_id, home) DO UPDATE"
                        + " SET version = excluded.version, state = excluded.state")
                .bind("area", area.path("id").asText())
                .bind("home", home)
                .bind("version", area.path("version").asLong())
                .bind("state", state)
                .execute());
  }

  private boolean isDeleted(String hook) {
    return inDatabase(
        handle ->
            handle
                .createQuery(
                    "SELECT deleted_at IS NOT NULL FROM hooks WHERE id = CAST(:id AS uuid)")
                .bind("id", hook)
                .mapTo(Boolean.class)
                .one());
  }

  private AreaRow row(JsonNode area) {
    return inDatabase(
        handle ->
            handle
                .createQuery(
                    "SELECT hook_id, plan, version, left_hook_id, listens, left_homes FROM areas"
                        + " WHERE id = CAST(:id AS uuid)")
                .bind("id", area.path("id").asText())
                .map(
                    (row, context) ->
                        new AreaRow(
                            area.path("id").asText(),
                            "",
                            row.getString("hook_id"),
                            "",
                            row.getString("plan"),
                            row.getLong("version"),
                            true,
                            null,
                            row.getString("left_hook_id"),
                            row.getString("listens"),
                            row.getString("left_homes")))
                .one());
  }

  @Test
  void itHasAHookForEachActionAndIsItsOwnHome() {
    // given
    ObjectNode definition = releases("two services");

    // when
    JsonNode area = create(definition);

    // then
    assertThat(area.path("actions")).isEqualTo(definition.path("actions"));
    assertThat(area.has("action")).isFalse();
    assertThat(area.has("hook")).isFalse();
    assertThat(area.at("/hooks/0/of").asText()).isEqualTo("released");
    UUID first = UUID.fromString(hook(area, 0));
    assertThat(area.at("/hooks/0/secret").asText()).isEqualTo(AreaApi.KEY.secret(first, 1));
    assertThat(area.at("/hooks/1/secret").isMissingNode()).isTrue();
    assertThat(area.at("/hooks/1/url").asText()).startsWith("https://hooks.example.org/hooks/");
    AreaRow row = row(area);
    assertThat(row.home()).isEqualTo(row.id());
    assertThat(row.listeners())
        .containsExactly(
            new Listening(hook(area, 0), "released"), new Listening(hook(area, 1), "alarm"));
    Plan plan = Plan.parse(row.plan());
    assertThat(plan.service()).isEmpty();
    assertThat(plan.rule())
        .isEqualTo(
            new RulePlan.Sequence(
                Duration.ofHours(1),
                List.of(new Member("!event.release.draft", "released"), new Member(null, "alarm")),
                "event.fine",
                "alarm"));
    JsonNode shown = get(area);
    assertThat(shown.at("/hooks/0/secret").isMissingNode()).isTrue();
    assertThat(shown.path("memory").isNull()).isTrue();
    assertThat(user.get(PATH).expect(200).body().at("/items/0/hooks")).hasSize(2);
    assertThat(user.get(PATH + "?service=webhook").expect(200).body().path("items")).hasSize(1);
    assertThat(user.get(PATH + "?service=timer").expect(200).body().path("items")).isEmpty();
  }

  @Test
  void itIsLiveWhenItsHomeAndAllOfItsHooksKnowIt() {
    // given
    JsonNode area = create(releases("live"));
    List<String> statuses = new ArrayList<>();

    // when
    for (String home : List.of(area.path("id").asText(), hook(area, 0), hook(area, 1))) {
      status(area, home, "applied");
      statuses.add(get(area).path("status").asText());
    }

    // then
    assertThat(statuses).containsExactly("pending", "pending", "live");
  }

  @Test
  void whatGetGaveCanBePutBackAndKeepsTheHooks() {
    // given
    JsonNode area = create(releases("unchanged"));

    // when
    JsonNode after = put(get(area));

    // then
    assertThat(hook(after, 0)).isEqualTo(hook(area, 0));
    assertThat(hook(after, 1)).isEqualTo(hook(area, 1));
    assertThat(after.path("notices")).isEmpty();
    assertThat(row(after).left()).isEmpty();
  }

  @Test
  void anActionThatIsTakenOutLosesItsHookAndItIsPendingUntilThatIsKnown() {
    // given
    ObjectNode definition = releases("taken out");
    definition
        .withArray("actions")
        .add(
            AreaApi.json(
                "{\"id\":\"clock\",\"service\":\"timer\",\"action\":\"interval\",\"inputs\":{\"every\":\"PT5M\"}}"));
    JsonNode area = create(definition);
    ObjectNode edited = area.deepCopy();
    edited.withArray("actions").remove(2);

    // when
    JsonNode after = put(edited);

    // then
    for (String home : List.of(after.path("id").asText(), hook(after, 0), hook(after, 1))) {
      status(after, home, "applied");
    }
    assertThat(isDeleted(hook(area, 2))).isTrue();
    assertThat(row(after).left()).containsExactly(hook(area, 2));
    assertThat(get(after).path("status").asText()).isEqualTo("pending");
    status(after, hook(area, 2), "removed");
    assertThat(get(after).path("status").asText()).isEqualTo("live");
  }

  @Test
  void ofOneActionAndOfSeveralItKeepsTheHookThatItHas() {
    // given
    JsonNode one = create(AreaApi.webhook("grows", "none"));
    ObjectNode grown = releases("grows");
    grown.put("id", one.path("id").asText()).put("version", 1);

    // when
    JsonNode several = put(grown);
    ObjectNode shrunk = AreaApi.webhook("grows", "none");
    shrunk.put("id", one.path("id").asText()).put("version", 2);
    JsonNode again = put(shrunk);

    // then
    assertThat(hook(several, 1)).isEqualTo(one.at("/hook/id").asText());
    assertThat(again.at("/hook/id")).isEqualTo(one.at("/hook/id"));
    assertThat(isDeleted(hook(several, 0))).isTrue();
    assertThat(row(again).listens()).isNull();
    assertThat(row(again).left())
        .containsExactlyInAnyOrder(one.path("id").asText(), hook(several, 0));
    status(again, again.at("/hook/id").asText(), "applied");
    status(again, hook(several, 0), "removed");
    assertThat(get(again).path("status").asText()).isEqualTo("pending");
    status(again, again.path("id").asText(), "removed");
    assertThat(get(again).path("status").asText()).isEqualTo("live");
  }

  @Test
  void actionsThatChangePlacesKeepTheirHooks() {
    // given
    JsonNode area = create(releases("places"));
    ObjectNode edited = area.deepCopy();
    JsonNode first = edited.withArray("actions").remove(0);
    edited.withArray("actions").add(first);

    // when
    JsonNode after = put(edited);

    // then
    assertThat(hook(after, 0)).isEqualTo(hook(area, 1));
    assertThat(hook(after, 1)).isEqualTo(hook(area, 0));
    assertThat(isDeleted(hook(area, 0))).isFalse();
  }

  @Test
  void aSharedHookStaysUntilNobodyListensToIt() {
    // given
    JsonNode clock = create(AreaApi.timer("clock", "PT7M"));
    ObjectNode definition = releases("with a clock");
    definition
        .withArray("actions")
        .add(
            AreaApi.json(
                "{\"id\":\"clock\",\"service\":\"timer\",\"action\":\"interval\",\"inputs\":{\"every\":\"PT7M\"}}"));
    JsonNode several = create(definition);
    String shared = hook(several, 2);

    // when
    user.delete(PATH + "/" + clock.path("id").asText()).expect(204);
    boolean deletedWithOne = isDeleted(shared);
    user.delete(PATH + "/" + several.path("id").asText()).expect(204);

    // then
    assertThat(shared).isEqualTo(clock.at("/hook/id").asText());
    assertThat(deletedWithOne).isFalse();
    assertThat(isDeleted(shared)).isTrue();
    assertThat(isDeleted(hook(several, 0))).isTrue();
  }

  @Test
  void twoActionsCannotListenToTheSame() {
    // given
    ObjectNode definition = releases("the same");
    for (String id : List.of("a", "b")) {
      definition
          .withArray("actions")
          .addObject()
          .put("id", id)
          .put("service", "timer")
          .put("action", "interval")
          .putObject("inputs")
          .put("every", "PT9M");
    }

    // when
    Exchange refused = user.post(PATH, definition).expect(422);

    // then
    assertThat(refused.pointers()).containsExactly("/actions/3");
    assertThat(refused.text()).contains("those of \\\"a\\\"");
  }

  @Test
  void aDeletedOneIsPurgedWhenAllPlacesSaidThatTheyAreRidOfIt() {
    // given
    JsonNode area = create(releases("purged"));
    user.delete(PATH + "/" + area.path("id").asText()).expect(204);
    ObjectNode deleted = area.deepCopy();
    deleted.put("version", 2);
    status(deleted, area.path("id").asText(), "removed");
    status(deleted, hook(area, 0), "removed");
    String old = "UPDATE area_status SET at = now() - interval '31 days'";
    inDatabase(handle -> handle.execute(old));
    inDatabase(
        handle -> handle.execute("UPDATE areas SET deleted_at = deleted_at - interval '31 days'"));
    AreaUpkeep upkeep = AreaApi.upkeep(areas.api().clock());

    // when
    areas.api().database().jdbi().useTransaction(upkeep::purge);
    boolean isThere = isThere(area);
    status(deleted, hook(area, 1), "removed");
    inDatabase(handle -> handle.execute(old));
    areas.api().database().jdbi().useTransaction(upkeep::purge);

    // then
    assertThat(isThere).isTrue();
    assertThat(isThere(area)).isFalse();
  }

  private boolean isThere(JsonNode area) {
    return inDatabase(
        handle ->
            handle
                .createQuery("SELECT EXISTS (SELECT FROM areas WHERE id = CAST(:id AS uuid))")
                .bind("id", area.path("id").asText())
                .mapTo(Boolean.class)
                .one());
  }

  @Test
  void aConnectionOfAnyActionCountsAsUsed() {
    // given
    UUID owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
    UUID connection =
        inDatabase(
            handle ->
                handle
                    .createQuery(
                        "INSERT INTO connections (owner_id, service, name, status, created_at,"
                            + " updated_at) VALUES (:owner, 'github', 'work', 'connected', now(),"
                            + " now()) RETURNING id")
                    .bind("owner", owner)
                    .mapTo(UUID.class)
                    .one());
    ObjectNode definition = releases("connected");
    ((ObjectNode) definition.at("/actions/0")).put("connection", "work");
    JsonNode area = create(definition);
    ConnectedAreas table = AreaApi.connectedAreas(areas.api().clock());

    // when
    inDatabase(
        handle -> {
          table.renameConnection(handle, owner, connection, "renamed");
          return null;
        });
    JsonNode renamed = get(area);
    List<ConnectedAreas.Stopped> stopped =
        inDatabase(
            (Handle handle) -> table.block(handle, owner, connection, "gone", Actor.PLATFORM));

    // then
    assertThat(renamed.at("/actions/0/connection").asText()).isEqualTo("renamed");
    assertThat(renamed.at("/actions/1/connection").isMissingNode()).isTrue();
    assertThat(inDatabase((Handle handle) -> table.scopesNeeded(handle, owner)))
        .containsKey(connection);
    assertThat(stopped).extracting(ConnectedAreas.Stopped::name).containsExactly("connected");
    assertThat(get(area).path("statusReason").asText()).isEqualTo("gone");
  }

  @Test
  void anotherRuleIsToldToBeginAnew() {
    // given
    JsonNode area = create(releases("notices"));
    ObjectNode edited = area.deepCopy();
    edited.withObject("/rule/sequence").put("within", "PT2H");

    // when
    JsonNode after = put(edited);
    ObjectNode without = after.deepCopy();
    without.remove("rule");
    ((ObjectNode) without.at("/reactions/0/inputs/body")).remove("n");
    JsonNode ended = put(without);

    // then
    assertThat(after.at("/notices/0").asText()).contains("begins anew");
    assertThat(ended.at("/notices/0").asText()).contains("no rule any more");
    assertThat(put(get(ended)).path("notices")).isEmpty();
  }

  @Test
  void whatItsRuleRemembersIsShownAndThatItCanRememberNoMore() {
    // given
    JsonNode area = create(releases("memory"));
    String id = area.path("id").asText();
    for (String home : List.of(id, hook(area, 0), hook(area, 1))) {
      status(area, home, "applied");
    }

    // when
    rule(id, id, null);
    JsonNode calm = get(area);
    rule(id, id, "the rule remembers 1000000 keys already");
    JsonNode full = get(area);
    rule(id, hook(area, 0), "of a home that it has left");

    // then
    assertThat(calm.path("statusReason").isNull()).isTrue();
    assertThat(calm.path("memory"))
        .isEqualTo(
            AreaApi.json(
                "{\"keys\":1,\"events\":2,\"bytes\":3,\"kept\":4,\"dropped\":5,\"refused\":6,"
                    + "\"since\":\"2026-07-01T10:00:00Z\"}"));
    assertThat(full.path("status").asText()).isEqualTo("live");
    assertThat(full.path("statusReason").asText()).contains("1000000 keys");
    assertThat(get(area).path("memory").isNull()).isTrue();
  }

  private void rule(String area, String home, @Nullable String problem) {
    inDatabase(
        handle ->
            handle
                .createUpdate(
                    "INSERT INTO area_rules VALUES (CAST(:area AS uuid), :home, 1, 2, 3, 4, 5, 6,"
                        + " '2026-07-01T10:00:00Z', :problem, now()) ON CONFLICT (area_id)"
                        + " DO UPDATE SET home = excluded.home, problem = excluded.problem")
                .bind("area", area)
                .bind("home", home)
                .bind("problem", problem)
                .execute());
  }

  @Test
  void anEventOfOneOfItsActionsCanBeTried() {
    // given
    ObjectNode definition = releases("tried");

    // when
    JsonNode tried =
        user.post(
                PATH + "/try",
                Map.of("definition", definition, "of", "alarm", "event", Map.of("app", "hello")))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/requests/0/body/of").asText()).isEqualTo("alarm");
    assertThat(tried.at("/requests/0/body/n").asText()).isEqualTo("alarm");
    assertThat(
            user.post(PATH + "/try", Map.of("definition", definition, "of", "alram"))
                .expect(422)
                .pointers())
        .containsExactly("/of");
  }
}
