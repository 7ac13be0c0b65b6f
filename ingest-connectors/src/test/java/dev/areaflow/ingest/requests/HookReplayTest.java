package dev.areaflow.ingest.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.ReplayStatus;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which events a replay writes again, when, and how far it says it is. */
final class HookReplayTest {
  private static final String EVENTS = Topics.EVENTS.name();
  private static final String HOOK = "hook-1";
  private static final int PARTITION = Utils.toPositive(Utils.murmur2(HOOK.getBytes(UTF_8))) % 2;
  private static final Instant NOW = Instant.parse("2026-07-01T10:00:00Z");
  private static final Expressions EXPRESSIONS = new Expressions();

  private final LocalSerdes serdes = new LocalSerdes();
  private final KeptLog log = new KeptLog();
  private final KeyScan scan = new KeyScan(Topics.EVENTS, log.consumer());
  private long nanos;

  @AfterEach
  void close() {
    scan.close();
  }

  private static Event event(String id, String hook) {
    return Event.newBuilder()
        .setId(id)
        .setHookId(hook)
        .setOwnerId("owner-1")
        .setService("github")
        .setAction("issue_opened")
        .setTime(NOW)
        .setReceivedAt(NOW)
        .setSource(EventSource.WEBHOOK)
        .setPayload(ByteBuffer.wrap("{\"n\":\"%s\"}".formatted(id).getBytes(UTF_8)))
        .build();
  }

  private static Event event(String id) {
    return event(id, HOOK);
  }

  /** Keeps an event, which arrived so many minutes after the hour. */
  private long keep(Event event, int minutes) {
    return log.append(
        EVENTS,
        PARTITION,
        event.getHookId().getBytes(UTF_8),
        serdes.values(Topics.EVENTS).serializer().serialize(EVENTS, event),
        CloudEvents.headers(event),
        NOW.plus(Duration.ofMinutes(minutes)));
  }

  private static RequestBody.Replay body(
      int fromMinutes, int toMinutes, List<String> ids, @Nullable String when, int perSecond) {
    return new RequestBody.Replay(
        UUID.randomUUID().toString(),
        "area-1",
        HOOK,
        7,
        NOW.plus(Duration.ofMinutes(fromMinutes)),
        NOW.plus(Duration.ofMinutes(toMinutes)),
        ids,
        when,
        true,
        perSecond,
        null,
        null,
        null,
        null);
  }

  private Going live(RequestBody.Replay body) {
    return live(Replay.asked(body, "owner-1", NOW));
  }

  private Going live(Replay replay) {
    return new Going(
        replay,
        new HookReplay(
            replay, new ReplayedEvents(replay.progress(), EXPRESSIONS, serdes), scan, nanos));
  }

  /** A replay, and how it stands. */
  private static final class Going {
    private Replay replay;
    private final LiveReplay live;

    Going(Replay replay, LiveReplay live) {
      this.replay = replay;
      this.live = live;
    }
  }

  private LiveReplay.Turn turn(Going going) {
    LiveReplay.Turn turn = going.live.turn(going.replay, Integer.MAX_VALUE, nanos, NOW);
    going.replay = turn.replay();
    return turn;
  }

  /** Lets it go on to its end; gives the ids of what it wrote. */
  private List<String> writtenBy(Going live) {
    List<String> written = new ArrayList<>();
    LiveReplay.Turn turn = turn(live);
    for (int turns = 0; turn.replay().isLive() && turns < 1_000; turns++) {
      written.addAll(ids(turn));
      nanos += Duration.ofSeconds(1).toNanos();
      turn = turn(live);
    }
    written.addAll(ids(turn));
    assertThat(turn.replay().progress().getStatus()).isEqualTo(ReplayStatus.FINISHED);
    return written;
  }

  private List<String> ids(LiveReplay.Turn turn) {
    return turn.written().stream().map(this::written).map(Event::getId).toList();
  }

