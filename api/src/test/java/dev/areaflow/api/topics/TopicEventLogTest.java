package dev.areaflow.api.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TopicEventLogTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final KeptTopics topics = new KeptTopics(new LocalSerdes());
  private final TopicEventLog log =
      new TopicEventLog(new ReaderPool(topics::consumer), new LocalSerdes());
  private final UUID hook = UUID.randomUUID();

  @AfterEach
  void close() {
    log.close();
  }

  private StoredEvent write(UUID to, String id, Instant at) {
    Event event = Records.event(to, id, "{\"n\":1}");
    ConsumerRecord<String, byte[]> record =
        topics.append(Topics.EVENTS, to.toString(), event, CloudEvents.headers(event), at);
    return new StoredEvent(event, record.partition(), record.offset(), at);
  }

  @Test
  void aHooksEventsComeNewestFirstAndPageByPage() {
    // given
    for (int i = 0; i < 1_000; i++) {
      write(i % 100 == 0 ? hook : UUID.randomUUID(), "event-" + i, NOON.plusSeconds(i));
    }

    // when
    List<String> ids = new ArrayList<>();
    OptionalLong next = OptionalLong.empty();
    do {
      EventLog.Slice slice = log.newest(hook, EventLog.Arrived.EVER, next, 3);
      slice.events().forEach(event -> ids.add(event.event().getId()));
      next = slice.next();
    } while (next.isPresent());

    // then
    assertThat(ids)
        .containsExactly(
            "event-900",
            "event-800",
            "event-700",
            "event-600",
            "event-500",
            "event-400",
            "event-300",
            "event-200",
            "event-100",
            "event-0");
  }

  @Test
  void ofARangeOnlyWhatArrivedInItIsLookedAt() {
    // given
    for (int i = 0; i < 10; i++) {
      write(hook, "event-" + i, NOON.plusSeconds(i));
    }

    // when
    EventLog.Slice page = log.newest(hook, arrived(3, 6), OptionalLong.empty(), 2);
    EventLog.Slice rest = log.newest(hook, arrived(3, 6), page.next(), 2);
    EventLog.Slice open = log.newest(hook, arrived(8, 60), OptionalLong.empty(), 5);
    EventLog.Slice none = log.newest(hook, arrived(60, 90), OptionalLong.empty(), 5);

    // then
    assertThat(ids(page)).containsExactly("event-5", "event-4");
    assertThat(ids(rest)).containsExactly("event-3");
    assertThat(rest.next()).isEmpty();
    assertThat(ids(open)).containsExactly("event-9", "event-8");
    assertThat(ids(none)).isEmpty();
    assertThat(none.next()).isEmpty();
  }

  private static EventLog.Arrived arrived(int from, int to) {
    return new EventLog.Arrived(
        Optional.of(NOON.plusSeconds(from)), Optional.of(NOON.plusSeconds(to)));
  }

  private static List<String> ids(EventLog.Slice slice) {
    return slice.events().stream().map(event -> event.event().getId()).toList();
  }

  @Test
  void anEventIsFoundByIdAmongTheCallersHooksOnly() {
    // given
    UUID foreign = UUID.randomUUID();
    write(foreign, "wanted", NOON);
    StoredEvent own = write(hook, "wanted", NOON.plusSeconds(1));

    // when
    Optional<StoredEvent> found = log.find(List.of(hook, UUID.randomUUID()), "wanted");

    // then
    assertThat(found).contains(own);
    assertThat(log.find(List.of(UUID.randomUUID()), "wanted")).isEmpty();
  }

  @Test
  void whatRetentionDroppedIsAbsent() {
    // given
    StoredEvent first = write(hook, "first", NOON);
    StoredEvent second = write(hook, "second", NOON);
    topics.drop(Topics.EVENTS, second.partition(), second.offset());

    // when
    Optional<StoredEvent> gone = log.at(first.partition(), first.offset());

    // then
    assertThat(gone).isEmpty();
    assertThat(log.at(second.partition(), second.offset())).contains(second);
    assertThat(log.at(second.partition(), second.offset() + 1)).isEmpty();
  }

  @Test
  void decisionsAreThoseOfThisEventForTheseAreasEachOnce() {
    // given
    StoredEvent event = write(hook, "event", NOON);
    UUID area = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    decide(area, hook, "event", RunStatus.FILTERED, NOON.minusSeconds(60));
    decide(other, hook, "event", RunStatus.FILTERED, NOON);
    decide(area, hook, "event", RunStatus.RUNNING, NOON);
    decide(area, hook, "event", RunStatus.SUCCEEDED, NOON.plusSeconds(1));
    decide(area, hook, "event", RunStatus.DUPLICATE, NOON.plusSeconds(2));
    decide(area, hook, "another", RunStatus.ERROR, NOON.plusSeconds(2));
    decide(area, UUID.randomUUID(), "event", RunStatus.ERROR, NOON.plusSeconds(2));

    // when
    EventLog.Decisions decisions = log.decisions(event, List.of(area));

    // then
    assertThat(decisions.complete()).isTrue();
    assertThat(decisions.all())
        .extracting(Decision::result)
        .containsExactly(Decision.Result.MATCHED, Decision.Result.DUPLICATE);
  }

  private void decide(UUID area, UUID ofHook, String eventId, RunStatus status, Instant at) {
    topics.append(
        Topics.RUNS,
        area.toString(),
        Records.run(UUID.randomUUID(), area, ofHook, eventId, at).status(status).build(),
        new RecordHeaders(),
        at);
  }

  @Test
  void aReaderThatFailedIsNotUsedAgain() {
    // given
    StoredEvent event = write(hook, "event", NOON);
    topics.fail(new KafkaException("the broker is away"));
    assertThatThrownBy(() -> log.at(event.partition(), event.offset()))
        .isInstanceOf(KafkaException.class);
    topics.fail(null);

    // when
    Optional<StoredEvent> found = log.at(event.partition(), event.offset());

    // then
    assertThat(found).contains(event);
  }
}
