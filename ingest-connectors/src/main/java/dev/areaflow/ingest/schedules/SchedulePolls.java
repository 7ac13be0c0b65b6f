package dev.areaflow.ingest.schedules;

import static java.util.Objects.requireNonNull;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollItem;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.avro.PollStatus;
import dev.areaflow.schemas.avro.PollVerdict;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the schedules, cursors and seen ids of polled hooks, issues polls and turns their results
 * into events. State, events and the next poll are one transaction, and a result counts only for
 * the poll in flight, so each item is one event whatever restarts or comes twice in between.
 */
final class SchedulePolls implements Processor<String, byte[], String, SpecificRecord> {
  static final String NODE = "schedule-polls";
  static final String STATES = "polls";
  static final String DUE = "polls-due";
  static final String ISSUED = "issued-polls";
  static final String STATUS = "poll-status";

  private static final int MOST_PER_SCAN = 500;

  /** After that a delivery does not come any more, or only by its provider's repetition. */
  private static final Duration LATE = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(SchedulePolls.class);

  private final Function<HookRow, Optional<Duration>> polled;
  private final Deserializer<HookRow> rows;
  private final Deserializer<PollResult> results;
  private final Deserializer<Wake> wakes;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, PollState> states;
  private DueIndex due;
  private PollReports reports;
  private Instant runningSince;

  /**
   * @param polled the interval of a hook, empty where it is not polled
   */
  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  SchedulePolls(
      Function<HookRow, Optional<Duration>> polled,
      Deserializer<HookRow> rows,
      Deserializer<PollResult> results,
      Deserializer<Wake> wakes) {
    this.polled = polled;
    this.rows = rows;
    this.results = results;
    this.wakes = wakes;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.states = context.getStateStore(STATES);
    this.due = new DueIndex(context.getStateStore(DUE));
    this.reports = new PollReports(context.getStateStore(PollReports.STORE));
    this.runningSince = now();
    context.schedule(
        ScheduleClocks.SCAN,
        PunctuationType.WALL_CLOCK_TIME,
        time -> issueDue(Instant.ofEpochMilli(time)));
  }

  @Override
  public void process(Record<String, byte[]> record) {
    String topic = context.recordMetadata().orElseThrow().topic();
    boolean isRow = topic.equals(Topics.HOOKS.name());
    try {
      if (isRow) {
        row(record.key(), rows.deserialize(topic, record.value()));
      } else if (topic.equals(Topics.WAKES.name())) {
        wake(wakes.deserialize(topic, record.value()));
      } else {
        result(results.deserialize(topic, record.value()));
      }
    } catch (RuntimeException e) {
      if (DeadLetters.comesFromOutside(e)) {
        throw e;
      }
      if (!isRow) { // a row that cannot be read is buried by the clocks, which read it too
        context.forward(DeadLetters.of(context, NODE, record, e), ScheduleClocks.DEAD_LETTERS);
      }
    }
  }

  private void row(String hookId, @Nullable HookRow row) {
    @Nullable PollState stored = states.get(hookId);
    if (row == null) {
      if (stored != null) {
        replace(hookId, stored, null);
        tell(reports.forget(hookId));
      }
      return;
    }
    boolean newer = stored == null || row.version() > stored.hook().version();
    boolean isPolled = polled.apply(row).isPresent();
    if (newer && (isPolled || stored != null)) {
      PollState next =
          isPolled ? PollState.of(stored, row, now()) : requireNonNull(stored).stopped(row);
      replace(hookId, stored, next);
      if (stored == null || !isPolled || !stored.goesOn(row)) {
        tell(reports.forget(hookId));
      }
    }
  }

  private void wake(@Nullable Wake wake) {
    @Nullable PollState stored = wake == null ? null : states.get(wake.getHookId());
    if (stored != null) {
      PollState next = stored.woken(now());
      if (!next.equals(stored)) { // many wakes are one, and write one state
        replace(stored.hook().id(), stored, next);
      }
    }
  }

  private void issueDue(Instant now) {
    if (now.isBefore(runningSince.plus(ScheduleClocks.SETTLE))) {
      return;
    }
    for (DueIndex.Entry entry : due.until(now, MOST_PER_SCAN)) {
      @Nullable PollState stored = states.get(entry.hookId());
      if (stored == null || stored.due() == null) {
        due.remove(entry.due(), entry.hookId());
      } else if (polled.apply(stored.hook()).isEmpty()) {
        LOG.error("hook {} is not polled any more and is silent until it changes", entry.hookId());
        replace(entry.hookId(), stored, stored.silent());
      } else {
        issue(stored, now);
      }
    }
  }

  private void issue(PollState stored, Instant now) {
    HookRow hook = stored.hook();
    PollState issued = stored.issued(now);
    Poll poll =
        Poll.newBuilder()
            .setHookId(hook.id())
            .setOwnerId(hook.ownerId())
            .setService(hook.service())
            .setAction(hook.action())
            .setInputs(hook.inputs())
            .setConnectionId(hook.connectionId())
            .setNumber(issued.number())
            .setCursor(stored.cursor())
            .setEtag(stored.etag())
            .setLastModified(stored.lastModified())
            .setNotAfter(now.plus(PollState.DEADLINE))
            .build();
    context.forward(new Record<>(hook.id(), (SpecificRecord) poll, now.toEpochMilli()), ISSUED);
    replace(hook.id(), stored, issued);
  }

