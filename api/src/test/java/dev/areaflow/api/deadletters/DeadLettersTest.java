package dev.areaflow.api.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.topics.Records;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dead letters: from their topic to their table, and what admins do with them. */
final class DeadLettersTest {
  private static final String PATH = "/api/v1/dead-letters";

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final LocalSerdes serdes = new LocalSerdes();
  private final AreaApi areas = new AreaApi().projected();
  private final ContractClient admin = areas.api().newUser();

  @AfterEach
  void close() {
    areas.close();
  }

  private <V> byte[] bytes(Topic<V> topic, V value) {
    return serdes.values(topic).serializer().serialize(topic.name(), value);
  }

  /** Writes a letter and waits for its row; gives its id. */
  private String letter(Topic<?> topic, int offset, String cause, byte[] value) {
    String key = topic.name() + "-0-" + offset;
    DeadLetter letter =
        new DeadLetter(
            topic.name(),
            0,
            (long) offset,
            now.minusSeconds(5),
            ByteBuffer.wrap("key".getBytes(StandardCharsets.UTF_8)),
            ByteBuffer.wrap(value),
            cause,
            "app/node",
            now.plusSeconds(offset));
    ConsumerRecord<String, byte[]> place = areas.topics().append(Topics.DEAD_LETTERS, key, letter);
    String id = place.partition() + "-" + place.offset();
    await().untilAsserted(() -> assertThat(admin.get(PATH + "/" + id).status()).isEqualTo(200));
    return id;
  }

  private String event(int offset, String cause) {
    return letter(
        Topics.EVENTS,
        offset,
        cause,
        bytes(Topics.EVENTS, Records.event(UUID.randomUUID(), "e" + offset, "{\"n\":1}")));
  }

  private List<String> ids(String query) {
    List<String> ids = new ArrayList<>();
    admin
        .get(PATH + query)
        .expect(200)
        .body()
        .path("items")
        .forEach(item -> ids.add(item.path("id").asText()));
    return ids;
  }

