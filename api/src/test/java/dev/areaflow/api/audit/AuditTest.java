package dev.areaflow.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.TestApi;
import dev.areaflow.api.areas.AreaApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuditTest {
  private static final String PATH = "/api/v1/audit";
  private static final String AREAS = "/api/v1/areas";

  private final AreaApi areas = new AreaApi();
  private final TestApi api = areas.api();
  private final ContractClient admin = api.newUser();
  private String email = "";
  private ContractClient user = admin;

  @BeforeEach
  void newUser() {
    email = api.signUp();
    user = api.logIn(email);
  }

  @AfterEach
  void backToNow() {
    api.clock().reset();
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private static JsonNode entries(ContractClient client, String query) {
    return client.get(PATH + query).expect(200).body().path("items");
  }

  private static List<String> texts(JsonNode entries, String field) {
    List<String> texts = new ArrayList<>();
    entries.forEach(entry -> texts.add(entry.path(field).asText()));
    return texts;
  }

  private static String id(ContractClient client) {
    return client.get("/api/v1/users/me").expect(200).field("id");
  }

  @Test
  void whoDidWhatToWhatFromWhereIsKept() {
    // given
    String token =
        user.post("/api/v1/tokens", Map.of("name", "deploy", "scopes", List.of("areas:write")))
            .expect(201)
            .field("token");
    ContractClient deploy = api.anyone().as(token);

    // when
    JsonNode area = deploy.post(AREAS, AreaApi.webhook("kept", "none")).expect(201).body();

    // then
    JsonNode entry = entries(user, "?kind=area.create").path(0);
    assertThat(entry.at("/actor/id").asText()).isEqualTo(id(user));
    assertThat(entry.at("/actor/email").asText()).isEqualTo(email);
    assertThat(entry.at("/via/kind").asText()).isEqualTo("token");
    assertThat(entry.at("/via/name").asText()).isEqualTo("deploy");
    assertThat(entry.path("address").asText()).isEqualTo("127.0.0.1");
    assertThat(entry.path("subject")).isEqualTo(area.path("id"));
    assertThat(entry.path("outcome").asText()).isEqualTo("done");
    assertThat(entry.path("status").asInt()).isEqualTo(201);
    assertThat(texts(entries(user, ""), "kind"))
        .containsExactly("area.create", "token.create", "session.open", "user.create");
    assertThat(entries(user, "").toString())
        .doesNotContain(token, TestApi.PASSWORD, area.at("/hook/url").asText());
  }

  @Test
  void whatWasNotDoneLeavesNothingButWhyItWasRefused() {
    // given
    user.post(AREAS, AreaApi.webhook("taken", "none")).expect(201);

    // when
    user.post(AREAS, AreaApi.webhook("taken", "none")).expect(409);
    user.post(AREAS, AreaApi.webhook("unknown", "other")).expect(422);
    user.delete(AREAS + "/00000000-0000-7000-8000-000000000000").expect(404);
    api.token(user, "areas:read", "account").post(AREAS, Map.of()).expect(403);

    // then
    JsonNode refused = entries(user, "?kind=area");
    assertThat(texts(refused, "outcome")).containsExactly("refused", "refused", "refused", "done");
    assertThat(texts(refused, "status")).containsExactly("403", "404", "409", "201");
    assertThat(refused.at("/1/subject").asText()).startsWith("00000000-0000-7000");
  }

  @Test
  void aRepeatedRequestIsOneAct() {
    // given
    ContractClient repeating = user.with("Idempotency-Key", "once");

    // when
    repeating.post(AREAS, AreaApi.webhook("once", "none")).expect(201);
    repeating.post(AREAS, AreaApi.webhook("once", "none")).expect(201);

    // then
    assertThat(entries(user, "?kind=area.create")).hasSize(1);
  }

  @Test
  void loginsThatFailAreForAdminsToSee() {
    // when
    api.anyone()
        .post("/api/v1/sessions", Map.of("email", email, "password", "not " + TestApi.PASSWORD))
        .expect(401);
    user.delete("/api/v1/sessions/current").expect(204);

    // then
    JsonNode failed = entries(admin, "?kind=session.open&subject=" + id(api.logIn(email)));
    assertThat(texts(failed, "status")).containsExactly("200", "401", "200");
    assertThat(failed.at("/1/actor").isNull()).isTrue();
    assertThat(failed.at("/1/via").isNull()).isTrue();
    assertThat(texts(entries(api.logIn(email), "?kind=session"), "kind"))
        .containsExactly("session.open", "session.open", "session.close", "session.open");
  }

  @Test
  void adminsSeeAllAndOthersThemselves() {
    // given
    String id = id(user);
    ContractClient other = api.newUser();

    // when
    admin.patch("/api/v1/users/" + id, Map.of("disabled", true)).expect(200);
    admin.patch("/api/v1/users/" + id, Map.of("disabled", false)).expect(200);

    // then
    assertThat(texts(entries(admin, "?subject=" + id), "kind"))
        .containsExactly("user.enable", "user.disable", "session.open", "user.create");
    assertThat(entries(admin, "?actor=" + id)).isNotEmpty();
    assertThat(texts(entries(other, ""), "kind")).containsExactly("session.open", "user.create");
    other.get(PATH + "?actor=" + id).expect(403);
    api.token(admin, "account").get(PATH + "?actor=" + id).expect(403);
    api.token(other, "areas:read").get(PATH).expect(403);
  }

  @Test
  void actsAreNarrowedByTimeAndListedPageByPage() {
    // given
    String area = user.post(AREAS, AreaApi.webhook("paged", "none")).expect(201).field("id");
    api.clock().advance(Duration.ofMinutes(1));
    String between = api.clock().instant().toString();
    api.clock().advance(Duration.ofMinutes(1));
    user.post(AREAS + "/" + area + "/disable").expect(200);
    user.post(AREAS + "/" + area + "/enable").expect(200);

    // when
    JsonNode page = user.get(PATH + "?kind=area&limit=2").expect(200).body();
    JsonNode rest =
        user.get(PATH + "?kind=area&limit=2&cursor=" + page.path("next").asText())
            .expect(200)
            .body();

    // then
    assertThat(texts(page.path("items"), "kind")).containsExactly("area.enable", "area.disable");
    assertThat(texts(rest.path("items"), "kind")).containsExactly("area.create");
    assertThat(rest.path("next").isNull()).isTrue();
    assertThat(texts(entries(user, "?kind=area&to=" + between), "kind"))
        .containsExactly("area.create");
    assertThat(texts(entries(user, "?kind=area&from=" + between), "kind")).hasSize(2);
  }

  @Test
  void whatIsAskedOfManyRunsIsOneActWithItsSize() {
    // when
    user.post("/api/v1/runs/requests", Map.of("kind", "retry", "filter", Map.of())).expect(202);

    // then
    JsonNode entry = entries(user, "").path(0);
    assertThat(entry.path("kind").asText()).isEqualTo("run.retry");
    assertThat(entry.path("detail").asText()).isEqualTo("0 runs");
  }

  @Test
  void refusalsOfOneCallerAreBounded() {
    // when
    for (int i = 0; i < 70; i++) {
      user.delete(AREAS + "/00000000-0000-7000-8000-000000000000").expect(404);
    }

    // then
    assertThat(entries(user, "?kind=area.delete&limit=200").size()).isBetween(60, 62);
  }

  private void execute(String statement) {
    api.database().jdbi().useHandle(handle -> handle.execute(statement));
  }

  @Test
  void whatCannotBeWrittenDownIsNotDone() {
    // given
    execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN RAISE EXCEPTION ''full'' USING ERRCODE = ''53100''; END'");
    execute(
        "CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION full_disk()");
    try {
      // when
      user.post(AREAS, AreaApi.webhook("unwritten", "none")).expect(503);
    } finally {
      execute("DROP TRIGGER full_disk ON audit");
    }

    // then
    assertThat(user.get(AREAS).expect(200).body().path("items")).isEmpty();
  }
}