  private void result(@Nullable PollResult result) {
    @Nullable PollState stored = result == null ? null : states.get(result.getHookId());
    if (result == null || stored == null || !stored.awaits(result)) {
      return; // late, or come twice
    }
    Optional<Duration> every = polled.apply(stored.hook());
    if (every.isEmpty()) {
      return; // its deadline finds that, too
    }
    Instant now = now();
    Duration wait = Duration.ofMillis(result.getRetryAfterMillis().orElse(0L));
    PollState next =
        switch (result.getVerdict()) {
          case FOUND -> found(stored, result, every.get(), wait, now);
          case NOT_MODIFIED -> stored.unchanged(every.get(), wait, now);
          case DEFERRED -> stored.deferred(wait, now);
          case INVALID_CURSOR -> stored.withoutCursor().failed(every.get(), wait, now);
          case RETRYABLE, PERMANENT, UNKNOWN -> {
            LOG.debug(
                "poll of hook {} failed: {}", result.getHookId(), result.getMessage().orElse(""));
            yield stored.failed(every.get(), wait, now);
          }
        };
    replace(result.getHookId(), stored, next);
    @Nullable Instant late = late(stored, result, now);
    boolean isWhole = next.flight() == null && result.getVerdict() != PollVerdict.DEFERRED;
    if (isWhole || late != null) {
      tell(reports.after(next, result.getMessage().orElse(null), late, now));
    }
  }

  /** The newest time of what should have been delivered long ago; null where nothing should. */
  private static @Nullable Instant late(PollState stored, PollResult result, Instant now) {
    if (!stored.hook().subscribed()) {
      return null;
    }
    return fresh(stored, result).stream()
        .flatMap(item -> item.getTime().stream())
        .filter(time -> time.isBefore(now.minus(LATE)))
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  /** What a page has that is an event. */
  private static List<PollItem> fresh(PollState stored, PollResult result) {
    boolean cut = leavesMore(result);
    int after = result.getItemsAfter() + result.getItems().size();
    Set<String> known = new HashSet<>(stored.seen());
    List<PollItem> fresh = new ArrayList<>();
    for (PollItem item : result.getItems()) {
      after--;
      if (known.add(item.getId()) && stored.isNew(item.getTime().orElse(null), after, cut)) {
        fresh.add(item);
      }
    }
    return fresh;
  }

  private void tell(Optional<PollStatus> status) {
    status.ifPresent(
        told ->
            context.forward(
                new Record<>(told.getHookId(), (SpecificRecord) told, now().toEpochMilli()),
                STATUS));
  }

  private PollState found(
      PollState stored, PollResult result, Duration every, Duration wait, Instant now) {
    List<String> ids = new ArrayList<>();
    @Nullable Instant newest = null;
    for (PollItem item : result.getItems()) {
      newest = PollState.later(newest, notAfter(now, item.getTime().orElse(null)));
      ids.add(item.getId());
    }
    List<PollItem> fresh = fresh(stored, result);
    fresh.forEach(
        item ->
            context.forward(
                event(stored.hook(), item, result.getCanonical(), now), ScheduleClocks.EVENTS));
    PollState.Page page = new PollState.Page(ids, newest, fresh.size());
    return result.getPage() + 1 < result.getPages()
        ? stored.paged(result.getAttempt(), result.getPage(), page)
        : stored.done(
            result.getCursor().orElse(null),
            result.getEtag().orElse(null),
            result.getLastModified().orElse(null),
            page,
            leavesMore(result),
            every,
            wait,
            now);
  }

  /** Whether the answer was longer than one poll takes and the next poll goes on behind it. */
  private static boolean leavesMore(PollResult result) {
    return result.getMessage().isPresent() && !result.getCursor().equals(result.getStartedFrom());
  }

  /** A time that an item has by mistake must not make all that comes look old. */
  private static @Nullable Instant notAfter(Instant now, @Nullable Instant time) {
    return time != null && time.isAfter(now) ? now : time;
  }

  private static Record<String, SpecificRecord> event(
      HookRow hook, PollItem item, boolean canonical, Instant now) {
    Event event =
        Event.newBuilder()
            .setId(item.getId())
            .setHookId(hook.id())
            .setOwnerId(hook.ownerId())
            .setService(hook.service())
            .setAction(hook.action())
            .setTime(item.getTime().orElse(now))
            .setReceivedAt(now)
            .setSource(EventSource.POLL)
            .setCanonical(canonical)
            .setPayload(item.getPayload())
            .build();
    return new Record<>(hook.id(), event, now.toEpochMilli(), CloudEvents.headers(event));
  }

  private void replace(String hookId, @Nullable PollState stored, @Nullable PollState next) {
    if (stored != null && stored.due() != null) {
      due.remove(stored.due(), hookId);
    }
    states.put(hookId, next);
    if (next != null && next.due() != null) {
      due.add(next.due(), hookId);
    }
  }

  private Instant now() {
    return Instant.ofEpochMilli(context.currentSystemTimeMs());
  }
}