  private List<JsonNode> redeliveries() {
    return areas
        .api()
        .database()
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT CAST(body AS text) FROM requests WHERE kind = 'redeliver'"
                            + " ORDER BY id")
                    .mapTo(String.class)
                    .list())
        .stream()
        .map(Json::readStored)
        .toList();
  }

  @Test
  void lettersAreNarrowedAndPagedNewestFirst() {
    // given
    String first = event(1, "the REGISTRY was away");
    String second = letter(Topics.HOOKS, 2, "no JSON", new byte[] {1});
    String third = event(3, "a bug");

    // when
    List<String> paged = new ArrayList<>();
    String next = "";
    do {
      JsonNode page = admin.get(PATH + "?limit=1" + next).expect(200).body();
      page.path("items").forEach(item -> paged.add(item.path("id").asText()));
      next = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
    } while (!next.isEmpty());

    // then
    assertThat(paged).containsExactly(third, second, first);
    assertThat(ids("?topic=" + Topics.EVENTS.name())).containsExactly(third, first);
    assertThat(ids("?cause=registry")).containsExactly(first);
    assertThat(ids("?state=open")).hasSize(3);
    assertThat(ids("?state=retried")).isEmpty();
    admin.get(PATH + "?state=closed").expect(400);
    admin.get(PATH + "?cursor=bm8").expect(400);
  }

  @Test
  void aLetterShowsItsRecordByItsSchema() {
    // given
    String id = event(7, "a bug");

    // when
    JsonNode letter = admin.get(PATH + "/" + id).expect(200).body();

    // then
    assertThat(letter.path("topic").asText()).isEqualTo(Topics.EVENTS.name());
    assertThat(letter.path("offset").asLong()).isEqualTo(7);
    assertThat(letter.path("cause").asText()).isEqualTo("a bug");
    assertThat(letter.path("where").asText()).isEqualTo("app/node");
    assertThat(letter.path("state").asText()).isEqualTo("open");
    assertThat(letter.at("/record/key/content").asText()).isEqualTo("key");
    assertThat(letter.at("/record/value/encoding").asText()).isEqualTo("json");
    assertThat(letter.at("/record/value/content/id").asText()).isEqualTo("e7");
    assertThat(letter.at("/record/value/content/payload").asText()).isEqualTo("{\"n\":1}");
    assertThat(letter.at("/record/value/cut").asBoolean()).isFalse();
  }

  @Test
  void whatItsSchemaCannotReadIsShownAsItIs() {
    // given
    String garbage = letter(Topics.EVENTS, 1, "garbage", new byte[] {(byte) 0xff, 1, 2});
    String text = letter(Topics.HOOKS, 2, "no JSON", "{oops".getBytes(StandardCharsets.UTF_8));
    String large =
        letter(Topics.HOOKS, 3, "no JSON", "x".repeat(70_000).getBytes(StandardCharsets.UTF_8));

    // when
    JsonNode ofGarbage = admin.get(PATH + "/" + garbage).expect(200).body().at("/record/value");
    JsonNode ofText = admin.get(PATH + "/" + text).expect(200).body().at("/record/value");
    JsonNode ofLarge = admin.get(PATH + "/" + large).expect(200).body().at("/record/value");

    // then
    assertThat(ofGarbage.path("encoding").asText()).isEqualTo("base64");
    assertThat(ofGarbage.path("content").asText()).isEqualTo("/wEC");
    assertThat(ofGarbage.path("unreadable").asText()).isNotEmpty();
    assertThat(ofText.path("encoding").asText()).isEqualTo("text");
    assertThat(ofText.path("content").asText()).isEqualTo("{oops");
    assertThat(ofLarge.path("cut").asBoolean()).isTrue();
    assertThat(ofLarge.path("bytes").asInt()).isEqualTo(70_000);
    assertThat(ofLarge.path("content").asText()).hasSize(64 * 1024);
  }

  @Test
  void aLetterIsRetriedOnce() {
    // given
    String id = event(1, "a bug");

    // when
    JsonNode retried = admin.post(PATH + "/" + id + "/retry").expect(202).body();

    // then
    assertThat(retried.path("state").asText()).isEqualTo("retried");
    assertThat(retried.path("decidedBy").asText())
        .isEqualTo(admin.get("/api/v1/users/me").field("id"));
    var place = dev.areaflow.api.deadletters.DeadLetter.Id.parse(id);
    assertThat(redeliveries())
        .containsExactly(
            AreaApi.json(
                "{\"letterPartition\":%d,\"letterOffset\":%d}"
                    .formatted(place.partition(), place.offset())));
    assertThat(admin.post(PATH + "/" + id + "/retry").expect(409).field("detail"))
        .contains("newer letter");
    admin.post(PATH + "/" + id + "/discard").expect(409);
    assertThat(redeliveries()).hasSize(1);
  }

  @Test
  void aDiscardedLetterMayStillBeRetried() {
    // given
    String id = event(1, "a bug");
    assertThat(admin.post(PATH + "/" + id + "/discard").expect(202).field("state"))
        .isEqualTo("discarded");
    admin.post(PATH + "/" + id + "/discard").expect(409);

    // when
    var answer = admin.post(PATH + "/" + id + "/retry");

    // then
    assertThat(answer.expect(202).field("state")).isEqualTo("retried");
  }

  @Test
  void rowsAreNotWrittenAgain() {
    // given
    String id = letter(Topics.DEFINITIONS, 1, "no JSON", new byte[] {1});

    // when
    var answer = admin.post(PATH + "/" + id + "/retry");

    // then
    assertThat(answer.expect(409).field("detail")).contains("save the AREA again");
    assertThat(
            admin
                .post(
                    PATH + "/requests",
                    Map.of("kind", "retry", "filter", Map.of("topic", Topics.DEFINITIONS.name())))
                .expect(409)
                .field("detail"))
        .contains("save the AREA again");
    assertThat(redeliveries()).isEmpty();
  }

  @Test
  void aLetterThatIsNotKeptAnyMoreSaysSo() {
    // given
    String id = event(1, "a bug");
    var place = dev.areaflow.api.deadletters.DeadLetter.Id.parse(id);
    areas.topics().drop(Topics.DEAD_LETTERS, place.partition(), place.offset() + 1);

    // when
    var answer = admin.post(PATH + "/" + id + "/retry");

    // then
    assertThat(answer.expect(409).field("detail")).contains("not kept any more");
    assertThat(admin.get(PATH + "/" + id).expect(200).body().path("record").isNull()).isTrue();
  }

  @Test
  void manyAreDecidedOnByTopicAndCause() {
    // given
    String first = event(1, "The registry was away");
    String other = event(2, "a bug");
    String second = event(3, "the registry was away");
    letter(Topics.HOOKS, 4, "the registry was away", new byte[] {1});

    // when
    JsonNode retried =
        admin
            .post(
                PATH + "/requests", Map.of("kind", "retry", "filter", Map.of("cause", "REGISTRY")))
            .expect(202)
            .body();
    JsonNode discarded =
        admin
            .post(
                PATH + "/requests",
                Map.of("kind", "discard", "filter", Map.of("topic", Topics.EVENTS.name())))
            .expect(202)
            .body();

    // then
    assertThat(retried.path("changed").asInt()).isEqualTo(2);
    assertThat(discarded.path("changed").asInt()).isEqualTo(1);
    assertThat(discarded.path("more").asBoolean()).isFalse();
    assertThat(ids("?state=retried")).containsExactly(second, first);
    assertThat(ids("?state=discarded")).containsExactly(other);
    assertThat(ids("?state=open")).hasSize(1);
    assertThat(redeliveries()).hasSize(2);
    assertThat(admin.post(PATH + "/requests", Map.of("kind", "x")).expect(422).pointers())
        .containsExactly("/kind", "/filter");
  }

  @Test
  void moreThanOneRequestMayChangeAreLeftForTheNext() {
    // given
    for (int i = 0; i < 3; i++) {
      event(i, "a bug");
    }
    UUID by = UUID.fromString(admin.get("/api/v1/users/me").field("id"));
    DeadLetters two = new DeadLetters(areas.api().database(), areas.api().clock(), 2);
    DeadLetters.Filter all =
        new DeadLetters.Filter(Optional.empty(), Optional.empty(), Optional.empty());

    // when
    DeadLetters.Decided first =
        two.decideAll(by, all, dev.areaflow.api.deadletters.DeadLetter.State.RETRIED);
    DeadLetters.Decided second =
        two.decideAll(by, all, dev.areaflow.api.deadletters.DeadLetter.State.RETRIED);

    // then
    assertThat(first).isEqualTo(new DeadLetters.Decided(2, true));
    assertThat(second).isEqualTo(new DeadLetters.Decided(1, false));
    assertThat(redeliveries()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({"GET, ''", "GET, /0-0", "POST, /0-0/retry", "POST, /0-0/discard", "POST, /requests"})
  void theyAreForAdminsAlone(String method, String rest) {
    // given
    ContractClient user = areas.api().newUser();

    // when
    var answer =
        user.send(
            method,
            PATH + rest,
            rest.equals("/requests")
                ? Optional.of(Map.of("kind", "discard", "filter", Map.of()))
                : Optional.empty());

    // then
    answer.expect(403);
    if (!rest.isEmpty() && !rest.equals("/requests")) {
      admin.send(method, PATH + rest, Optional.empty()).expect(404);
      admin.send(method, PATH + rest.replace("0-0", "none"), Optional.empty()).expect(404);
    }
  }

  @Test
  void withoutKafkaTheAnswerIsToTryAgain() {
    // given
    String id = event(1, "a bug");

    // when
    areas.topics().fail(new KafkaException("the broker is away"));

    // then
    admin.get(PATH + "/" + id).expect(503);
    admin.post(PATH + "/" + id + "/retry").expect(503);
    admin.get(PATH).expect(200);
    areas.topics().fail(null);
  }

  @Test
  void aLetterWithoutKeyOrValueIsShownWithout() {
    // given
    DeadLetter empty =
        DeadLetter.newBuilder().setTopic("another-topic").setAt(now).setCause("\u0000").build();
    ConsumerRecord<String, byte[]> place =
        areas.topics().append(Topics.DEAD_LETTERS, "k", empty, new RecordHeaders(), now);
    String id = place.partition() + "-" + place.offset();
    await().untilAsserted(() -> assertThat(ids("")).contains(id));

    // when
    JsonNode letter = admin.get(PATH + "/" + id).expect(200).body();

    // then
    assertThat(letter.at("/record/key").isNull()).isTrue();
    assertThat(letter.at("/record/value").isNull()).isTrue();
    assertThat(letter.path("cause").asText()).isEqualTo("\uFFFD");
  }
}
