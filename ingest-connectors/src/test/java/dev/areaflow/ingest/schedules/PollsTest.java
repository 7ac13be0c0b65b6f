package dev.areaflow.ingest.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollItem;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.avro.PollStatus;
import dev.areaflow.schemas.avro.PollVerdict;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PollsTest {
  private static final Instant START = Instant.parse("2026-03-02T10:00:30Z");
  private static final String HOOK = "0197a6f0-0000-7000-8000-000000000001";
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration WHILE_SUBSCRIBED = Duration.ofMinutes(15);
  private static final Duration SHORT = ScheduleClocks.SCAN;
  private static final Duration LONG = Duration.ofMinutes(2);

  private final LocalSerdes serdes = new LocalSerdes();
  @TempDir private Path stateDir;
  private final List<Poll> polls = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final List<PollStatus> statuses = new ArrayList<>();
  private Instant now = START;
  private Duration every = EVERY;
  private boolean isPolled = true;
  private FilesInMemory files;
  private TopologyTestDriver driver;
  private TestInputTopic<String, byte[]> hooks;
  private TestInputTopic<String, byte[]> results;
  private TestInputTopic<String, byte[]> wakes;
  private TestOutputTopic<String, Poll> pollTopic;
  private TestOutputTopic<String, Event> eventTopic;
  private TestOutputTopic<String, DeadLetter> deadLetterTopic;
  private TestOutputTopic<String, PollStatus> statusTopic;

  @BeforeEach
  void open() {
    Properties properties = new Properties();
    properties.putAll(
        Schedules.properties(
            new TopicSettings("localhost:9092", "http://localhost:8081/apis/registry/v3", 4, 1, 1),
            stateDir));
    files = new FilesInMemory();
    files.configure(properties);
    driver =
        new TopologyTestDriver(
            new SchedulesTopology(
                    row -> Optional.empty(),
                    row ->
                        Optional.of(row.subscribed() ? WHILE_SUBSCRIBED : every)
                            .filter(_ -> isPolled),
                    serdes)
                .build(new StreamsConfig(properties)),
            properties,
            now);
    hooks = input(Topics.HOOKS.name());
    results = input(Topics.POLL_RESULTS.name());
    wakes = input(Topics.WAKES.name());
    pollTopic =
        driver.createOutputTopic(
            Topics.POLLS.name(),
            new StringDeserializer(),
            serdes.values(Topics.POLLS).deserializer());
    eventTopic =
        driver.createOutputTopic(
            Topics.EVENTS.name(),
            new StringDeserializer(),
            serdes.values(Topics.EVENTS).deserializer());
    deadLetterTopic =
        driver.createOutputTopic(
            Topics.DEAD_LETTERS.name(),
            new StringDeserializer(),
            serdes.values(Topics.DEAD_LETTERS).deserializer());
    statusTopic =
        driver.createOutputTopic(
            Topics.POLL_STATUS.name(),
            new StringDeserializer(),
            serdes.values(Topics.POLL_STATUS).deserializer());
  }

  @AfterEach
  void close() {
    driver.close();
    files.close();
  }

  @Test
  void theFirstAnswerOnlySaysWhatIsOld() {
    // given
    hook(1, true);

    // when
    Poll poll = nextPoll();
    answer(poll, "a", "b");

    // then
    assertThat(poll.getNumber()).isEqualTo(1);
    assertThat(poll.getCursor()).isEmpty();
    assertThat(poll.getInputs()).isEqualTo("{}");
    assertThat(events).isEmpty();
  }

  @Test
  void eachNewItemIsOneEventInTheAnswersOrder() {
    // given
    primed("a", "b");

    // when
    answer(nextPoll(), "a", "b", "d", "c");
    answer(nextPoll(), "b", "d", "c", "e");

    // then
    assertThat(fired()).containsExactly("d", "c", "e");
    Event first = events.getFirst();
    assertThat(first.getHookId()).isEqualTo(HOOK);
    assertThat(first.getSource()).isEqualTo(EventSource.POLL);
    assertThat(StandardCharsets.UTF_8.decode(first.getPayload()).toString())
        .isEqualTo("{\"id\":\"d\"}");
  }

  @Test
  void anItemThatWasAwayForAWhileIsNotNew() {
    // given
    primed("a", "b");

    // when
    answer(nextPoll(), "b");
    answer(nextPoll(), "a", "b");

    // then
    assertThat(fired()).isEmpty();
  }

  @Test
  void anAnswerAsLongAsItMayBeIsRememberedWhole() {
    // given
    String[] ids = IntStream.range(0, 1_000).mapToObj(i -> "id" + i).toArray(String[]::new);
    primed(ids);
    for (int round = 0; round < 3; round++) {
      int from = round * 1_000;
      Stream<String> others = IntStream.range(from, from + 500).mapToObj(i -> "other" + i);
      answer(nextPoll(), Stream.concat(others, Stream.of(ids).limit(500)).toArray(String[]::new));
    }
    events.clear();

    // when
    answer(nextPoll(), Stream.of(ids).limit(500).toArray(String[]::new));

    // then
    assertThat(fired()).isEmpty();
  }

  @Test
  void theCursorAndEntityTagOfAnAnswerGoIntoTheNextPoll() {
    // given
    hook(1, true);
    Poll first = nextPoll();

    // when
    result(found(first, "a").setCursor("c1").setEtag("\"v1\""));
    Poll second = nextPoll();
    result(base(second, PollVerdict.NOT_MODIFIED));
    Poll third = nextPoll();

    // then
    assertThat(second.getCursor()).contains("c1");
    assertThat(third.getCursor()).contains("c1");
    assertThat(third.getEtag()).contains("\"v1\"");
  }

  @Test
  void aChangeIsOneEventAlthoughItsPollIsCarriedOutTwice() {
    // given
    hook(1, true);
    result(found(nextPoll()).setCursor("1"));
    Poll poll = nextPoll();

    // when
    result(found(poll, poll.getNumber() + "-2").setCursor("2"));
    result(found(poll, poll.getNumber() + "-3").setCursor("3"));
    Poll next = nextPoll();
    result(found(next, next.getNumber() + "-3").setCursor("3"));

    // then
    assertThat(next.getCursor()).contains("2");
    assertThat(fired()).containsExactly("2-2", "3-3");
  }

  @Test
  void aResultThatComesTwiceChangesNothing() {
    // given
    primed("a");
    Poll poll = nextPoll();

    // when
    answer(poll, "a", "b");
    answer(poll, "a", "b", "c");

    // then
    assertThat(fired()).containsExactly("b");
  }

  @Test
  void aPollWithoutResultIsIssuedAgainAndItsLateResultChangesNothing() {
    // given
    primed("a");
    Poll lost = nextPoll();

    // when
    Poll again = nextPoll();
    answer(lost, "a", "late");
    answer(again, "a", "b");

    // then
    assertThat(again.getNumber()).isEqualTo(lost.getNumber() + 1);
    assertThat(again.getNotAfter()).isAfterOrEqualTo(lost.getNotAfter().plus(PollState.DEADLINE));
    assertThat(fired()).containsExactly("b");
  }

  @Test
  void aResultThatStartedFromAnotherCursorChangesNothing() {
    // given
    primed("a");
    Poll poll = nextPoll();

    // when
    result(found(poll, "b").setStartedFrom("another"));

    // then
    assertThat(fired()).isEmpty();
  }

  @Test
  void pagesAreAppliedInOrderAndOnceEach() {
    // given
    primed("a");
    Poll poll = nextPoll();

    // when
    result(found(poll, "c").setPage(1).setPages(2));
    result(found(poll, "b").setPages(2).setCursor("c1"));
    result(found(poll, "b").setPages(2).setCursor("c1"));
    result(found(poll, "c").setPage(1).setPages(2).setCursor("c1"));

    // then
    assertThat(fired()).containsExactly("b", "c");
    assertThat(nextPoll().getCursor()).contains("c1");
  }

  @Test
  void pagesOfTheFirstAnswerAreAllOld() {
    // given
    hook(1, true);
    Poll poll = nextPoll();

    // when
    result(found(poll, "a").setPages(2));
    result(found(poll, "b").setPage(1).setPages(2));
    answer(nextPoll(), "a", "b");

    // then
    assertThat(fired()).isEmpty();
  }

  @Test
  void anInvalidCursorIsReplacedWithoutRepeats() {
    // given
    hook(1, true);
    result(found(nextPoll(), "a").setCursor("c1"));

    // when
    result(base(nextPoll(), PollVerdict.INVALID_CURSOR));
    Poll fresh = nextPoll();
    result(found(fresh, "z", "a", "b").setCursor("c2"));
    answer(nextPoll(), "b", "c");

    // then
    assertThat(fresh.getCursor()).isEmpty();
    assertThat(fired()).containsExactly("c");
  }

  @Test
  void afterAnInvalidCursorTheItemsTimesTellWhatIsNew() {
    // given
    hook(1, true);
    result(of(nextPoll(), PollVerdict.FOUND, at("a", 1), at("b", 2)).setCursor("c1"));
    result(of(nextPoll(), PollVerdict.FOUND, at("c", 5)).setCursor("c2"));

    // when
    result(base(nextPoll(), PollVerdict.INVALID_CURSOR));
    Poll fresh = nextPoll();
    result(of(fresh, PollVerdict.FOUND, at("z", 0), at("c", 5), at("d", 5)).setPages(2));
    result(
        of(fresh, PollVerdict.FOUND, at("e", 9), item("timeless"))
            .setPage(1)
            .setPages(2)
            .setCursor("c3"));
    result(of(nextPoll(), PollVerdict.FOUND, at("late", 3)).setCursor("c4"));

    // then
    assertThat(fresh.getCursor()).isEmpty();
    assertThat(fired()).containsExactly("c", "d", "e", "late");
    assertThat(events.getFirst().getTime()).isEqualTo(START.plusSeconds(5));
  }

  @Test
  void afterAPollThatOnlyGaveACursorEachItemIsAnEvent() {
    // given
    hook(1, true);
    result(found(nextPoll()).setCursor("c1"));
    result(of(nextPoll(), PollVerdict.FOUND, at("a", 5)).setCursor("c2"));

    // when
    result(base(nextPoll(), PollVerdict.INVALID_CURSOR));
    Poll fresh = nextPoll();
    result(found(fresh).setCursor("c3"));
    Poll next = nextPoll();
    result(of(next, PollVerdict.FOUND, at("a", 5), at("b", 4), item("c")).setCursor("c4"));

    // then
    assertThat(fresh.getCursor()).isEmpty();
    assertThat(next.getCursor()).contains("c3");
    assertThat(fired()).containsExactly("a", "b", "c");
  }

  @Test
  void pagesOfTwoExecutionsOfOnePollAreNotMixed() {
    // given
    primed("a");
    Poll poll = nextPoll();

    // when
    result(found(poll, "b").setAttempt("one").setPages(2).setCursor("c"));
    result(found(poll, "d").setAttempt("two").setPage(1).setPages(2).setCursor("d"));
    result(found(poll, "b", "c").setAttempt("two").setPages(2).setCursor("d"));
    result(found(poll, "c").setAttempt("one").setPage(1).setPages(2).setCursor("c"));
    result(found(poll, "d").setAttempt("two").setPage(1).setPages(2).setCursor("d"));

    // then
    assertThat(fired()).containsExactly("b", "c", "d");
    assertThat(nextPoll().getCursor()).contains("d");
  }

  /**
   * A provider whose list grows, asked from the newest time less a lookback; polls are carried out
   * twice at different times, stop halfway, get lost and come late, cursors become invalid (odd
   * seeds, without a lookback) or items become visible late (even seeds), and the program restarts.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whateverHappensEachItemIsOneEvent(long seed) {
    // given
    Random random = new Random(seed);
    boolean invalid = seed % 2 == 1;
    Duration lookback = invalid ? Duration.ZERO : Duration.ofMinutes(5);
    Map<PollItem, Instant> visible = new LinkedHashMap<>(); // and from when on
    visible.put(at("old", 0), START);
    hook(1, true);
    execute(nextPoll(), visible, lookback, "first").forEach(this::result);
    List<PollResult.Builder> late = new ArrayList<>();

    // when
    for (int round = 0; round < 60; round++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        Instant from = invalid ? now : now.plusSeconds(random.nextInt(200));
        visible.put(PollItem.newBuilder(item("item" + visible.size())).setTime(now).build(), from);
      }
      Poll poll = nextPollWithin(Duration.ofHours(3));
      if (invalid && poll.getCursor().isPresent() && random.nextInt(8) == 0) {
        result(base(poll, PollVerdict.INVALID_CURSOR));
        continue;
      }
      List<PollResult.Builder> one = execute(poll, visible, lookback, round + "a");
      pass(Duration.ofSeconds(random.nextInt(20)));
      List<PollResult.Builder> two = execute(poll, visible, lookback, round + "b");
      switch (random.nextInt(5)) {
        case 0 -> late.addAll(one);
        case 1 -> one.subList(0, one.size() - 1).forEach(this::result);
        case 2 -> {
          one.subList(0, random.nextInt(one.size())).forEach(this::result);
          two.forEach(this::result);
          one.forEach(this::result);
        }
        case 3 -> {
          result(base(poll, PollVerdict.RETRYABLE));
          one.forEach(this::result);
        }
        default -> {
          one.forEach(this::result);
          late.forEach(this::result);
        }
      }
      if (random.nextInt(6) == 0) {
        restart();
      }
    }
    pass(lookback);
    for (int i = 0; i < 3; i++) {
      polls.clear();
      execute(nextPollWithin(Duration.ofHours(3)), visible, lookback, "last" + i)
          .forEach(this::result);
    }

    // then
    List<String> expected = visible.keySet().stream().skip(1).map(PollItem::getId).toList();
    assertThat(expected).hasSizeGreaterThan(50);
    if (invalid) {
      assertThat(fired()).containsExactlyElementsOf(expected);
    } else {
      assertThat(fired()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  /** The pages of what the provider answers now, two items each. */
  private List<PollResult.Builder> execute(
      Poll poll, Map<PollItem, Instant> visible, Duration lookback, String attempt) {
    Instant since =
        poll.getCursor().map(cursor -> Instant.parse(cursor).minus(lookback)).orElse(Instant.MIN);
    List<PollItem> found =
        visible.entrySet().stream()
            .filter(item -> !item.getValue().isAfter(now))
            .map(Map.Entry::getKey)
            .filter(item -> !item.getTime().orElseThrow().isBefore(since))
            .toList();
    String next =
        found.isEmpty()
            ? poll.getCursor().orElse(null)
            : found.getLast().getTime().orElseThrow().toString();
    int pages = Math.max(1, (found.size() + 1) / 2);
    return IntStream.range(0, pages)
        .mapToObj(
            page ->
                of(
                        poll,
                        PollVerdict.FOUND,
                        found
                            .subList(page * 2, Math.min(found.size(), page * 2 + 2))
                            .toArray(PollItem[]::new))
                    .setAttempt(attempt)
                    .setPage(page)
                    .setPages(pages)
                    .setCursor(next))
        .toList();
  }

  private static PollItem at(String id, int seconds) {
    return PollItem.newBuilder(item(id)).setTime(START.plusSeconds(seconds)).build();
  }

  private static PollResult.Builder of(Poll poll, PollVerdict verdict, PollItem... items) {
    return base(poll, verdict).setItems(List.of(items));
  }

  @Test
  void failuresMakePausesLongerUpToTheLongest() {
    // given
    primed("a");

    // when
    List<Duration> pauses = new ArrayList<>();
    Poll poll = nextPoll();
    for (int i = 0; i < 9; i++) {
      result(base(poll, PollVerdict.RETRYABLE));
      Instant failedAt = now;
      poll = nextPollWithin(Duration.ofHours(2));
      pauses.add(Duration.between(failedAt, now));
    }

    // then
    assertThat(pauses.get(3)).isGreaterThan(pauses.get(0).plusMinutes(2));
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofMinutes(91)) < 0);
    assertThat(pauses.getLast()).isGreaterThan(Duration.ofMinutes(29));
  }

  @Test
  void theProvidersWaitIsKept() {
    // given
    primed("a");

    // when
    result(found(nextPoll(), "a").setRetryAfterMillis(Duration.ofHours(3).toMillis()));
    Instant before = now;
    nextPollWithin(Duration.ofHours(4));

    // then
    assertThat(Duration.between(before, now)).isGreaterThanOrEqualTo(Duration.ofHours(3));
  }

  @Test
  void aHookThatIsQuietIsPolledMoreSeldomUntilItHasNews() {
    // given
    primed("a");
    for (int i = 0; i < 125; i++) {
      answer(nextPollWithin(Duration.ofMinutes(10)), "a");
    }
    Poll quiet = nextPollWithin(Duration.ofMinutes(10));

    // when
    answer(quiet, "a");
    Instant before = now;
    Poll hit = nextPollWithin(Duration.ofMinutes(10));
    final Duration slow = Duration.between(before, now);
    answer(hit, "a", "b");
    before = now;
    nextPoll();

    // then
    assertThat(slow).isBetween(Duration.ofMinutes(3), Duration.ofMinutes(5));
    assertThat(Duration.between(before, now)).isLessThan(Duration.ofSeconds(91));
  }

  @Test
  void aDisabledHookStopsAndStartsAfreshWhenItIsEnabled() {
    // given
    primed("a");
    Poll inFlight = nextPoll();

    // when
    hook(2, false);
    answer(inFlight, "a", "b");
    pass(Duration.ofMinutes(5));
    final int whileDisabled = polls.size();
    hook(3, true);
    answer(nextPoll(), "a", "b", "c");
    answer(nextPoll(), "c", "d");

    // then
    assertThat(whileDisabled).isZero();
    assertThat(fired()).containsExactly("d");
  }

  @Test
  void anOlderRowAndADeletedHookStartNothing() {
    // given
    primed("a");

    // when
    row(
        new HookRow(
            HOOK,
            "owner",
            "http",
            "new_item",
            "{}",
            1,
            null,
            3,
            true,
            START,
            now,
            null,
            null,
            0,
            false));
    hook(2, true);
    pass(Duration.ofMinutes(5));

    // then
    assertThat(polls).isEmpty();
  }

  @Test
  void aRestartGoesOnWhereItWas() {
    // given
    primed("a");
    Poll poll = nextPoll();

    // when
    restart();
    answer(poll, "a", "b");
    answer(nextPoll(), "a", "b", "c");

    // then
    assertThat(fired()).containsExactly("b", "c");
  }

  @Test
  void hooksMadeTogetherDriftApart() {
    // given
    for (int i = 0; i < 200; i++) {
      row(
          new HookRow(
              "hook-" + i,
              "owner",
              "http",
              "new_item",
              "{}",
              1,
              null,
              1,
              true,
              START,
              null,
              null,
              null,
              0,
              false));
    }
    pass(Duration.ofSeconds(2));
    List<Poll> first = List.copyOf(polls);
    polls.clear();
    first.forEach(poll -> result(base(poll, PollVerdict.FOUND)));

    // when
    int most = 0;
    int all = 0;
    for (int i = 0; i < 100; i++) {
      pass(Duration.ofSeconds(1));
      most = Math.max(most, polls.size());
      all += polls.size();
      polls.clear();
    }

    // then
    assertThat(first).hasSize(200);
    assertThat(all).isGreaterThanOrEqualTo(200);
    assertThat(most).isLessThan(30);
  }

  @Test
  void aWakeMakesItsHookDueAtOnceAndIsNoEvent() {
    // given
    every = Duration.ofMinutes(10);
    primed("a");
    pass(Duration.ofSeconds(10));

    // when
    wake();
    Poll poll = nextPollWithin(Duration.ofSeconds(1));
    answer(poll, "a", "b");

    // then
    assertThat(fired()).containsExactly("b");
  }

  @Test
  void wakesWhileAPollIsInFlightAreOneMorePollAfterIt() {
    // given
    every = Duration.ofMinutes(10);
    primed("a");
    pass(Duration.ofSeconds(10));
    wake();
    Poll inFlight = nextPollWithin(Duration.ofSeconds(1));
    pass(Duration.ofSeconds(10));

    // when
    wake();
    wake();
    wake();
    pass(Duration.ofSeconds(1));
    final int meanwhile = polls.size();
    answer(inFlight, "a");
    answer(nextPollWithin(Duration.ofSeconds(1)), "a");
    pass(PollState.LEAST_PAUSE.minusSeconds(1));

    // then
    assertThat(meanwhile).isZero();
    assertThat(polls).isEmpty();
  }

  @Test
  void aFloodOfWakesMakesNoMorePollsThanTheLeastPauseLets() {
    // given
    every = Duration.ofMinutes(10);
    primed("a");

    // when
    int carriedOut = 0;
    for (int i = 0; i < 300; i++) {
      wake();
      pass(SHORT);
      carriedOut += polls.size();
      List<Poll> issued = List.copyOf(polls);
      polls.clear();
      issued.forEach(poll -> answer(poll, "a"));
    }

    // then
    assertThat(carriedOut).isBetween(10, 12); // in one minute
  }

  @Test
  void afterAWakePollsComeSoonForAWhileAndAgainAfterEachFind() {
    // given
    every = Duration.ofMinutes(10);
    primed("a");
    pass(Duration.ofSeconds(10));
    wake();
    answer(nextPollWithin(Duration.ofSeconds(1)), "a");

    // when
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      Instant before = now;
      Poll poll = nextPollWithin(Duration.ofMinutes(15));
      pauses.add(Duration.between(before, now).toSeconds());
      answer(poll, i < 1 ? new String[] {"a"} : new String[] {"a", "late"});
    }

    // then
    assertThat(fired()).containsExactly("late");
    assertThat(pauses.subList(0, 6)).containsExactly(5L, 10L, 5L, 10L, 20L, 40L);
    assertThat(pauses.getLast()).isGreaterThan(290);
  }

  @Test
  void aWakeDoesNotShortenTheWaitAfterFailuresOrThatOfTheProvider() {
    // given
    primed("a");
    result(base(nextPoll(), PollVerdict.RETRYABLE).setRetryAfterMillis(600_000L));

    // when
    wake();
    pass(Duration.ofMinutes(9));
    final int whileFailing = polls.size();
    result(found(nextPoll(), "a").setRetryAfterMillis(600_000L));
    wake();
    pass(Duration.ofMinutes(9));
    final int whileAskedToWait = polls.size();
    pass(Duration.ofSeconds(70));

    // then
    assertThat(whileFailing).isZero();
    assertThat(whileAskedToWait).isZero();
    assertThat(polls).hasSize(1);
  }

  @Test
  void aWakeOfAHookThatIsDisabledOrUnknownStartsNothing() {
    // given
    wake();
    primed("a");
    hook(2, false);

    // when
    wake();
    pass(Duration.ofMinutes(5));

    // then
    assertThat(polls).isEmpty();
  }

  @Test
  void aHookThatFailsIsPolledAtOnceWhenItsRowChanges() {
    // given
    primed("a");
    for (int i = 0; i < 9; i++) {
      result(base(nextPollWithin(Duration.ofHours(2)), PollVerdict.PERMANENT));
    }

    // when
    hook(2, true);
    answer(nextPollWithin(Duration.ofSeconds(1)), "a", "b");

    // then
    assertThat(fired()).containsExactly("b");
  }

  @Test
  void aHookWhoseRowChangesDuringAPollThatFailsIsPolledOnceMore() {
    // given
    every = Duration.ofMinutes(10);
    primed("a");
    for (int i = 0; i < 9; i++) {
      result(base(nextPollWithin(Duration.ofHours(2)), PollVerdict.PERMANENT));
    }
    Poll inFlight = nextPollWithin(Duration.ofHours(2));

    // when
    hook(2, true);
    pass(PollState.LEAST_PAUSE);
    result(base(inFlight, PollVerdict.PERMANENT));
    answer(nextPollWithin(Duration.ofSeconds(10)), "a", "b");

    // then
    assertThat(fired()).containsExactly("b");
  }

  @Test
  void withAnotherAccountAHookBeginsAnew() {
    // given
    row(row(1, true, "first", 0));
    result(found(nextPoll(), "a").setCursor("of the first"));

    // when
    row(row(2, true, "second", 0));
    Poll poll = nextPollWithin(Duration.ofSeconds(1));
    answer(poll, "x", "y");

    // then
    assertThat(poll.getCursor()).isEmpty();
    assertThat(fired()).isEmpty();
  }

  @Test
  void ofTheFirstAnswerTheNewestThatAreAskedForBecomeEvents() {
    // given
    row(row(1, true, null, 3));
    Poll poll = nextPoll();

    // when
    result(found(poll, "a", "b", "c").setPages(2).setItemsAfter(2));
    result(found(poll, "d", "e").setPage(1).setPages(2));
    answer(nextPoll(), "a", "b", "c", "d", "e", "f");

    // then
    assertThat(fired()).containsExactly("c", "d", "e", "f");
  }

  @Test
  void aFirstAnswerThatIsCarriedOutTwiceMakesEachEventOnceAndNotMore() {
    // given
    row(row(1, true, null, 3));
    Poll poll = nextPoll();

    // when
    result(found(poll, "a", "b").setAttempt("one").setPages(2).setItemsAfter(2));
    restart();
    result(found(poll, "a", "b", "c").setAttempt("two").setPages(2).setItemsAfter(2));
    result(found(poll, "d", "e").setAttempt("two").setPage(1).setPages(2));
    result(found(poll, "c", "d").setAttempt("one").setPage(1).setPages(2));

    // then
    assertThat(fired()).containsExactly("b", "d", "e");
  }

  @Test
  void theFirstItemsAreNotToldAgainWhenAHookStartsAgain() {
    // given
    row(row(1, true, null, 2));
    answer(nextPoll(), "a", "b", "c");
    row(row(2, false, null, 2));

    // when
    row(row(3, true, null, 2));
    answer(nextPoll(), "a", "b", "c", "d");

    // then
    assertThat(fired()).containsExactly("b", "c");
  }

  @Test
  void aFirstAnswerThatIsCutIsNotOverBeforeItsEnd() {
    // given
    row(row(1, true, null, 2));

    // when
    result(found(nextPoll(), "a", "b").setCursor("2").setMessage("more than 2 items"));
    result(
        found(nextPollWithin(Duration.ofSeconds(10)), "c", "d")
            .setCursor("4")
            .setMessage("more than 2 items"));
    result(found(nextPollWithin(Duration.ofSeconds(10)), "e", "f", "g").setCursor("7"));
    result(found(nextPoll(), "h").setCursor("8"));

    // then
    assertThat(fired()).containsExactly("f", "g", "h");
  }

  @Test
  void aListWithoutACursorIsNotGoneThroughByCuts() {
    // given
    hook(1, true);

    // when
    result(found(nextPoll(), "a", "b").setMessage("more than 2 items"));
    result(found(nextPoll(), "b", "c").setMessage("more than 2 items"));

    // then
    assertThat(fired()).containsExactly("c");
  }

  @Test
  void afterAnInvalidCursorAnAnswerThatIsCutRepeatsNothingBeforeItsEnd() {
    // given
    pass(Duration.ofSeconds(20));
    hook(1, true);
    result(of(nextPoll(), PollVerdict.FOUND, at("z", 9)).setCursor("c1"));

    // when
    result(base(nextPoll(), PollVerdict.INVALID_CURSOR));
    result(
        of(nextPoll(), PollVerdict.FOUND, at("a", 1), at("b", 2))
            .setCursor("c2")
            .setMessage("more than 2 items"));
    result(
        of(nextPoll(), PollVerdict.FOUND, at("c", 3), at("z", 9), at("new", 10)).setCursor("c3"));

    // then
    assertThat(fired()).containsExactly("new");
  }

  @Test
  void anItemOfTheFutureHidesNothingAfterAnInvalidCursor() {
    // given
    hook(1, true);
    result(of(nextPoll(), PollVerdict.FOUND, at("wrong", 1_000_000)).setCursor("c1"));
    PollItem real =
        PollItem.newBuilder(item("real")).setTime(now.plus(Duration.ofMinutes(1))).build();

    // when
    result(base(nextPoll(), PollVerdict.INVALID_CURSOR));
    result(of(nextPoll(), PollVerdict.FOUND, real).setCursor("c2"));

    // then
    assertThat(fired()).containsExactly("real");
  }

  @Test
  void aPollThatIsOverBudgetComesLaterAndIsNoFailure() {
    // given
    primed("a");
    statuses.clear();

    // when
    Poll over = nextPoll();
    Instant before = now;
    result(
        base(over, PollVerdict.DEFERRED)
            .setMessage("its budget is used up")
            .setRetryAfterMillis(30_000L));
    Poll again = nextPoll();
    final Duration wait = Duration.between(before, now);
    answer(again, "a", "b");

    // then
    assertThat(wait).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
    assertThat(fired()).containsExactly("b");
    assertThat(statuses).allMatch(status -> status.getFailures() == 0);
  }

  @Test
  void aResultThatCannotBeReadIsADeadLetter() {
    // when
    results.pipeInput(new TestRecord<>(HOOK, new byte[] {1, 2, 3}, now));
    drain();

    // then
    assertThat(deadLetters)
        .singleElement()
        .satisfies(letter -> assertThat(letter.getTopic()).isEqualTo("area.poll-results"));
  }

  @Test
  void theFirstResultTheFirstFailureAndTheRecoveryAreToldAtOnce() {
    // given
    hook(1, true);
    answer(nextPoll(), "a");
    Instant first = now;

    // when
    result(base(nextPoll(), PollVerdict.RETRYABLE).setMessage("answered with status 503"));
    Instant failed = now;
    result(base(nextPoll(), PollVerdict.PERMANENT).setMessage("answered with status 404"));
    answer(nextPollWithin(Duration.ofMinutes(10)), "a");

    // then
    assertThat(statuses).extracting(PollStatus::getFailures).containsExactly(0, 1, 2, 0);
    assertThat(statuses.getFirst().getLastPolledAt()).contains(first);
    assertThat(statuses.getFirst().getLastFailure()).isEmpty();
    PollStatus failure = statuses.get(1);
    assertThat(failure.getHookId()).isEqualTo(HOOK);
    assertThat(failure.getLastPolledAt()).contains(failed);
    assertThat(failure.getLastFailure()).contains("answered with status 503");
    assertThat(failure.getNextPollAt().orElseThrow()).isAfter(failed);
    assertThat(statuses.get(2).getLastFailure()).contains("answered with status 404");
    assertThat(statuses.getLast().getLastFailure()).isEmpty();
    assertThat(statuses.getLast().getLastPolledAt()).contains(now);
  }

  @Test
  void aHookThatIsPolledOftenIsToldOfOnceAMinuteAlsoAfterARestart() {
    // given
    every = Duration.ofSeconds(5);
    hook(1, true);
    answer(nextPoll(), "a");
    Instant end = now.plus(Duration.ofMinutes(5));

    // when
    int results = 0;
    while (now.isBefore(end)) {
      answer(nextPoll(), "a", "b" + results++);
      if (results == 10) {
        restart();
      }
    }

    // then
    assertThat(results).isGreaterThan(40);
    assertThat(statuses).hasSizeBetween(5, 7);
    assertThat(statuses.getLast().getNextPollAt()).isPresent();
  }

  @Test
  void aHookThatStopsOrBeginsAnewIsForgottenInWhatIsTold() {
    // given
    hook(1, true);
    result(base(nextPoll(), PollVerdict.RETRYABLE).setMessage("answered with status 503"));
    statuses.clear();

    // when
    hook(2, true);
    List<PollStatus> goesOn = List.copyOf(statuses);
    hook(3, false);
    hook(4, false);
    List<PollStatus> stopped = List.copyOf(statuses);
    hook(5, true);
    answer(nextPoll(), "a");

    // then
    assertThat(goesOn).isEmpty();
    assertThat(stopped).singleElement().isEqualTo(PollStatus.newBuilder().setHookId(HOOK).build());
    assertThat(statuses).hasSize(2);
    assertThat(statuses.getLast().getFailures()).isZero();
  }

  @Test
  void aFailureWithoutWordsOrWithManyIsShownAsItCan() {
    // given
    hook(1, true);

    // when
    result(base(nextPoll(), PollVerdict.RETRYABLE));
    for (int i = 0; i < 2; i++) {
      Poll poll = nextPollWithin(Duration.ofMinutes(10));
      result(base(poll, PollVerdict.RETRYABLE).setMessage("x".repeat(5_000)));
    }

    // then
    assertThat(statuses.getFirst().getLastFailure()).contains("it failed without a reason");
    assertThat(statuses.getLast().getLastFailure().orElseThrow()).hasSize(1_001).endsWith("…");
  }

  @Test
  void aSubscribedHookIsPolledMoreSeldomAndAtOnceWhenItIsNotAnyMore() {
    // given
    primed("a");
    subscribed(2, true);
    result(found(nextPoll(), "a", "b").setCursor("c1"));
    final Instant polled = now;

    // when
    Poll filling = nextPollWithin(Duration.ofMinutes(61));
    final Duration slow = Duration.between(polled, now);
    result(found(filling, "b", "c").setCursor("c2"));
    pass(Duration.ofMinutes(3));
    assertThat(polls).isEmpty();
    subscribed(3, false);
    Poll atOnce = nextPollWithin(SHORT.multipliedBy(2));
    answer(atOnce, "b", "c", "d");

    // then
    assertThat(slow).isBetween(Duration.ofMinutes(7), Duration.ofMinutes(23));
    assertThat(filling.getCursor()).contains("c1");
    assertThat(atOnce.getCursor()).contains("c2");
    assertThat(fired()).containsExactly("b", "c", "d");
  }

  @Test
  void aPollInFlightIsWaitedForWhenTheSubscriptionIsLost() {
    // given
    primed("a");
    subscribed(2, true);
    Poll inFlight = nextPoll();

    // when
    subscribed(3, false);
    pass(SHORT.multipliedBy(2));
    final int others = polls.size();
    answer(inFlight, "a", "b");
    nextPoll();

    // then
    assertThat(others).isZero();
    assertThat(fired()).containsExactly("b");
  }

  @Test
  void whatShouldHaveBeenDeliveredIsToldAtOnceButNotWhatWasJustNow() {
    // given
    hook(1, true);
    result(base(nextPoll(), PollVerdict.FOUND));
    result(base(nextPoll(), PollVerdict.FOUND).setItems(List.of(happened("polled", 600))));
    subscribed(2, true);

    // when
    Poll poll = nextPollWithin(Duration.ofMinutes(61));
    Instant late = now.minusSeconds(400);
    result(
        base(poll, PollVerdict.FOUND)
            .setPages(2)
            .setItems(
                List.of(happened("polled", 900), happened("later", 500), happened("late", 400))));
    final PollStatus told = statuses.getLast();
    result(
        base(poll, PollVerdict.FOUND)
            .setPage(1)
            .setPages(2)
            .setItems(List.of(happened("new", 20))));

    // then
    assertThat(fired()).containsExactly("polled", "later", "late", "new");
    assertThat(told.getLateItemAt()).contains(late);
    assertThat(statuses.stream().filter(status -> status.getLateItemAt().isPresent())).hasSize(1);
  }

  @Test
  void aHookThatLosesItsConnectionIsNotPolledAnyMoreUntilItHasOneAgain() {
    // given
    primed("a");
    Poll inFlight = nextPoll();

    // when
    isPolled = false;
    hook(2, true);
    answer(inFlight, "a", "b");
    pass(Duration.ofMinutes(3));
    final int without = polls.size();
    isPolled = true;
    hook(3, true);
    answer(nextPoll(), "a", "b", "c");
    answer(nextPoll(), "a", "b", "c", "d");

    // then
    assertThat(without).isZero();
    assertThat(fired()).containsExactly("d");
  }

  @Test
  void eventsWithCanonicalIdsSaySo() {
    // given
    primed("a");

    // when
    result(found(nextPoll(), "a", "b"));
    result(found(nextPoll(), "a", "c").setCanonical(true));

    // then
    assertThat(events).extracting(Event::getCanonical).containsExactly(false, true);
  }

  private PollItem happened(String id, int secondsAgo) {
    return PollItem.newBuilder(item(id)).setTime(now.minusSeconds(secondsAgo)).build();
  }

  private void primed(String... ids) {
    hook(1, true);
    answer(nextPoll(), ids);
    events.clear();
  }

  private Poll nextPoll() {
    return nextPollWithin(LONG);
  }

  /** Passes time until a poll is issued, and takes it. */
  private Poll nextPollWithin(Duration most) {
    Instant end = now.plus(most);
    Duration step = most.compareTo(Duration.ofHours(1)) > 0 ? Duration.ofSeconds(5) : SHORT;
    while (polls.isEmpty() && now.isBefore(end)) {
      pass(step, step);
    }
    assertThat(polls).hasSize(1);
    return polls.removeFirst();
  }

  private void answer(Poll poll, String... ids) {
    result(found(poll, ids));
  }

  private static PollResult.Builder found(Poll poll, String... ids) {
    return base(poll, PollVerdict.FOUND).setItems(Stream.of(ids).map(PollsTest::item).toList());
  }

  private static PollItem item(String id) {
    return PollItem.newBuilder()
        .setId(id)
        .setPayload(ByteBuffer.wrap(("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  private static PollResult.Builder base(Poll poll, PollVerdict verdict) {
    return PollResult.newBuilder()
        .setHookId(poll.getHookId())
        .setNumber(poll.getNumber())
        .setStartedFrom(poll.getCursor().orElse(null))
        .setVerdict(verdict);
  }

  private void result(PollResult.Builder result) {
    PollResult built = result.build();
    results.pipeInput(
        new TestRecord<>(
            built.getHookId(),
            serdes.values(Topics.POLL_RESULTS).serializer().serialize("", built),
            now));
    drain();
  }

  private void hook(long version, boolean enabled) {
    row(row(version, enabled, null, 0));
  }

  private void subscribed(long version, boolean subscribed) {
    row(row(version, true, null, 0, subscribed));
  }

  private static HookRow row(
      long version, boolean enabled, @Nullable String connection, int firstItems) {
    return row(version, enabled, connection, firstItems, false);
  }

  private static HookRow row(
      long version,
      boolean enabled,
      @Nullable String connection,
      int firstItems,
      boolean subscribed) {
    return new HookRow(
        HOOK,
        "owner",
        "http",
        "new_item",
        "{}",
        1,
        null,
        version,
        enabled,
        START,
        null,
        null,
        connection,
        firstItems,
        subscribed);
  }

  private void wake() {
    Wake wake = Wake.newBuilder().setHookId(HOOK).setReceivedAt(now).build();
    wakes.pipeInput(
        new TestRecord<>(HOOK, serdes.values(Topics.WAKES).serializer().serialize("", wake), now));
    drain();
  }

  private void row(HookRow row) {
    hooks.pipeInput(
        new TestRecord<>(
            row.id(), serdes.values(Topics.HOOKS).serializer().serialize("", row), now));
    drain();
  }

  private void pass(Duration duration) {
    pass(duration, SHORT);
  }

  private void pass(Duration duration, Duration step) {
    for (Instant end = now.plus(duration); now.isBefore(end); ) {
      now = now.plus(step);
      driver.advanceWallClockTime(step);
      drain();
    }
  }

  private void restart() {
    Map<Object, Object> states = contents(SchedulePolls.STATES);
    Map<Object, Object> due = contents(SchedulePolls.DUE);
    Map<Object, Object> reports = contents(PollReports.STORE);
    close();
    open();
    states.forEach(driver.getKeyValueStore(SchedulePolls.STATES)::put);
    due.forEach(driver.getKeyValueStore(SchedulePolls.DUE)::put);
    reports.forEach(driver.getKeyValueStore(PollReports.STORE)::put);
  }

  private Map<Object, Object> contents(String store) {
    Map<Object, Object> contents = new HashMap<>();
    KeyValueStore<Object, Object> stored = driver.getKeyValueStore(store);
    try (var all = stored.all()) {
      while (all.hasNext()) {
        KeyValue<Object, Object> entry = all.next();
        contents.put(entry.key, entry.value);
      }
    }
    return contents;
  }

  private TestInputTopic<String, byte[]> input(String topic) {
    return driver.createInputTopic(topic, new StringSerializer(), new ByteArraySerializer());
  }

  private List<String> fired() {
    return events.stream().map(Event::getId).toList();
  }

  private void drain() {
    polls.addAll(pollTopic.readValuesToList());
    events.addAll(eventTopic.readValuesToList());
    deadLetters.addAll(deadLetterTopic.readValuesToList());
    statuses.addAll(statusTopic.readValuesToList());
  }
}
