package dev.areaflow.topology;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.forwarding.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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

  /**
   * The active definitions at a home.
   *
   * @param deciding those of AREAs that are at home there
   * @param listening those that only want its events sent to their own homes
   */
  record AtHome(List<Definition> deciding, List<Definition> listening) {
    AtHome {
      deciding = List.copyOf(deciding);
      listening = List.copyOf(listening);
    }

    static AtHome of(List<Definition> active) {
      return new AtHome(
          active.stream().filter(definition -> !definition.isListener()).toList(),
          active.stream().filter(Definition::isListener).toList());
    }

    /** Those that an event is for: a replay is for one AREA. */
    AtHome addressed(Event event) {
      return event
          .getOnlyArea()
          .map(only -> new AtHome(of(only, deciding), of(only, listening)))
          .orElse(this);
    }

    private static List<Definition> of(String areaId, List<Definition> definitions) {
      return definitions.stream().filter(d -> d.subject().areaId().equals(areaId)).toList();
    }

    boolean isEmpty() {
      return deciding.isEmpty() && listening.isEmpty();
    }

    private long size() {
      return (long) HOME * (1 + deciding.size() + listening.size())
          + deciding.stream().mapToLong(definition -> definition.plan().length()).sum();
    }
  }

  private final Cache<String, AtHome> active =
      Caffeine.newBuilder()
          .maximumWeight(MAX_CHARACTERS)
          .weigher(TaskMemory::weight)
          .executor(Runnable::run)
          .build();
  private final DueTimers.Position runTimers = new DueTimers.Position();
  private final DueTimers.Position ruleTimers = new DueTimers.Position();
  private final DueTimers.Position areaTimers = new DueTimers.Position();
  private final WaitingEvents.Position waitingEvents = new WaitingEvents.Position();
  private final Progress progress = new Progress();
  private boolean progressLoaded;
  private Instant ruleTime = Instant.EPOCH;
  private boolean open;
  private Instant readUntil = Instant.EPOCH;

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
    areaTimers.forget();
    waitingEvents.forget();
    progress.forget();
    progressLoaded = false;
    ruleTime = Instant.EPOCH;
    readUntil = Instant.EPOCH;
    active.invalidateAll();
  }

  /**
   * From before which time the task has read all events and outcomes, by the clock that its timers
   * go by.
   */
  Instant readUntil() {
    return readUntil;
  }

  /** All from before a time is read; the clock may have been set back. */
  void readUntil(Instant time) {
    readUntil = time;
  }

  /**
   * The active definitions at a home.
   *
   * @param load reads them where they are not remembered
   */
  AtHome activeAt(String home, Function<String, List<Definition>> load) {
    return active.get(home, of -> AtHome.of(load.apply(of)));
  }

  /** The definitions at a home change; to be told before they do. */
  void redefine(String home) {
    active.invalidate(home);
  }

  private static int weight(String home, AtHome definitions) {
    return (int) Math.min(definitions.size(), Integer.MAX_VALUE);
  }

  /** How far the timers of runs have fired. */
  DueTimers.Position runTimers() {
    return runTimers;
  }

  /** How far the timers of rules have fired. */
  DueTimers.Position ruleTimers() {
    return ruleTimers;
  }

  /** How far the timers of rules of AREAs with several hooks have fired. */
  DueTimers.Position areaTimers() {
    return areaTimers;
  }

  /** How far events for AREAs with several hooks have been decided. */
  WaitingEvents.Position waitingEvents() {
    return waitingEvents;
  }

  /**
   * The time at the homes of AREAs with several hooks.
   *
   * @param load takes in what the task has to do with others, where that is not remembered
   */
  Progress progress(Consumer<Progress> load) {
    if (!progressLoaded) {
      progressLoaded = true;
      load.accept(progress);
    }
    return progress;
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
