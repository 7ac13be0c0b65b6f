package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.http.Actor;
import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AreasTest {
  private static final String PATH = "/api/v1/areas";

  private final AreaApi areas = new AreaApi();
  private final ContractClient admin = areas.api().newUser();
  private ContractClient user = admin;

  @BeforeEach
  void newUser() {
    user = areas.api().newUser();
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private JsonNode create(ObjectNode definition) {
    return user.post(PATH, definition).expect(201).body();
  }

  private Exchange put(JsonNode area, String version) {
    return user.with("If-Match", "\"" + version + "\"")
        .put(PATH + "/" + area.path("id").asText(), area);
  }

  private Map<String, Object> row(String table, JsonNode id) {
    return areas
        .api()
        .database()
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT * FROM " + table + " WHERE id = CAST(:id AS uuid)")
                    .bind("id", id.asText())
                    .mapToMap()
                    .one());
  }

  private void status(JsonNode area, String home, long version, String state, String reason) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO area_status VALUES (CAST(:area AS uuid), :home, :version,"
                            + " :state, :reason, now()) ON CONFLICT (area_id, home) DO UPDATE"
                            + " SET version = excluded.version, state = excluded.state,"
                            + " reason = excluded.reason, at = excluded.at")
                    .bind("area", area.path("id").asText())
                    .bind("home", home)
                    .bind("version", version)
                    .bind("state", state)
                    .bind("reason", reason)
                    .execute());
  }

  private String statusOf(JsonNode area) {
    return user.get(PATH + "/" + area.path("id").asText()).expect(200).field("status");
  }

  @AfterEach
  void backToNow() {
    areas.api().clock().reset();
  }

  @Test
  void anAreaIsMadeWithItsHookAndPlan() {
    // given
    ObjectNode definition = AreaApi.bugTriage("Bug triage");

    // when
    Exchange created = user.post(PATH, definition).expect(201);

    // then
    JsonNode area = created.body();
    UUID hook = UUID.fromString(area.at("/hook/id").asText());
    assertThat(created.header("Location")).hasValue(PATH + "/" + area.path("id").asText());
    assertThat(created.header("ETag")).hasValue("\"1\"");
    assertThat(area.path("status").asText()).isEqualTo("pending");
    assertThat(area.path("enabled").asBoolean()).isTrue();
    assertThat(area.path("when")).isEqualTo(definition.path("when"));
    assertThat(area.path("reactions")).isEqualTo(definition.path("reactions"));
    assertThat(area.at("/hook/url").asText())
        .isEqualTo("https://hooks.example.org/hooks/" + AreaApi.KEY.token(hook));
    assertThat(area.at("/hook/secret").asText()).isEqualTo(AreaApi.KEY.secret(hook, 1));
    Plan plan = Plan.parse(row("areas", area.path("id")).get("plan").toString());
    assertThat(plan.condition()).isEqualTo(definition.path("when").asText());
    assertThat(plan.steps())
        .singleElement()
        .satisfies(step -> assertThat(step.urlInputs()).containsExactly("url"));
  }

  @Test
  void theSecretIsShownOnceAndOnlyWhereThereIsOne() {
    // given
    JsonNode signed = create(AreaApi.webhook("signed", "hmac-sha256"));

    // when
    JsonNode open = create(AreaApi.webhook("open", "none"));

    // then
    assertThat(signed.at("/hook/secret").asText()).hasSize(64);
    assertThat(open.at("/hook/secret").isMissingNode()).isTrue();
    assertThat(open.at("/hook/url").asText()).startsWith("https://hooks.example.org/hooks/");
    JsonNode shownLater = user.get(PATH + "/" + signed.path("id").asText()).body();
    assertThat(shownLater.at("/hook/secret").isMissingNode()).isTrue();
    assertThat(create(AreaApi.timer("clock", "PT5M")).at("/hook/url").isMissingNode()).isTrue();
  }

  @Test
  void whatGetGaveCanBePutBackUnchangedAndKeepsHookAndUrl() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    JsonNode got = user.get(PATH + "/" + area.path("id").asText()).body();

    // when
    Exchange replaced = put(got, "1").expect(200);

    // then
    assertThat(replaced.header("ETag")).hasValue("\"2\"");
    assertThat(replaced.body().path("hook")).isEqualTo(got.path("hook"));
    assertThat(replaced.body().path("reactions")).isEqualTo(got.path("reactions"));
    assertThat(replaced.body().path("action")).isEqualTo(got.path("action"));
  }

  @Test
  void otherInputsChangeTheHookAndKeepItsIdUrlAndSecret() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    ObjectNode edited = area.deepCopy();
    edited.withObject("/action/inputs").put("repository", "octo/other");

    // when
    JsonNode replaced = put(edited, "1").expect(200).body();

    // then
    assertThat(replaced.at("/hook/id")).isEqualTo(area.at("/hook/id"));
    assertThat(replaced.at("/hook/url")).isEqualTo(area.at("/hook/url"));
    Map<String, Object> hook = row("hooks", area.at("/hook/id"));
    assertThat(hook).containsEntry("version", 2L).containsEntry("secret_generation", 1);
    assertThat(hook.get("inputs").toString()).contains("octo/other");
  }

  @Test
  void anotherActionMovesTheAreaToANewHookAndDeletesTheOld() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    ObjectNode edited = area.deepCopy();
    edited.withObject("/action").put("action", "issue_closed");

    // when
    JsonNode replaced = put(edited, "1").expect(200).body();

    // then
    assertThat(replaced.at("/hook/id")).isNotEqualTo(area.at("/hook/id"));
    assertThat(replaced.at("/hook/secret").asText()).hasSize(64);
    assertThat(row("hooks", area.at("/hook/id")).get("deleted_at")).isNotNull();
  }

  @Test
  void aChangeNeedsTheVersionThatItIsMadeOn() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    String path = PATH + "/" + area.path("id").asText();
    put(area, "1").expect(200);

    // when
    Exchange stale = put(area, "1");

    // then
    stale.expect(412);
    user.put(path, area).expect(428);
    put(area, "2").expect(200);
  }

  @Test
  void aNameIsTakenUntilItsAreaIsDeleted() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));

    // when
    Exchange second = user.post(PATH, AreaApi.bugTriage("Bug triage"));

    // then
    assertThat(second.expect(409).pointers()).containsExactly("/name");
    user.delete(PATH + "/" + area.path("id").asText()).expect(204);
    create(AreaApi.bugTriage("Bug triage"));
    areas.api().newUser().post(PATH, AreaApi.bugTriage("Bug triage")).expect(201);
  }

  @Test
  void anAreaIsLiveWhenItsHomeAppliedItsVersion() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    String home = area.at("/hook/id").asText();

    // when
    status(area, home, 1, "applied", null);

    // then
    assertThat(statusOf(area)).isEqualTo("live");
    put(area, "1").expect(200);
    assertThat(statusOf(area)).isEqualTo("pending");
    status(area, home, 2, "rejected", "no such field");
    assertThat(statusOf(area)).isEqualTo("error");
    assertThat(user.get(PATH + "/" + area.path("id").asText()).field("statusReason"))
        .isEqualTo("no such field");
  }

  @Test
  void aMovedAreaIsLiveWhenTheOldHomeRemovedItToo() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    String oldHome = area.at("/hook/id").asText();
    ObjectNode edited = area.deepCopy();
    edited.withObject("/action").put("action", "issue_closed");
    JsonNode moved = put(edited, "1").expect(200).body();

    // when
    status(area, moved.at("/hook/id").asText(), 2, "applied", null);

    // then
    assertThat(statusOf(area)).isEqualTo("pending");
    status(area, oldHome, 1, "applied", null);
    assertThat(statusOf(area)).isEqualTo("pending");
    status(area, oldHome, 2, "removed", null);
    assertThat(statusOf(area)).isEqualTo("live");
  }

  @Test
  void disablingAndEnablingAreNewVersions() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    String path = PATH + "/" + area.path("id").asText();

    // when
    Exchange disabled = user.post(path + "/disable").expect(200);

    // then
    assertThat(disabled.header("ETag")).hasValue("\"2\"");
    assertThat(disabled.field("status")).isEqualTo("disabled");
    assertThat(row("areas", area.path("id"))).containsEntry("enabled", false);
    assertThat(user.post(path + "/enable").expect(200).field("status")).isEqualTo("pending");
    assertThat(row("areas", area.path("id")))
        .containsEntry("enabled", true)
        .containsEntry("version", 3L);
  }

  @Test
  void aDeletedAreaKeepsItsRowWithTheNextVersion() {
    // given
    JsonNode area = create(AreaApi.bugTriage("Bug triage"));
    String path = PATH + "/" + area.path("id").asText();

    // when
    user.delete(path).expect(204);

    // then
    user.get(path).expect(404);
    user.delete(path).expect(404);
    assertThat(row("areas", area.path("id"))).containsEntry("version", 2L);
    assertThat(row("areas", area.path("id")).get("deleted_at")).isNotNull();
    assertThat(row("hooks", area.at("/hook/id")).get("deleted_at")).isNotNull();
  }

  @Test
  void rowsAreRemovedLongAfterTheirDeletionWasAcknowledged() {
    // given
    JsonNode area = create(AreaApi.bugTriage("purged"));
    JsonNode unheard = create(AreaApi.bugTriage("unheard"));
    for (JsonNode each : List.of(area, unheard)) {
      user.delete(PATH + "/" + each.path("id").asText()).expect(204);
    }
    status(area, area.at("/hook/id").asText(), 2, "removed", null);
    areas.api().clock().advance(Duration.ofDays(31));

    // when
    areas
        .api()
        .database()
        .jdbi()
        .useTransaction(handle -> AreaApi.upkeep(areas.api().clock()).purge(handle));

    // then
    List<String> left =
        areas
            .api()
            .database()
            .jdbi()
            .withHandle(h -> h.createQuery("SELECT id FROM areas").mapTo(String.class).list());
    assertThat(left).contains(unheard.path("id").asText()).doesNotContain(area.path("id").asText());
  }

  @Test
  void clocksOfTheSameInputsShareTheirHook() {
    // given
    JsonNode one = create(AreaApi.timer("one", "PT5M"));

    // when
    JsonNode other = create(AreaApi.timer("other", "PT5M"));

    // then
    assertThat(other.at("/hook/id")).isEqualTo(one.at("/hook/id"));
    ObjectNode edited = other.deepCopy();
    edited.withObject("/action/inputs").put("every", "PT10M");
    JsonNode moved = put(edited, "1").expect(200).body();
    assertThat(moved.at("/hook/id")).isNotEqualTo(one.at("/hook/id"));
    ObjectNode alone = moved.deepCopy();
    alone.withObject("/action/inputs").put("every", "PT15M");
    assertThat(put(alone, "2").expect(200).body().at("/hook/id")).isEqualTo(moved.at("/hook/id"));
  }

  @Test
  void polledActionsOfTheSameInputsShareTheirHook() {
    // given
    JsonNode one = create(AreaApi.polled("one", "https://example.org/list"));

    // when
    JsonNode other = create(AreaApi.polled("other", "https://example.org/list"));
    JsonNode elsewhere = create(AreaApi.polled("elsewhere", "https://example.org/others"));

    // then
    assertThat(one.at("/hook/url").isMissingNode()).isTrue();
    assertThat(other.at("/hook/id")).isEqualTo(one.at("/hook/id"));
    assertThat(elsewhere.at("/hook/id")).isNotEqualTo(one.at("/hook/id"));
  }

  @Test
  void aHookThatBeginsWithWhatThereIsAlreadyIsOfOneArea() {
    // given
    String list = "https://example.org/first";
    JsonNode plain = create(AreaApi.polled("plain", list));

    // when
    JsonNode five = create(first("five", list, 5));
    JsonNode six = create(first("six", list, 5));
    JsonNode later = create(AreaApi.polled("later", list));

    // then
    assertThat(five.at("/action/first").asInt()).isEqualTo(5);
    assertThat(row("hooks", five.at("/hook/id"))).containsEntry("first_items", 5);
    assertThat(row("hooks", plain.at("/hook/id"))).containsEntry("first_items", 0);
    assertThat(five.at("/hook/id")).isNotEqualTo(plain.at("/hook/id"));
    assertThat(six.at("/hook/id")).isNotEqualTo(five.at("/hook/id"));
    assertThat(later.at("/hook/id")).isEqualTo(plain.at("/hook/id"));
  }

  @Test
  void anAreaThatHasBegunKeepsItsHookUntilItListensToSomethingElse() {
    // given
    JsonNode area = create(first("five", "https://example.org/kept", 5));
    ObjectNode without = area.deepCopy();
    without.withObject("/action").remove("first");
    ObjectNode elsewhere = area.deepCopy();
    elsewhere.withObject("/action/inputs").put("url", "https://example.org/else");

    // when
    JsonNode kept = put(without, "1").expect(200).body();
    final Object version = row("hooks", kept.at("/hook/id")).get("version");
    JsonNode moved = put(elsewhere, "2").expect(200).body();

    // then
    assertThat(kept.at("/hook/id")).isEqualTo(area.at("/hook/id"));
    assertThat(version).isEqualTo(1L);
    assertThat(moved.at("/hook/id")).isNotEqualTo(area.at("/hook/id"));
    assertThat(row("hooks", moved.at("/hook/id"))).containsEntry("first_items", 5);
  }

  @Test
  void whatCannotBeginWithWhatThereIsAlreadySaysSo() {
    // given
    ObjectNode clock = AreaApi.timer("clock", "PT5M");
    clock.withObject("/action").put("first", 1);
    ObjectNode named = AreaApi.polled("named", "https://example.org/named");
    JsonNode hook = create(named.deepCopy()).at("/hook/id");
    named.put("name", "other").withObject("/action").put("first", 1).put("hook", hook.asText());

    // when, then
    for (ObjectNode wrong :
        List.of(
            clock,
            named,
            first("many", "https://example.org/many", 51),
            first("negative", "https://example.org/many", -1))) {
      assertThat(user.post(PATH, wrong).expect(422).pointers()).containsExactly("/action/first");
    }
  }

  private static ObjectNode first(String name, String url, int first) {
    ObjectNode area = AreaApi.polled(name, url);
    area.withObject("/action").put("first", first);
    return area;
  }

  @Test
  void aPushedHookIsSharedWhereItIsNamed() {
    // given
    JsonNode first = create(AreaApi.bugTriage("first"));
    ObjectNode second = AreaApi.bugTriage("second");
    second.withObject("/action").put("hook", first.at("/hook/id").asText()).remove("inputs");

    // when
    JsonNode sharing = create(second);

    // then
    assertThat(sharing.at("/hook/id")).isEqualTo(first.at("/hook/id"));
    assertThat(sharing.at("/hook/secret").isMissingNode()).isTrue();
    assertThat(sharing.at("/action/inputs/repository").asText()).isEqualTo("octo/hello");
    ObjectNode edited = first.deepCopy();
    edited.withObject("/action/inputs").put("repository", "octo/other");
    assertThat(put(edited, "1").expect(422).pointers()).containsExactly("/action/inputs");
    user.delete(PATH + "/" + first.path("id").asText()).expect(204);
    assertThat(row("hooks", first.at("/hook/id")).get("deleted_at")).isNull();
  }

  @Test
  void aForeignOrUnfittingHookCannotBeNamed() {
    // given
    JsonNode foreign = admin.post(PATH, AreaApi.bugTriage("foreign")).expect(201).body();
    JsonNode own = create(AreaApi.webhook("own", "none"));
    ObjectNode definition = AreaApi.bugTriage("mine");

    // when
    definition.withObject("/action").put("hook", foreign.at("/hook/id").asText());

    // then
    assertThat(user.post(PATH, definition).expect(422).pointers()).containsExactly("/action/hook");
    definition.withObject("/action").put("hook", own.at("/hook/id").asText());
    assertThat(user.post(PATH, definition).expect(422).pointers()).containsExactly("/action/hook");
    admin.delete(PATH + "/" + foreign.path("id").asText()).expect(204);
  }

  @Test
  void foreignAreasDoNotExist() {
    // given
    JsonNode area = create(AreaApi.bugTriage("mine"));
    String path = PATH + "/" + area.path("id").asText();

    // when
    ContractClient other = areas.api().newUser();

    // then
    other.get(path).expect(404);
    other.with("If-Match", "\"1\"").put(path, area).expect(404);
    other.post(path + "/disable").expect(404);
    other.post(path + "/enable").expect(404);
    other.delete(path).expect(404);
    other.get("/api/v1/hooks/" + area.at("/hook/id").asText()).expect(404);
    other.post("/api/v1/hooks/" + area.at("/hook/id").asText() + "/secret").expect(404);
    assertThat(other.get(PATH).body().path("items")).isEmpty();
    assertThat(other.get("/api/v1/hooks").body().path("items")).isEmpty();
    assertThat(row("areas", area.path("id"))).containsEntry("version", 1L);
  }

  @Test
  void aListIsNarrowedAndPaged() {
    // given
    create(AreaApi.bugTriage("Bug triage"));
    create(AreaApi.timer("Every five minutes", "PT5M"));
    ObjectNode disabled = AreaApi.webhook("Disabled hook", "none").put("enabled", false);
    create(disabled);

    // when
    List<String> names = new ArrayList<>();
    String next = "";
    do {
      JsonNode page = user.get(PATH + "?limit=1" + next).expect(200).body();
      page.path("items").forEach(area -> names.add(area.path("name").asText()));
      next = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
    } while (!next.isEmpty());

    // then
    assertThat(names).containsExactly("Disabled hook", "Every five minutes", "Bug triage");
    assertThat(names("?q=BUG")).containsExactly("Bug triage");
    assertThat(names("?service=timer")).containsExactly("Every five minutes");
    assertThat(names("?service=http")).hasSize(3);
    assertThat(names("?enabled=false")).containsExactly("Disabled hook");
    assertThat(names("?enabled=true&q=e")).hasSize(2);
    user.get(PATH + "?limit=201").expect(400);
    user.get(PATH + "?enabled=yes").expect(400);
  }

  private List<String> names(String query) {
    List<String> names = new ArrayList<>();
    user.get(PATH + query)
        .expect(200)
        .body()
        .path("items")
        .forEach(area -> names.add(area.path("name").asText()));
    return names;
  }

  @Test
  void aRepeatedPostWithItsKeyMakesOneArea() {
    // given
    ContractClient repeating = user.with("Idempotency-Key", UUID.randomUUID().toString());
    Exchange first = repeating.post(PATH, AreaApi.bugTriage("once")).expect(201);

    // when
    Exchange second = repeating.post(PATH, AreaApi.bugTriage("once"));

    // then
    assertThat(second.expect(201).text()).isEqualTo(first.text());
    assertThat(names("")).containsExactly("once");
    repeating.post(PATH, AreaApi.bugTriage("other")).expect(422);
  }

  @Test
  void aNumberWithALargeExponentIsKeptAndCanBePutBack() {
    // given
    ObjectNode definition = AreaApi.webhook("large number", "none");
    ObjectNode inputs = (ObjectNode) definition.at("/reactions/0/inputs");
    inputs.putObject("body").put("x", 1e300).put("y", 1e-300);

    // when
    JsonNode area = create(definition);

    // then
    JsonNode body = area.at("/reactions/0/inputs/body");
    assertThat(body.path("x").asDouble()).isEqualTo(1e300);
    assertThat(body.path("y").asDouble()).isEqualTo(1e-300);
    put(area, "1").expect(200);
  }

  @Test
  void aRepeatedPostOfALargeAreaGetsItsAnswer() {
    // given
    ContractClient repeating = user.with("Idempotency-Key", UUID.randomUUID().toString());
    ObjectNode definition = AreaApi.webhook("large", "none");
    ObjectNode inputs = (ObjectNode) definition.at("/reactions/0/inputs");
    inputs.putObject("body").put("a", "a".repeat(110_000)).put("b", "b".repeat(110_000));
    Exchange first = repeating.post(PATH, definition).expect(201);

    // when
    Exchange second = repeating.post(PATH, definition);

    // then
    assertThat(second.expect(201).text()).isEqualTo(first.text());
  }

  @Test
  void aDisabledUsersAreasAreSuspendedAndComeBack() {
    // given
    JsonNode area = create(AreaApi.bugTriage("suspended"));
    String id = user.get("/api/v1/users/me").field("id");

    // when
    admin.patch("/api/v1/users/" + id, Map.of("disabled", true)).expect(200);

    // then
    assertThat(row("areas", area.path("id")))
        .containsEntry("enabled", false)
        .containsEntry("wanted", true)
        .containsEntry("version", 2L);
    assertThat(row("hooks", area.at("/hook/id"))).containsEntry("enabled", false);
    admin.patch("/api/v1/users/" + id, Map.of("disabled", false)).expect(200);
    assertThat(row("areas", area.path("id")))
        .containsEntry("enabled", true)
        .containsEntry("version", 3L);
  }

  @Test
  void aHookMadeWhileItsOwnerIsDisabledRefusesDeliveriesUntilThen() {
    // given
    UUID owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
    admin.patch("/api/v1/users/" + owner, Map.of("disabled", true)).expect(200);
    Checked checked =
        new DefinitionCheck(AreaApi.CATALOG, AreaApi.EXPRESSIONS)
            .check(AreaApi.webhook("late", "none"), AreaApi.NO_CONNECTIONS);
    Areas table = AreaApi.areas(areas.api().clock());

    // when
    Area area =
        areas
            .api()
            .database()
            .jdbi()
            .inTransaction(handle -> table.create(handle, owner, checked, Actor.PLATFORM));

    // then
    JsonNode hook = TextNode.valueOf(area.listened().getFirst().hook().id().toString());
    assertThat(row("hooks", hook)).containsEntry("enabled", false);
    admin.patch("/api/v1/users/" + owner, Map.of("disabled", false)).expect(200);
    assertThat(row("hooks", hook)).containsEntry("enabled", true);
  }

  @Test
  void aRenewedSecretIsShownOnceAndTheOldStaysForADay() {
    // given
    JsonNode area = create(AreaApi.bugTriage("renewed"));
    UUID hook = UUID.fromString(area.at("/hook/id").asText());

    // when
    Exchange renewed = user.post("/api/v1/hooks/" + hook + "/secret").expect(200);

    // then
    assertThat(renewed.field("secret")).isEqualTo(AreaApi.KEY.secret(hook, 2));
    assertThat(row("hooks", area.at("/hook/id"))).containsEntry("version", 2L);
    assertThat(user.get("/api/v1/hooks/" + hook).expect(200).text()).doesNotContain("secret");
    JsonNode open = create(AreaApi.webhook("open", "none"));
    user.post("/api/v1/hooks/" + open.at("/hook/id").asText() + "/secret").expect(409);
  }

  @Test
  void eachReplacedSecretStaysForADayOfItsOwnAndRenewalsAreBoundedByThat() {
    // given
    JsonNode area = create(AreaApi.bugTriage("renewed often"));
    String renewal = "/api/v1/hooks/" + area.at("/hook/id").asText() + "/secret";
    String first = user.post(renewal).expect(200).field("previousValidUntil");
    areas.api().clock().advance(Duration.ofHours(1));

    // when
    String second = user.post(renewal).expect(200).field("previousValidUntil");

    // then
    assertThat(secretsUntil(area)).containsExactly(second, first);
    for (int i = 0; i < 5; i++) {
      user.post(renewal).expect(200);
    }
    Exchange refused = user.post(renewal).expect(429);
    assertThat(refused.field("detail")).contains("8 secrets").contains(first);
    assertThat(Long.parseLong(refused.header("Retry-After").orElseThrow()))
        .isBetween(22L * 3600, 23L * 3600);
    areas.api().clock().advance(Duration.ofHours(23));
    user.post(renewal).expect(200);
    assertThat(secretsUntil(area)).hasSize(7).doesNotContain(first).contains(second);
    areas.api().clock().reset();
  }

  private List<String> secretsUntil(JsonNode area) {
    List<String> times = new ArrayList<>();
    AreaApi.json(
            "{\"times\":" + row("hooks", area.at("/hook/id")).get("previous_secrets_until") + "}")
        .path("times")
        .forEach(time -> times.add(time.asText()));
    return times;
  }

  @Test
  void aHookShowsWhatWasDeliveredToIt() {
    // given
    JsonNode area = create(AreaApi.bugTriage("delivered"));
    String hook = area.at("/hook/id").asText();
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle -> {
              handle.execute(
                  "INSERT INTO hook_activity VALUES (CAST(? AS uuid), now(), 7, 2)", hook);
              handle.execute(
                  "INSERT INTO hook_refusals VALUES (CAST(? AS uuid), 'signature', 3)", hook);
            });

    // when
    JsonNode shown = user.get("/api/v1/hooks/" + hook).expect(200).body();

    // then
    assertThat(shown.path("accepted").asInt()).isEqualTo(7);
    assertThat(shown.path("ignored").asInt()).isEqualTo(2);
    assertThat(shown.path("refused")).isEqualTo(AreaApi.json("{\"signature\":3}"));
    assertThat(shown.path("url")).isEqualTo(area.at("/hook/url"));
    assertThat(user.get("/api/v1/hooks").expect(200).body().path("items").get(0)).isEqualTo(shown);
  }

  @Test
  void aHookAndItsAreaShowHowItsPollsGo() {
    // given
    JsonNode area = create(AreaApi.bugTriage("polled"));
    String hook = area.at("/hook/id").asText();
    status(area, hook, 1, "applied", null);
    assertThat(user.get("/api/v1/hooks/" + hook).expect(200).body().path("polling").isNull())
        .isTrue();
    assertThat(area.path("hook").has("polling")).isFalse();

    // when
    polled(hook, 3, "answered with status 503");
    JsonNode failing = user.get(PATH + "/" + area.path("id").asText()).expect(200).body();
    JsonNode shown = user.get("/api/v1/hooks/" + hook).expect(200).body();
    polled(hook, 0, null);
    JsonNode recovered = user.get(PATH + "/" + area.path("id").asText()).expect(200).body();

    // then
    assertThat(shown.path("polling"))
        .isEqualTo(
            AreaApi.json(
                """
                {"lastPolledAt": "2026-03-02T10:00:00Z", "failures": 3,
                 "lastFailure": "answered with status 503", "nextPollAt": "2026-03-02T10:08:00Z"}
                """));
    assertThat(failing.at("/hook/polling")).isEqualTo(shown.path("polling"));
    assertThat(failing.path("status").asText()).isEqualTo("live");
    assertThat(failing.path("statusReason").asText())
        .isEqualTo(
            "The last 3 polls failed, most lately: answered with status 503."
                + " The next one is due at 2026-03-02T10:08:00Z.");
    assertThat(recovered.path("statusReason").isNull()).isTrue();
    assertThat(recovered.at("/hook/polling/failures").asInt(-1)).isZero();
  }

  private void polled(String hook, int failures, @Nullable String failure) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle -> {
              handle.execute("DELETE FROM hook_polls WHERE hook_id = CAST(? AS uuid)", hook);
              handle.execute(
                  "INSERT INTO hook_polls VALUES (CAST(? AS uuid), '2026-03-02T10:00:00Z', ?, ?,"
                      + " '2026-03-02T10:08:00Z')",
                  hook,
                  failures,
                  failure);
            });
  }

  @Test
  void aTokenWithoutTheScopeIsRefused() {
    // given
    ContractClient reader = areas.api().token(user, "areas:read");

    // when
    Exchange refused = reader.post(PATH, AreaApi.bugTriage("refused"));

    // then
    refused.expect(403);
    reader.get(PATH).expect(200);
    areas.api().anyone().get(PATH).expect(401);
  }
}
