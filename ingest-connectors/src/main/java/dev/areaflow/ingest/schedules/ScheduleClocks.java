package dev.areaflow.ingest.schedules;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.ingest.schedules.Schedule.Due;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
 * Keeps the schedules of clock hooks and fires what is due. State and events are one transaction,
 * so each instant fires once whatever restarts in between.
 */
final class ScheduleClocks implements Processor<String, byte[], String, SpecificRecord> {
  static final String NODE = "schedule-clocks";
  static final String SCHEDULES = "schedules";
  static final String DUE = "due";
  static final String EVENTS = "events";
  static final String DEAD_LETTERS = "dead-letters";

  /** How often is looked for due clocks. */
  static final Duration SCAN = Duration.ofMillis(200);

  /**
   * How long after a task starts, or wakes up, nothing fires: wall-clock punctuation comes before
   * the records that wait in the topic, and one of them may disable what would fire.
   */
  static final Duration SETTLE = Duration.ofSeconds(1);

  /**
   * A pause between scans that is longer is a downtime, though the process may only have slept:
   * what was due in it was missed.
   */
  static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Most clocks of one scan, so that a transaction stays small; the next scan goes on. */
  private static final int MOST_PER_SCAN = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(ScheduleClocks.class);

  private final Function<HookRow, Optional<ClockSchedule>> clocks;
  private final Deserializer<HookRow> rows;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, Schedule> schedules;
  private DueIndex due;
  private Instant runningSince;
  private Instant scannedAt;

  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  ScheduleClocks(Function<HookRow, Optional<ClockSchedule>> clocks, Deserializer<HookRow> rows) {
    this.clocks = clocks;
    this.rows = rows;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.schedules = context.getStateStore(SCHEDULES);
    this.due = new DueIndex(context.getStateStore(DUE));
    this.runningSince = Instant.ofEpochMilli(context.currentSystemTimeMs());
    this.scannedAt = runningSince;
    context.schedule(
        SCAN, PunctuationType.WALL_CLOCK_TIME, time -> fireDue(Instant.ofEpochMilli(time)));
  }

  @Override
  public void process(Record<String, byte[]> record) {
    try {
      @Nullable HookRow row = rows.deserialize(Topics.HOOKS.name(), record.value());
      if (row == null) {
        forget(record.key());
        return;
      }
      Optional<ClockSchedule> clock = clocks.apply(row);
      if (clock.isPresent()) {
        remember(row, clock.get(), Instant.ofEpochMilli(record.timestamp()));
      }
    } catch (RuntimeException e) {
      if (DeadLetters.comesFromOutside(e)) {
        throw e;
      }
      context.forward(DeadLetters.of(context, NODE, record, e), DEAD_LETTERS);
    }
  }

  private void remember(HookRow row, ClockSchedule clock, Instant readAt) {
    @Nullable Schedule stored = schedules.get(row.id());
    if (stored == null || row.version() > stored.hook().version()) {
      replace(row.id(), stored, Schedule.of(stored, row, clock, readAt));
    }
  }

  private void forget(String hookId) {
    @Nullable Schedule stored = schedules.delete(hookId);
    if (stored != null && stored.next() != null) {
      due.remove(stored.next(), hookId);
    }
  }

  private void replace(String hookId, @Nullable Schedule stored, Schedule schedule) {
    if (stored != null && stored.next() != null) {
      due.remove(stored.next(), hookId);
    }
    schedules.put(hookId, schedule);
    if (schedule.next() != null) {
      due.add(schedule.next(), hookId);
    }
  }

  private void fireDue(Instant now) {
    if (now.isAfter(scannedAt.plus(LONGEST_PAUSE))) {
      runningSince = now;
    }
    scannedAt = now;
    if (now.isBefore(runningSince.plus(SETTLE))) {
      return;
    }
    for (DueIndex.Entry entry : due.until(now, MOST_PER_SCAN)) {
      fireDue(entry, now);
    }
  }

  /** What is due of one clock. All that can fail because of it comes before the first effect. */
  private void fireDue(DueIndex.Entry entry, Instant now) {
    @Nullable Schedule stored = null;
    Due fired;
    List<Record<String, SpecificRecord>> events;
    try {
      stored = schedules.get(entry.hookId());
      if (stored == null || stored.next() == null) {
        due.remove(entry.due(), entry.hookId());
        return;
      }
      HookRow hook = stored.hook();
      fired = stored.due(clock(hook), runningSince, now);
      events = fired.instants().stream().map(instant -> event(hook, instant, now)).toList();
    } catch (RuntimeException e) {
      if (DeadLetters.comesFromOutside(e)) {
        throw e;
      }
      giveUp(entry, stored, now, e);
      return;
    }
    events.forEach(event -> context.forward(event, EVENTS));
    replace(entry.hookId(), stored, fired.rest());
  }

  private ClockSchedule clock(HookRow hook) {
    return clocks
        .apply(hook)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    hook.service() + "." + hook.action() + " is no clock any more"));
  }

  /** The clock is silent until the next row of its hook, so that all others go on. */
  private void giveUp(
      DueIndex.Entry entry, @Nullable Schedule stored, Instant now, RuntimeException cause) {
    LOG.error("hook {} cannot be fired and is silent until it changes", entry.hookId(), cause);
    due.remove(entry.due(), entry.hookId());
    if (stored != null) {
      replace(entry.hookId(), stored, new Schedule(stored.hook(), stored.after(), null));
    }
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setTopic(Topics.HOOKS.name())
            .setPartition(context.taskId().partition())
            .setOffset(-1) // no record is at hand: its hook's row was read long ago
            .setTimestamp(entry.due())
            .setKey(ByteBuffer.wrap(entry.hookId().getBytes(StandardCharsets.UTF_8)))
            .setCause(DeadLetters.cause(cause))
            .setWhere(SchedulesTopology.APPLICATION + "/" + NODE)
            .setAt(now)
            .build();
    context.forward(
        new Record<>(
            Topics.HOOKS.name() + "-" + entry.hookId(),
            (SpecificRecord) letter,
            now.toEpochMilli()),
        DEAD_LETTERS);
  }

  private static Record<String, SpecificRecord> event(HookRow hook, Instant instant, Instant now) {
    byte[] payload =
        JsonNodeFactory.instance
            .objectNode()
            .put("scheduledAt", instant.toString())
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    Event event =
        Event.newBuilder()
            .setId(instant.toString())
            .setHookId(hook.id())
            .setOwnerId(hook.ownerId())
            .setService(hook.service())
            .setAction(hook.action())
            .setTime(instant)
            .setReceivedAt(now)
            .setSource(EventSource.CLOCK)
            .setPayload(ByteBuffer.wrap(payload))
            .build();
    return new Record<>(hook.id(), event, now.toEpochMilli(), CloudEvents.headers(event));
  }
}
