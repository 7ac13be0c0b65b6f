package dev.areaflow.ingest.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.FiredEvent;
import dev.areaflow.schemas.avro.ReplayStatus;
import dev.areaflow.schemas.avro.RuleFiring;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.ReplayLine;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a replay writes of what a simulation finds, when, and how far it says it is. */
final class SimulatedReplayTest {
  private static final Instant NOW = Instant.parse("2026-07-01T10:00:00Z");
  private static final Instant FROM = NOW.minus(Duration.ofDays(7));
  private static final String LISTENS =
      "[{\"hookId\":\"hook-1\",\"of\":\"one\"},{\"hookId\":\"hook-2\",\"of\":\"two\"}]";

  private final LocalSerdes serdes = new LocalSerdes();
  private final List<ReplayAhead> begun = new ArrayList<>();
  private volatile @Nullable Backtest simulated;
  private long nanos;

  @AfterEach
  void close() {
    begun.forEach(ReplayAhead::close);
  }

  private static Replay asked(int perSecond, @Nullable String listens) {
    return Replay.asked(
        new RequestBody.Replay(
            "replay-1",
            "area-1",
            "hook-1",
            4,
            FROM,
            NOW,
            List.of(),
            "event.n > 1",
            true,
            perSecond,
            "{\"service\":\"\",\"action\":\"\",\"steps\":[]}",
            listens,
            FROM.minus(Duration.ofHours(1)),
            null),
        "owner-1",
        NOW);
  }

  /** A firing so many seconds after the beginning. */
  private static ReplayLine.Found firing(int second, long read, long skipped, String... ids) {
    List<FiredEvent> events = new ArrayList<>();
    for (String id : ids) {
      events.add(FiredEvent.newBuilder().setId(id).setHookId("hook-1").build());
    }
    Instant at = FROM.plusSeconds(second);
    RuleFiring firing = RuleFiring.newBuilder().setAt(at).setEvents(events).build();
    return new ReplayLine.Found(
        at,
        Event.newBuilder().setHookId("hook-1").setOwnerId("owner-1").setFiring(firing).build(),
        read,
        skipped);
  }

  private static Replayer telling(ReplayLine... lines) {
    return (asked, told) -> List.of(lines).forEach(told);
  }

  private static Replayer threeFirings() {
    return telling(
        new ReplayLine.Begun(20),
        firing(1, 5, 1, "a"),
        firing(1, 5, 1, "b"),
        firing(9, 12, 2, "c"),
        new ReplayLine.Ended(4));
  }

  /** A replay, and how it stands. */
  private final class Going {
    private Replay replay;
    private final SimulatedReplay live;

    Going(Replay replay, Replayer replayer) {
      this.replay = replay;
      Replayer noted =
          (asked, lines) -> {
            simulated = asked;
            replayer.replay(asked, lines);
          };
      ReplayAhead ahead =
          new ReplayAhead(
              noted,
              replay.simulated(),
              replay.progress().getReachedAt(),
              replay.progress().getReachedThen());
      begun.add(ahead);
      this.live = new SimulatedReplay(replay, ahead, serdes, nanos);
    }

    List<Event> turn() {
      LiveReplay.Turn turn = live.turn(replay, Integer.MAX_VALUE, nanos, NOW);
      replay = turn.replay();
      return turn.written().stream().map(SimulatedReplayTest.this::event).toList();
    }

    /** Lets it write so many events, a second after the other. */
    List<Event> written(int count) {
      List<Event> written = new ArrayList<>();
      await()
          .until(
              () -> {
                written.addAll(turn());
                nanos += Duration.ofSeconds(1).toNanos();
                return written.size() >= count;
              });
      return written;
    }

    List<Event> writtenToTheEnd() {
      List<Event> written = new ArrayList<>();
      await()
          .until(
              () -> {
                written.addAll(turn());
                nanos += Duration.ofSeconds(1).toNanos();
                return !replay.isLive();
              });
      return written;
    }
  }