  private Event written(ProducerRecord<byte[], byte[]> record) {
    return serdes.values(Topics.EVENTS).deserializer().deserialize(EVENTS, record.value());
  }

  @Test
  void theEventsOfTheRangeAreWrittenInTheirOrderForTheAreaAndGeneration() {
    // given
    keep(event("before"), 0);
    keep(event("e1"), 1);
    keep(event("other", "hook-2"), 1);
    log.marker(EVENTS, PARTITION);
    keep(event("e2"), 2);
    keep(event("after"), 3);
    RequestBody.Replay body = body(1, 3, List.of(), null, 100);
    Going live = live(body);

    // when
    LiveReplay.Turn first = turn(live);
    List<String> rest = writtenBy(live);

    // then
    assertThat(rest).containsExactly("e2");
    assertThat(first.written()).hasSize(1);
    ProducerRecord<byte[], byte[]> record = first.written().getFirst();
    assertThat(record.topic()).isEqualTo(EVENTS);
    assertThat(new String(record.key(), UTF_8)).isEqualTo(HOOK);
    assertThat(record.headers().lastHeader(CloudEvents.GENERATION_HEADER).value())
        .isEqualTo("7".getBytes(UTF_8));
    assertThat(written(record))
        .isEqualTo(
            Event.newBuilder(event("e1"))
                .setGeneration(7)
                .setOnlyArea("area-1")
                .setReplayId(body.replayId())
                .setForced(true)
                .build());
  }

  @Test
  void whatWasReplayedIsNotReplayedAgain() {
    // given
    keep(event("e1"), 1);
    keep(Event.newBuilder(event("e1")).setGeneration(1).setOnlyArea("area-1").build(), 1);

    // when
    List<String> written = writtenBy(live(body(0, 60, List.of(), null, 100)));

    // then
    assertThat(written).containsExactly("e1");
  }

  @Test
  void whatDoesNotHoldOrCannotBeReadIsSkipped() {
    // given
    keep(event("e1"), 1);
    keep(event("e2"), 1);
    keep(Event.newBuilder(event("e1")).setOwnerId("owner-2").build(), 1);
    log.append(
        EVENTS,
        PARTITION,
        HOOK.getBytes(UTF_8),
        new byte[] {1},
        new RecordHeaders(),
        NOW.plusSeconds(60));
    Going live = live(body(0, 60, List.of(), "event.n == 'e1' && meta.id == 'e1'", 100));

    // when
    List<String> written = writtenBy(live);

    // then
    assertThat(written).containsExactly("e1");
    assertThat(turn(live).replay().progress().getSkipped()).isEqualTo(3);
    assertThat(turn(live).replay().progress().getSent()).isEqualTo(1);
  }

  @Test
  void eventsAreFoundByTheirIdsAndThenItEnds() {
    // given
    keep(event("e1"), 1);
    keep(event("e2"), 1);
    keep(event("e3"), 1);
    keep(event("e4"), 1);
    Going live = live(body(0, 60, List.of("e3", "e2"), null, 100));

    // when
    List<String> written = writtenBy(live);

    // then
    assertThat(written).containsExactly("e2", "e3");
    assertThat(turn(live).replay().progress().getSkipped()).isZero();
  }

  @Test
  void noMoreAreWrittenThanItsPaceLetsThrough() {
    // given
    for (int i = 0; i < 20; i++) {
      keep(event("e" + i), 1);
    }
    Going live = live(body(0, 60, List.of(), null, 5));
    int first = turn(live).written().size();

    // when
    int atOnce = turn(live).written().size();
    nanos += Duration.ofMillis(400).toNanos();
    int later = turn(live).written().size();

    // then
    assertThat(first).isEqualTo(1);
    assertThat(atOnce).isZero();
    assertThat(later).isEqualTo(2);
  }

