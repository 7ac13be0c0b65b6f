package dev.areaflow.topology;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.areaflow.topology.decision.Definition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * What the processors of one task know in common beside their stores. It is a store so that it
 * lives with the task, but nothing of it is kept: whatever is forgotten is found out again. For the
 * thread of the task.
 */
final class TaskMemory implements StateStore {
  static final String NAME = "task-memory";

  /** Text of plans that is remembered, about as many bytes; what was asked for least goes first. */
  private static final long MAX_CHARACTERS = 4L * 1024 * 1024;

  /** What a home costs beside its plans. */
  private static final int HOME = 256;

  private final Cache<String, List<Definition>> active =
      Caffeine.newBuilder()
          .maximumWeight(MAX_CHARACTERS)
          .weigher(TaskMemory::weight)
          .executor(Runnable::run)
          .build();
  private final DueTimers.Position runTimers = new DueTimers.Position();
  private final DueTimers.Position ruleTimers = new DueTimers.Position();
  private Instant ruleTime = Instant.EPOCH;
  private boolean open;
  private boolean caughtUp;

  /** How a task gets one. */
  static StoreBuilder<TaskMemory> builder() {
    return new Builder();
  }

  /**
   * Forgets everything. A task that begins anew may use the same memory, and its stores may have
   * changed meanwhile.
   */
  void forget() {
    runTimers.forget();
    ruleTimers.forget();
    ruleTime = Instant.EPOCH;
    caughtUp = false;
    active.invalidateAll();
  }

  /** Whether the task has read what was waiting for it when it began. */
  boolean isCaughtUp() {
    return caughtUp;
  }

  void catchUp() {
    caughtUp = true;
  }

  /**
   * The active definitions at a home.
   *
   * @param load reads them where they are not remembered
   */
  List<Definition> activeAt(String home, Function<String, List<Definition>> load) {
    return active.get(home, load);
  }

  /** The definitions at a home change; to be told before they do. */
  void redefine(String home) {
    active.invalidate(home);
  }

  private static int weight(String home, List<Definition> definitions) {
    long characters = definitions.stream().mapToLong(d -> HOME + d.plan().length()).sum();
    return (int) Math.min(HOME + characters, Integer.MAX_VALUE);
  }

  /** How far the timers of runs have fired. */
  DueTimers.Position runTimers() {
    return runTimers;
  }

  /** How far the timers of rules have fired. */
  DueTimers.Position ruleTimers() {
    return ruleTimers;
  }

  /** The time of rules as far as records have told it. */
  Instant ruleTime() {
    return ruleTime;
  }

  /** The time of rules at a record: its own, or that of one before where a clock was set back. */
  Instant ruleTime(Instant recordedAt) {
    if (recordedAt.isAfter(ruleTime)) {
      ruleTime = recordedAt;
    }
    return ruleTime;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    forget();
    open = true;
    context.register(root, (key, value) -> {});
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** Neither cached nor logged, whatever is asked. */
  private static final class Builder implements StoreBuilder<TaskMemory> {
    @Override
    public TaskMemory build() {
      return new TaskMemory();
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public StoreBuilder<TaskMemory> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<TaskMemory> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<TaskMemory> withLoggingEnabled(Map<String, String> config) {
      return this;
    }

    @Override
    public StoreBuilder<TaskMemory> withLoggingDisabled() {
      return this;
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }
  }
}
