package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.FakeBacktester;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Selection;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is asked of backtests, and how their lines are told. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BacktestsTest {
  private static final String PATH = "/api/v1/areas/backtest";
  private static final String FROM = "2026-06-01T00:00:00Z";
  private static final String TO = "2026-06-02T00:00:00Z";

  private final AreaApi areas = new AreaApi();
  private final ContractClient user = areas.api().newUser();

  @AfterAll
  void close() {
    areas.close();
  }

  private static ObjectNode counting(String name) {
    ObjectNode definition = AreaApi.webhook(name, "none").put("when", "event.amount > 5");
    definition.set(
        "rule",
        AreaApi.json("{\"count\": {\"n\": 2, \"within\": \"PT10M\"}, \"by\": \"event.to\"}"));
    return definition;
  }

  private JsonNode create(ObjectNode definition) {
    return user.post("/api/v1/areas", definition).expect(201).body();
  }

  @Test
  void anAreaIsTriedOnTheEventsOfItsHookAndLinesAreToldAsTheyCome() throws Exception {
    // given
    JsonNode area = create(counting("counting"));
    Map<String, Object> body = Map.of("areaId", area.path("id").asText(), "from", FROM, "to", TO);

    // when
    Exchange answer = user.post(PATH, body).expect(200);
    Backtest asked = areas.backtester().begun();

    // then
    assertThat(answer.header("Content-Type")).contains("application/x-ndjson");
    assertThat(answer.lines())
        .containsExactly(
            AreaApi.json("{\"type\":\"progress\",\"read\":0,\"of\":2}"),
            AreaApi.json(
                """
                {"type":"firing","at":"2026-06-01T00:00:00Z","eventIds":["event-1"],
                 "commands":[{"reaction":"tell","item":0,"at":"2026-06-01T00:01:00Z",
                              "inputs":{"a":1},"assumes":["before"]}],
                 "failures":{"other":"no such key: a"}}
                """),
            AreaApi.json(
                """
                {"type":"problem","at":"2026-06-01T00:00:00Z","eventId":"event-2",
                 "detail":"no such key: b"}
                """),
            AreaApi.json(
                """
                {"type":"summary","read":10,"skipped":1,"matched":4,"refused":{"event.amount > 5":2},
                 "dropped":{"count":3},"fired":1,"failed":1,"repeated":0,"scanned":11,
                 "seconds":1.5}
                """));
    assertThat(asked.area().id()).isEqualTo(area.path("id").asText());
    assertThat(asked.area().hookId()).isEqualTo(area.at("/hook/id").asText());
    assertThat(asked.from()).isEqualTo(Instant.parse(FROM));
    assertThat(asked.begin()).isEqualTo(asked.from().minus(Duration.ofMinutes(10)));
    assertThat(asked.to()).isEqualTo(Instant.parse(TO));
  }

  @Test
  void theRuleOfAnAreaBeginsWhenItBeganUnlessAnotherIsTried() throws Exception {
    // given
    ObjectNode definition = counting("begun");
    JsonNode area = create(definition);
    String id = area.path("id").asText();
    Instant began = Instant.parse("2026-05-31T23:55:00Z");
    began(id, area.at("/hook/id").asText(), began);
    ObjectNode other = counting("begun");
    other.withObject("/rule/count").put("n", 3);
    ObjectNode same = counting("begun").put("when", "event.amount > 6");

    // when
    Backtest asIs = asked(Map.of("areaId", id, "from", FROM, "to", TO));
    Backtest next = asked(Map.of("areaId", id, "definition", same, "from", FROM, "to", TO));
    Backtest another = asked(Map.of("areaId", id, "definition", other, "from", FROM, "to", TO));
    Backtest before =
        asked(Map.of("areaId", id, "from", "2026-05-31T23:50:00Z", "to", "2026-06-01T12:00:00Z"));
    Backtest later = asked(Map.of("areaId", id, "from", "2026-06-01T12:00:00Z", "to", TO));

    // then
    assertThat(asIs.begin()).isEqualTo(began);
    assertThat(next.begin()).isEqualTo(began);
    assertThat(another.begin()).isEqualTo(Instant.parse("2026-05-31T23:50:00Z"));
    assertThat(before.begin()).isEqualTo(Instant.parse("2026-05-31T23:40:00Z"));
    assertThat(later.begin()).isEqualTo(Instant.parse("2026-06-01T11:50:00Z"));
  }

  private Backtest asked(Map<String, Object> body) throws InterruptedException {
    user.post(PATH, body).expect(200);
    return areas.backtester().begun();
  }

  private void began(String area, String home, Instant at) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO area_rules VALUES (CAST(:area AS uuid), :home, 0, 0, 0, 0, 0,"
                            + " 0, :at, NULL, :at)")
                    .bind("area", area)
                    .bind("home", home)
                    .bind("at", at.atOffset(ZoneOffset.UTC))
                    .execute());
  }

  @Test
  void someOfTheEventsMayBeChosen() throws Exception {
    // given
    ObjectNode definition = AreaApi.bugTriage("chosen");
    definition.withObject("/action/inputs").put("repository", "octo/chosen");
    String id = create(definition).path("id").asText();
    Map<String, Object> body =
        Map.of("areaId", id, "eventIds", List.of("a", "b"), "when", "event.issue.number > 1");

    // when
    user.post(PATH, body).expect(200);
    Backtest asked = areas.backtester().begun();
    Exchange bad =
        user.post(
            PATH, Map.of("areaId", id, "eventIds", List.of("a", "a", 1), "when", "event.isue"));
    Exchange untyped = user.post(PATH, Map.of("areaId", id, "when", "event.isue == 1"));

    // then
    assertThat(asked.selection())
        .isEqualTo(new Selection(List.of("a", "b"), "event.issue.number > 1"));
    assertThat(asked.manner()).isEqualTo(Backtest.Manner.LIVE);
    assertThat(asked.from()).isEqualTo(asked.to().minus(Duration.ofDays(30)));
    assertThat(bad.expect(422).pointers()).containsExactlyInAnyOrder("/eventIds/1", "/eventIds/2");
    assertThat(untyped.expect(422).pointers()).containsExactly("/when");
  }

  @Test
  void linesMayComeAsServerSentEvents() throws Exception {
    // given
    JsonNode area = create(AreaApi.webhook("events", "none"));

    // when
    Exchange answer =
        user.with("Accept", "text/event-stream")
            .post(PATH, Map.of("areaId", area.path("id").asText()))
            .expect(200);
    areas.backtester().begun();

    // then
    assertThat(answer.text())
        .startsWith("event: progress\ndata: {\"type\":\"progress\",\"read\":0,\"of\":2}\n\n")
        .contains("\nevent: summary\ndata: {");
  }

  @Test
  void aNewDefinitionIsTriedOnTheHookThatSubscribesToTheSame() throws Exception {
    // given
    JsonNode area = create(AreaApi.bugTriage("kept"));
    ObjectNode other = AreaApi.bugTriage("other").put("when", "event.issue.number > 7");

    // when
    user.post(PATH, Map.of("definition", other.without("name"))).expect(200);
    Backtest asked = areas.backtester().begun();

    // then
    assertThat(asked.area().hookId()).isEqualTo(area.at("/hook/id").asText());
    assertThat(asked.area().plan()).contains("event.issue.number > 7");
    assertThat(asked.to().minus(Duration.ofDays(7))).isEqualTo(asked.from());
  }

  @Test
  void whereThereIsNoPastOtherHooksAndTheSampleAreOffered() throws Exception {
    // given
    ObjectNode elsewhere = AreaApi.bugTriage("elsewhere");
    elsewhere.withObject("/action/inputs").put("repository", "octo/offered");
    String hook = create(elsewhere).at("/hook/id").asText();
    ObjectNode unknown = AreaApi.bugTriage("unknown");
    unknown.withObject("/action/inputs").put("repository", "octo/unheard-of");

    // when
    Exchange refused = user.post(PATH, Map.of("definition", unknown)).expect(409);
    user.post(PATH, Map.of("definition", unknown, "hooks", Map.of("", hook))).expect(200);
    Backtest asked = areas.backtester().begun();

    // then
    assertThat(refused.field("detail")).contains("github/issue_opened").contains("\"hooks\"");
    assertThat(refused.pointers()).containsExactly("/definition/action");
    assertThat(refused.body().path("offers").findValuesAsText("hookId")).contains(hook);
    assertThat(refused.body().at("/sample/issue/title").asText()).isNotEmpty();
    assertThat(asked.area().hookId()).isEqualTo(hook);
  }

  @Test
  void whatCannotBeTriedIsRefusedWithTheField() {
    // given
    ObjectNode definition = AreaApi.webhook("bad", "none").put("when", "event.");
    Map<String, Object> early = Map.of("areaId", "x", "from", TO, "to", FROM);
    Map<String, Object> long_ = Map.of("from", "2026-01-01T00:00:00Z", "to", TO, "more", 1);

    // then
    assertThat(user.post(PATH, Map.of("definition", definition)).expect(422).pointers())
        .containsExactly("/definition/when");
    assertThat(user.post(PATH, early).expect(422).pointers())
        .containsExactlyInAnyOrder("/areaId", "/from", "/definition");
    assertThat(user.post(PATH, long_).expect(422).pointers())
        .containsExactlyInAnyOrder("/more", "/from", "/definition");
  }

  @Test
  void twoGoOnAtATimeAndOneThatNobodyReadsEnds() throws Exception {
    // given
    ContractClient other = areas.api().newUser();
    String id =
        other
            .post("/api/v1/areas", AreaApi.webhook(FakeBacktester.ENDLESS, "none"))
            .expect(201)
            .field("id");
    Map<String, Object> body = Map.of("areaId", id);
    try (HttpClient http = HttpClient.newHttpClient()) {
      InputStream first = open(http, other, body);
      InputStream second = open(http, other, body);

      // when
      Exchange third = other.post(PATH, body);
      Exchange dryRun =
          other.post("/api/v1/areas/" + id + "/replay", Map.of("eventIds", List.of("e")));
      first.close();
      areas.backtester().ended();
      InputStream fourth = open(http, other, body);

      // then
      assertThat(third.expect(429).header("Retry-After")).isPresent();
      dryRun.expect(429);
      second.close();
      fourth.close();
      areas.backtester().ended();
      areas.backtester().ended();
    }
  }

  /** Begins a backtest and returns when it has begun. */
  private InputStream open(HttpClient http, ContractClient caller, Map<String, Object> body)
      throws Exception {
    HttpRequest request = caller.request("POST", PATH, body);
    InputStream lines = http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    assertThat(lines.read()).isEqualTo('{');
    areas.backtester().begun();
    return lines;
  }
}
