package dev.areaflow.schemas.topics;

import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.avro.PollStatus;
import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.Topic.Cleanup;
import dev.areaflow.schemas.topics.Topic.Timestamps;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.avro.util.ClassSecurityValidator;

/** The catalogue of topics. A topic's name is written here and nowhere else. */
public final class Topics {
  private static final Duration MONTH = Duration.ofDays(30);
  private static final Duration WEEK = Duration.ofDays(7);

  /** Subscriptions to actions, as change data capture carries them from the table {@code hooks}. */
  public static final Topic<HookRow> HOOKS = compacted("area.hooks", "hook id", HookRow.class);

  /** AREAs with what to execute, as change data capture carries them from {@code areas}. */
  public static final Topic<AreaRow> DEFINITIONS =
      compacted("area.definitions", "area id", AreaRow.class);

  /**
   * What people ask of the running system, as change data capture carries it from {@code requests}.
   */
  public static final Topic<RequestRow> REQUESTS =
      deleted("area.requests", "home", RequestRow.class, WEEK, Timestamps.CREATE);

  /** How far each replay of past events is. In the partition of what asked for it. */
  public static final Topic<ReplayProgress> REPLAY_PROGRESS =
      compacted("area.replay-progress", "replay id", ReplayProgress.class);

  /** Every accepted event; readable as CloudEvents (Kafka binding, binary mode). */
  public static final Topic<Event> EVENTS =
      deleted("area.events", "hook id", Event.class, MONTH, Timestamps.LOG_APPEND);

  /** The time, once a second in each partition. */
  public static final Topic<Tick> TICKS =
      deleted("area.ticks", "partition", Tick.class, Duration.ofDays(1), Timestamps.LOG_APPEND);

  /** Attempts to carry out against third parties. */
  public static final Topic<Command> COMMANDS =
      deleted("area.commands", "command id", Command.class, WEEK, Timestamps.CREATE);

  /**
   * What became of them. By the broker's time, as events are: an executor's clock must not decide
   * which is handled first.
   */
  public static final Topic<Outcome> OUTCOMES =
      deleted("area.outcomes", "home", Outcome.class, WEEK, Timestamps.LOG_APPEND);

  /** What happened to each event for each AREA, each transition. */
  public static final Topic<RunRecord> RUNS =
      deleted("area.runs", "area id", RunRecord.class, MONTH, Timestamps.LOG_APPEND);

  /** Which version of each AREA the topology serves. */
  public static final Topic<AreaStatus> STATUS =
      compacted("area.status", "area id", AreaStatus.class);

  /** Counts of what the ingress accepted, ignored and refused. */
  public static final Topic<HookActivity> HOOK_ACTIVITY =
      deleted("area.hook-activity", "hook id", HookActivity.class, WEEK, Timestamps.CREATE);

  /** Deliveries that say no more than that a hook is to be polled now. */
  public static final Topic<Wake> WAKES =
      deleted("area.wakes", "hook id", Wake.class, Duration.ofDays(1), Timestamps.LOG_APPEND);

  /** Looks to take at third parties, for hooks that are polled. */
  public static final Topic<Poll> POLLS =
      deleted("area.polls", "hook id", Poll.class, WEEK, Timestamps.CREATE);

  /** What those found. */
  public static final Topic<PollResult> POLL_RESULTS =
      deleted("area.poll-results", "hook id", PollResult.class, WEEK, Timestamps.LOG_APPEND);

  /**
   * How polls of each hook go: its first result, its first failure and its recovery at once, else
   * about once a minute.
   */
  public static final Topic<PollStatus> POLL_STATUS =
      deleted("area.poll-status", "hook id", PollStatus.class, WEEK, Timestamps.CREATE);

  /** Records that could not be processed. */
  public static final Topic<DeadLetter> DEAD_LETTERS =
      deleted(
          "area.dead-letters",
          "source topic-partition-offset",
          DeadLetter.class,
          MONTH,
          Timestamps.CREATE);

  private static final List<Topic<?>> ALL =
      List.of(
          HOOKS,
          DEFINITIONS,
          REQUESTS,
          REPLAY_PROGRESS,
          EVENTS,
          TICKS,
          COMMANDS,
          OUTCOMES,
          RUNS,
          STATUS,
          HOOK_ACTIVITY,
          WAKES,
          POLLS,
          POLL_RESULTS,
          POLL_STATUS,
          DEAD_LETTERS);

  static {
    trustOwnRecords();
  }

  private Topics() {}

  /**
   * Avro 1.12 loads only classes that it was told to trust; the records of these topics are added
   * to what it trusts already.
   */
  private static void trustOwnRecords() {
    String records = Event.class.getPackageName();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(records)));
  }

  /** All of them, in the order of the data's path. */
  public static List<Topic<?>> all() {
    return ALL;
  }

  private static <V> Topic<V> compacted(String name, String key, Class<V> value) {
    return new Topic<>(name, key, value, Cleanup.COMPACT, Optional.empty(), Timestamps.CREATE);
  }

  private static <V> Topic<V> deleted(
      String name, String key, Class<V> value, Duration retention, Timestamps timestamps) {
    return new Topic<>(name, key, value, Cleanup.DELETE, Optional.of(retention), timestamps);
  }
}
