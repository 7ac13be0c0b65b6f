package dev.areaflow.api.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.topics.Records;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RunsAndEventsTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final AreaApi areas = new AreaApi().projected();

  private ContractClient user = areas.api().newUser();
  private UUID owner = UUID.randomUUID();
  private UUID area = UUID.randomUUID();
  private UUID hook = UUID.randomUUID();

  @BeforeEach
  void newArea() {
    user = areas.api().newUser();
    owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
    ObjectNode definition = AreaApi.webhook("area", "none");
    JsonNode made = user.post("/api/v1/areas", definition).expect(201).body();
    area = UUID.fromString(made.path("id").asText());
    hook = UUID.fromString(made.at("/hook/id").asText());
  }

  @AfterEach
  void showAll() {
    areas.topics().hide(Topics.RUNS, 0);
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private ConsumerRecord<String, byte[]> deliver(String id, Instant at) {
    Event event = Records.event(hook, id, "{\"title\":\"" + id + "\",\"n\":1}");
    return areas
        .topics()
        .append(Topics.EVENTS, hook.toString(), event, CloudEvents.headers(event), at);
  }

  private Records.Run run(ConsumerRecord<String, byte[]> event, String id) {
    return Records.run(owner, area, hook, id, Instant.ofEpochMilli(event.timestamp()))
        .at(event.partition(), event.offset());
  }

  private void decide(Records.Run run) {
    areas
        .topics()
        .append(Topics.RUNS, area.toString(), run.build(), new RecordHeaders(), run.startedAt());
  }

  private void matched(String id, Instant at) {
    decide(run(deliver(id, at), id));
    await().untilAsserted(() -> assertThat(eventIds("")).contains(id));
  }

  private List<String> eventIds(String query) {
    List<String> ids = new ArrayList<>();
    user.get("/api/v1/runs" + query)
        .expect(200)
        .body()
        .path("items")
        .forEach(run -> ids.add(run.path("eventId").asText()));
    return ids;
  }

  @Test
  void runsAreNarrowedAndPagedNewestFirst() {
    // given
    matched("first", now.minusSeconds(30));
    matched("second", now.minusSeconds(20));
    matched("third", now.minusSeconds(10));

    // when
    List<String> all = new ArrayList<>();
    String next = "";
    do {
      JsonNode page = user.get("/api/v1/runs?limit=1" + next).expect(200).body();
      page.path("items").forEach(run -> all.add(run.path("eventId").asText()));
      next = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
    } while (!next.isEmpty());

    // then
    assertThat(all).containsExactly("third", "second", "first");
    assertThat(eventIds("?from=" + now.minusSeconds(20) + "&to=" + now.minusSeconds(10)))
        .containsExactly("second");
    assertThat(eventIds("?area=" + area + "&status=running")).hasSize(3);
    assertThat(eventIds("?area=" + UUID.randomUUID())).isEmpty();
    assertThat(eventIds("?status=failed")).isEmpty();
    user.get("/api/v1/runs?status=unknown").expect(400);
    user.get("/api/v1/runs?from=yesterday").expect(400);
    user.get("/api/v1/runs?cursor=bm8").expect(400);
  }

  @Test
  void aRunShowsItsEventAsItWasDelivered() {
    // given
    ConsumerRecord<String, byte[]> event = deliver("shown", now);
    Records.Run run = run(event, "shown");
    decide(run.status(RunStatus.SUCCEEDED).transition(1));
    await().untilAsserted(() -> assertThat(eventIds("")).contains("shown"));

    // when
    JsonNode shown = user.get("/api/v1/runs/" + run.id()).expect(200).body();

    // then
    assertThat(shown.path("status").asText()).isEqualTo("succeeded");
    assertThat(shown.at("/event/payload")).isEqualTo(AreaApi.json("{\"title\":\"shown\",\"n\":1}"));
    areas.api().newUser().get("/api/v1/runs/" + run.id()).expect(404);
    user.get("/api/v1/runs/" + UUID.randomUUID()).expect(404);
    user.get("/api/v1/runs/none").expect(404);
  }

  @Test
  void aRunWhosePayloadIsNotKeptAnyMoreSaysSo() {
    // given
    ConsumerRecord<String, byte[]> event = deliver("gone", now);
    Records.Run run = run(event, "gone").at(event.partition(), event.offset() + 1_000);
    decide(run);
    await().untilAsserted(() -> assertThat(eventIds("")).contains("gone"));

    // when
    JsonNode shown = user.get("/api/v1/runs/" + run.id()).expect(200).body();

    // then
    assertThat(shown.at("/event/payload").isNull()).isTrue();
    assertThat(shown.at("/event/detail").asText()).contains("not kept");
    user.get("/api/v1/events/gone").expect(404);
  }

  @Test
  void aRunThatNoEventMadeSaysSo() {
    // given
    Records.Run run = Records.run(owner, area, hook, "", now).at(0, -1);
    decide(run);
    await().untilAsserted(() -> assertThat(eventIds("")).contains(""));

    // when
    JsonNode shown = user.get("/api/v1/runs/" + run.id()).expect(200).body();

    // then
    assertThat(shown.at("/event/payload").isNull()).isTrue();
    assertThat(shown.at("/event/detail").asText()).isEqualTo("That no event came made this run.");
  }

  @Test
  void eventsOfAHookShowHowManyRunsTheyMade() {
    // given
    matched("matched", now.minusSeconds(2));
    deliver("unmatched", now.minusSeconds(1));

    // when
    JsonNode page = user.get("/api/v1/events?hook=" + hook).expect(200).body();

    // then
    assertThat(page.path("items").findValuesAsText("id")).containsExactly("unmatched", "matched");
    assertThat(page.path("items").findValuesAsText("matched")).containsExactly("0", "1");
    assertThat(page.path("next").isNull()).isTrue();
    user.get("/api/v1/events").expect(400);
    areas.api().newUser().get("/api/v1/events?hook=" + hook).expect(404);
  }

  @Test
  void anEventShowsWhyEachAreaDidOrDidNotFire() {
    // given
    ConsumerRecord<String, byte[]> event = deliver("explained", now);
    decide(run(event, "explained"));
    decide(run(event, "explained").status(RunStatus.DUPLICATE).detail("seen before"));
    await().untilAsserted(() -> assertThat(eventIds("")).contains("explained"));

    // when
    JsonNode shown = user.get("/api/v1/events/explained").expect(200).body();

    // then
    assertThat(shown.path("matched").asInt()).isEqualTo(1);
    assertThat(shown.path("verdicts").findValuesAsText("result"))
        .containsExactly("matched", "duplicate");
    assertThat(shown.at("/verdicts/1/detail").asText()).isEqualTo("seen before");
    assertThat(shown.at("/verdicts/0/areaId").asText()).isEqualTo(area.toString());
    assertThat(shown.path("verdictsComplete")).isEqualTo(BooleanNode.TRUE);
  }

  @Test
  void verdictsThatWereNotAllReadSaySo() {
    // given
    ConsumerRecord<String, byte[]> event = deliver("slowly explained", now);
    decide(run(event, "slowly explained").status(RunStatus.FILTERED));
    for (int i = 0; i < 3; i++) {
      decide(run(deliver("later", now), "later").status(RunStatus.FILTERED));
    }
    areas.topics().hide(Topics.RUNS, 3);

    // when
    JsonNode shown = user.get("/api/v1/events/slowly%20explained?hook=" + hook).expect(200).body();

    // then
    assertThat(shown.path("verdictsComplete")).isEqualTo(BooleanNode.FALSE);
    assertThat(shown.path("verdicts").findValuesAsText("result")).containsExactly("filtered");
  }

  @Test
  void anEventWithoutARunIsFoundInItsTopic() {
    // given
    ConsumerRecord<String, byte[]> event = deliver("filtered", now);
    decide(run(event, "filtered").status(RunStatus.FILTERED));

    // when
    JsonNode shown = user.get("/api/v1/events/filtered").expect(200).body();

    // then
    assertThat(shown.path("matched").asInt()).isZero();
    assertThat(shown.path("verdicts").findValuesAsText("result")).containsExactly("filtered");
    areas.api().newUser().get("/api/v1/events/filtered").expect(404);
    user.get("/api/v1/events/unknown").expect(404);
  }

  @ParameterizedTest
  @CsvSource({
    "orders/7, orders%2F7",
    "a%2Fb, a%252Fb",
    "a+b;c=d?e#f, a+b%3Bc=d%3Fe%23f",
    "../up, ..%2Fup",
    "/, %2F",
  })
  void anyIdIsReadPercentEncoded(String id, String encoded) {
    // given
    deliver(id, now);

    // when
    JsonNode shown = user.get("/api/v1/events/" + encoded).expect(200).body();

    // then
    assertThat(shown.path("id").asText()).isEqualTo(id);
    assertThat(shown.path("hookId").asText()).isEqualTo(hook.toString());
  }

  @Test
  void aSlashThatIsNotEncodedIsNoPartOfAnId() {
    // given
    deliver("a/b", now);

    // when
    var answer = user.get("/api/v1/events/a/b");

    // then
    answer.expect(404);
    user.get("/api/v1/events/").expect(404);
  }

  @Test
  void ofHooksWithAnEventOfTheSameIdTheNewestThatMadeARunIsShownAndTheOthersAreNamed() {
    // given
    UUID first = hook;
    matched("2026-07-01T10:00:00Z", now.minusSeconds(3));
    UUID second = secondHook();
    decide(run(deliver("2026-07-01T10:00:00Z", now.minusSeconds(2)), "2026-07-01T10:00:00Z"));
    await().untilAsserted(() -> assertThat(eventIds("")).hasSize(2));

    // when
    JsonNode shown = user.get("/api/v1/events/2026-07-01T10:00:00Z").expect(200).body();

    // then
    assertThat(shown.path("hookId").asText()).isEqualTo(second.toString());
    assertThat(shown.path("otherHooks")).containsExactly(TextNode.valueOf(first.toString()));
    JsonNode named =
        user.get("/api/v1/events/2026-07-01T10:00:00Z?hook=" + first).expect(200).body();
    assertThat(named.path("hookId").asText()).isEqualTo(first.toString());
    assertThat(named.path("matched").asInt()).isEqualTo(1);
    assertThat(named.path("otherHooks")).isEmpty();
  }

  @Test
  void ofHooksWithAnEventOfTheSameIdAndNoRunTheNewestIsShown() {
    // given
    deliver("unmatched", now.minusSeconds(3));
    UUID first = hook;
    UUID second = secondHook();
    deliver("unmatched", now.minusSeconds(2));

    // when
    JsonNode shown = user.get("/api/v1/events/unmatched").expect(200).body();

    // then
    assertThat(shown.path("hookId").asText()).isEqualTo(second.toString());
    assertThat(user.get("/api/v1/events/unmatched?hook=" + first).expect(200).field("hookId"))
        .isEqualTo(first.toString());
  }

  private UUID secondHook() {
    JsonNode made =
        user.post("/api/v1/areas", AreaApi.webhook("second", "none")).expect(201).body();
    area = UUID.fromString(made.path("id").asText());
    hook = UUID.fromString(made.at("/hook/id").asText());
    return hook;
  }

  @Test
  void eventsOfADeletedHookCanStillBeRead() {
    // given
    deliver("kept", now);
    user.delete("/api/v1/areas/" + area).expect(204);
    user.get("/api/v1/hooks/" + hook).expect(404);

    // when
    JsonNode shown = user.get("/api/v1/events/kept").expect(200).body();

    // then
    assertThat(shown.path("hookId").asText()).isEqualTo(hook.toString());
    user.get("/api/v1/events/kept?hook=" + hook).expect(200);
    assertThat(
            user.get("/api/v1/events?hook=" + hook)
                .expect(200)
                .body()
                .path("items")
                .findValuesAsText("id"))
        .containsExactly("kept");
    ContractClient other = areas.api().newUser();
    other.get("/api/v1/events/kept").expect(404);
    other.get("/api/v1/events/kept?hook=" + hook).expect(404);
    other.get("/api/v1/events?hook=" + hook).expect(404);
  }

  @Test
  void anIdThatNoDatabaseKeepsDoesNotExist() {
    // given
    String path = "/api/v1/events/%00";

    // when
    var answer = user.get(path);

    // then
    answer.expect(404);
  }

  @Test
  void withoutKafkaTheAnswerIsToTryAgain() {
    // given
    ConsumerRecord<String, byte[]> event = deliver("away", now);
    Records.Run run = run(event, "away");
    decide(run);
    await().untilAsserted(() -> assertThat(eventIds("")).contains("away"));

    // when
    areas.topics().fail(new KafkaException("the broker is away"));

    // then
    assertThat(user.get("/api/v1/runs/" + run.id()).expect(503).header("Retry-After")).isPresent();
    user.get("/api/v1/events?hook=" + hook).expect(503);
    user.get("/api/v1/runs").expect(200);
    areas.topics().fail(null);
  }
}