  @Test
  void noMoreAreWrittenThanMayWait() {
    // given
    for (int i = 0; i < 20; i++) {
      keep(event("e" + i), 1);
    }
    Going live = live(body(0, 60, List.of(), null, 100));
    turn(live);
    nanos += Duration.ofSeconds(1).toNanos();

    // when
    int written = live.live.turn(live.replay, 3, nanos, NOW).written().size();

    // then
    assertThat(written).isEqualTo(3);
  }

  @Test
  void whoTakesOverGoesOnWhereTheLastTurnEnded() {
    // given
    for (int i = 0; i < 5; i++) {
      keep(event("e" + i), 1);
    }
    Replay reached = turn(live(body(0, 60, List.of(), null, 1))).replay();

    // when
    List<String> written = writtenBy(live(reached));

    // then
    assertThat(reached.progress().getSent()).isEqualTo(1);
    assertThat(written).containsExactly("e1", "e2", "e3", "e4");
  }

  @Test
  void whatIsNotKeptAnyMoreIsPassedOver() {
    // given
    for (int i = 0; i < 4; i++) {
      keep(event("e" + i), 1);
    }
    Replay reached = turn(live(body(0, 60, List.of(), null, 1))).replay();
    log.drop(EVENTS, PARTITION, 3);

    // when
    List<String> written = writtenBy(live(reached));

    // then
    assertThat(written).containsExactly("e3");
  }

  @Test
  void whereNothingCameItEndsAtOnce() {
    // given
    keep(event("before"), 0);

    // when
    LiveReplay.Turn turn = turn(live(body(1, 60, List.of(), null, 1)));

    // then
    assertThat(turn.written()).isEmpty();
    assertThat(turn.replay().progress().getStatus()).isEqualTo(ReplayStatus.FINISHED);
  }

  @Test
  void itStopsAfterManyEventsUntilItIsResumed() {
    // given
    keep(event("e0"), 1);
    keep(event("e1"), 1);
    Replay nearly =
        Replay.asked(body(0, 60, List.of(), null, 1), "owner-1", NOW)
            .placed(0, 2, NOW)
            .reached(0, Replay.MOST_EVENTS - 1, 0, NOW);

    // when
    Replay stopped = turn(live(nearly)).replay();

    // then
    assertThat(stopped.progress().getStatus()).isEqualTo(ReplayStatus.FAILED);
    assertThat(stopped.progress().getError().orElseThrow()).contains("resume it");
    assertThat(writtenBy(live(stopped.resumed(NOW.plusSeconds(1), NOW)))).containsExactly("e1");
  }

  @Test
  void aConditionThatIsNoneIsRefused() {
    // given
    RequestBody.Replay body = body(0, 60, List.of(), "event.", 1);

    // then
    assertThatThrownBy(() -> live(body)).isInstanceOf(InvalidExpressionException.class);
  }

  @Test
  void whatIsAskedOfAReplayChangesItOnce() {
    // given
    Replay live = Replay.asked(body(0, 60, List.of(), null, 1), "owner-1", NOW);
    Replay cancelled = live.cancelled(NOW.plusSeconds(1), NOW);

    // then
    assertThat(cancelled.progress().getStatus()).isEqualTo(ReplayStatus.CANCELLED);
    assertThat(cancelled.knows(NOW.plusSeconds(1))).isTrue();
    assertThat(cancelled.knows(NOW.plusSeconds(2))).isFalse();
    assertThat(cancelled.cancelled(NOW.plusSeconds(2), NOW)).isEqualTo(cancelled);
    assertThat(live.resumed(NOW.plusSeconds(2), NOW)).isEqualTo(live);
    assertThat(cancelled.resumed(NOW.plusSeconds(2), NOW).isLive()).isTrue();
    Replay finished = live.finished(NOW);
    assertThat(finished.resumed(NOW.plusSeconds(2), NOW)).isEqualTo(finished);
    assertThat(finished.cancelled(NOW.plusSeconds(2), NOW)).isEqualTo(finished);
  }
}