  private Event event(ProducerRecord<byte[], byte[]> record) {
    return serdes
        .values(Topics.EVENTS)
        .deserializer()
        .deserialize(record.topic(), record.headers(), record.value());
  }

  private static List<String> collected(List<Event> events) {
    return events.stream()
        .map(event -> event.getFiring().orElseThrow().getEvents().getFirst().getId())
        .toList();
  }

  @Test
  void eachFiringIsWrittenOnceWithAnIdOfItsOwn() {
    // given
    Going going = new Going(asked(100, null), threeFirings());

    // when
    List<Event> written = going.writtenToTheEnd();

    // then
    assertThat(collected(written)).containsExactly("a", "b", "c");
    assertThat(written).extracting(Event::getId).doesNotHaveDuplicates();
    assertThat(written)
        .allSatisfy(
            event -> {
              assertThat(event.getGeneration()).isEqualTo(4);
              assertThat(event.getOnlyArea()).contains("area-1");
              assertThat(event.getReplayId()).contains("replay-1");
              assertThat(event.getForced()).isTrue();
            });
    var progress = going.replay.progress();
    assertThat(progress.getStatus()).isEqualTo(ReplayStatus.FINISHED);
    assertThat(progress.getSent()).isEqualTo(3);
    assertThat(progress.getSkipped()).isEqualTo(4);
    assertThat(progress.getNext()).isEqualTo(20);
    assertThat(progress.getEnd()).isEqualTo(20);
  }

  @Test
  void whatIsSimulatedIsWhatWasAskedFor() {
    // given
    Going going = new Going(asked(100, LISTENS), threeFirings());

    // when
    going.writtenToTheEnd();

    // then
    Backtest asked = Objects.requireNonNull(simulated);
    assertThat(asked.area().home()).isEqualTo("area-1");
    assertThat(asked.area().listeners()).hasSize(2);
    assertThat(asked.begin()).isEqualTo(FROM.minus(Duration.ofHours(1)));
    assertThat(asked.from()).isEqualTo(FROM);
    assertThat(asked.to()).isEqualTo(NOW);
    assertThat(asked.selection().when()).isEqualTo("event.n > 1");
  }

  @Test
  void whoTakesOverPassesOverWhatWasWritten() {
    // given
    Going first = new Going(asked(1, null), threeFirings());
    List<Event> before = first.written(1);

    // when
    Going second = new Going(first.replay, threeFirings());
    List<Event> after = second.writtenToTheEnd();

    // then
    assertThat(collected(before)).containsExactly("a");
    assertThat(collected(after)).containsExactly("b", "c");
    assertThat(second.replay.progress().getSent()).isEqualTo(3);
    assertThat(second.replay.progress().getSkipped()).isEqualTo(4);
    assertThat(after.getFirst().getId())
        .isEqualTo(new Going(asked(100, null), threeFirings()).writtenToTheEnd().get(1).getId());
  }

  @Test
  void noMoreAreWrittenThanItsPaceLetsThrough() {
    // given
    Going going = new Going(asked(1, null), threeFirings());
    await().until(() -> !going.turn().isEmpty());

    // when
    List<Event> atOnce = going.turn();
    nanos += Duration.ofSeconds(1).toNanos();
    List<Event> later = going.turn();

    // then
    assertThat(atOnce).isEmpty();
    assertThat(collected(later)).containsExactly("b");
    assertThat(going.replay.progress().getNext()).isEqualTo(5);
  }

  @Test
  void ofSeveralHooksTheEventsGoToTheHomeOfTheArea() {
    // given
    Event event =
        Event.newBuilder()
            .setId("e1")
            .setHookId("hook-2")
            .setOwnerId("owner-1")
            .setOf("two")
            .build();
    Replayer replayer =
        telling(
            new ReplayLine.Begun(1),
            new ReplayLine.Found(FROM, event, 1, 0),
            new ReplayLine.Ended(0));
    Going going = new Going(asked(100, LISTENS), replayer);
    List<ProducerRecord<byte[], byte[]>> written = new ArrayList<>();

    // when
    await()
        .until(
            () -> {
              written.addAll(
                  going.live.turn(going.replay, Integer.MAX_VALUE, nanos, NOW).written());
              return !written.isEmpty();
            });

    // then
    assertThat(new String(written.getFirst().key(), UTF_8)).isEqualTo("area-1");
    assertThat(event(written.getFirst()).getId()).isEqualTo("e1");
    assertThat(event(written.getFirst()).getOf()).isEqualTo("two");
  }

  @Test
  void whatNoMessageTakesIsLeftOut() {
    // given
    ReplayLine.Found small = firing(1, 1, 0, "a");
    Event large =
        Event.newBuilder(small.event())
            .setPayload(ByteBuffer.allocate(TopicAdmin.MAX_MESSAGE_BYTES))
            .build();
    Replayer replayer =
        telling(
            new ReplayLine.Begun(3),
            small,
            new ReplayLine.Found(FROM.plusSeconds(2), large, 2, 0),
            firing(3, 3, 0, "c"),
            new ReplayLine.Ended(0));
    Going going = new Going(asked(100, null), replayer);

    // when
    List<Event> written = going.writtenToTheEnd();

    // then
    assertThat(collected(written)).containsExactly("a", "c");
    assertThat(going.replay.progress().getSkipped()).isEqualTo(1);
  }

  @Test
  void theSimulationGoesAheadAsFarAsThereIsRoomAndEndsWithTheReplay() throws Exception {
    // given
    AtomicInteger told = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(1);
    Replayer endless =
        (asked, lines) -> {
          try {
            tellForEver(lines, told);
          } finally {
            ended.countDown();
          }
        };
    Going going = new Going(asked(1, null), endless);
    assertThat(going.written(3)).hasSize(3);
    await().until(() -> told.get() > 250);

    // when
    going.live.close();

    // then
    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(told.get()).isLessThan(300);
  }

  private static void tellForEver(Consumer<ReplayLine> lines, AtomicInteger told) {
    while (true) {
      lines.accept(firing(told.incrementAndGet(), 1, 0, "a"));
    }
  }

  @Test
  void whatWasFoundBeforeABoundWasReachedIsWritten() {
    // given
    Replayer bounded =
        (asked, lines) -> {
          lines.accept(new ReplayLine.Begun(9));
          lines.accept(firing(1, 1, 0, "a"));
          throw new BacktestEndedException("too much");
        };
    Going going = new Going(asked(100, null), bounded);
    List<Event> written = new ArrayList<>();

    // then
    assertThatThrownBy(
            () ->
                await()
                    .until(
                        () -> {
                          written.addAll(going.turn());
                          nanos += Duration.ofSeconds(1).toNanos();
                          return false;
                        }))
        .isInstanceOf(BacktestEndedException.class)
        .hasMessage("too much");
    assertThat(collected(written)).containsExactly("a");
  }

  @Test
  void aSimulationThatBreaksOffEndsTheReplay() {
    // given
    Replayer broken =
        (asked, lines) -> {
          throw new StackOverflowError();
        };
    Going going = new Going(asked(100, null), broken);

    // then
    assertThatThrownBy(
            () ->
                await()
                    .until(
                        () -> {
                          going.turn();
                          return false;
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasCauseInstanceOf(StackOverflowError.class);
  }

  @Test
  void itStopsAfterManyEventsUntilItIsResumed() {
    // given
    Replay nearly = asked(100, null).placed(0, 20, NOW).reached(0, Replay.MOST_EVENTS - 1, 0, NOW);
    Going going = new Going(nearly, threeFirings());
    List<Event> first = going.writtenToTheEnd();
    Replay stopped = going.replay;

    // when
    Going resumed = new Going(stopped.resumed(NOW.plusSeconds(1), NOW), threeFirings());
    List<Event> rest = resumed.writtenToTheEnd();

    // then
    assertThat(stopped.progress().getStatus()).isEqualTo(ReplayStatus.FAILED);
    assertThat(collected(first)).containsExactly("a");
    assertThat(collected(rest)).containsExactly("b", "c");
  }
}
