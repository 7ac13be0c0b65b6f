package dev.areaflow.topology;

import static java.util.Objects.requireNonNull;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.decision.CompiledRule;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.rules.KeptPayload;
import dev.areaflow.topology.rules.Memory;
import dev.areaflow.topology.rules.Remembered;
import dev.areaflow.topology.rules.RuleKey;
import dev.areaflow.topology.rules.Usage;
import dev.areaflow.topology.runs.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What the rules at a task's homes remember: a memory for each key, the payloads of the events that
 * it keeps, and when it wants to be asked.
 */
final class RuleState {
  /** Memories that one look removes, so that a large rule does not hold up the task. */
  private static final int BATCH = 1_000;

  /** Stands for all keys in the timer of {@link #settle}. */
  private static final String ALL_KEYS = "";

  private final KeyValueStore<HomeKey, Remembered> memories;
  private final KeyValueStore<HomeKey, KeptPayload> payloads;
  private final KeyValueStore<HomeKey, Usage> usages;
  private final DueTimers timers;
  private final TaskMemory memory;

  RuleState(ProcessorContext<?, ?> context) {
    this.memory = context.getStateStore(TaskMemory.NAME);
    this.memories = context.getStateStore(TaskStores.MEMORIES);
    this.payloads = context.getStateStore(TaskStores.KEPT_EVENTS);
    this.usages = context.getStateStore(TaskStores.USAGES);
    this.timers = new DueTimers(context.getStateStore(TaskStores.RULE_TIMERS), memory.ruleTimers());
  }

  /** Timers of rules that are due by a time; each is taken away. */
  List<Timer> due(Instant time) {
    return timers.take(time, BATCH);
  }

  /** What is remembered for a key by this rule; what another rule remembered is nothing to it. */
  @Nullable Remembered find(String home, String areaId, String key, CompiledRule rule) {
    Remembered found = memories.get(memoryKey(home, areaId, key));
    return found != null && found.fingerprint().equals(rule.fingerprint()) ? found : null;
  }

  /** Why an event is not taken in; empty if it is. */
  Optional<String> objection(Subject subject, @Nullable Remembered before, Event event) {
    return usage(subject.home(), subject.areaId())
        .objection(before == null, event.getPayload().remaining());
  }

  /** The events of a firing with their payloads, in their order. */
  List<KeptPayload> payloads(Subject subject, Firing firing, @Nullable Event arrived) {
    return firing.events().stream().map(event -> payload(subject, event, arrived)).toList();
  }

  private KeptPayload payload(Subject subject, Kept kept, @Nullable Event arrived) {
    if (arrived != null && arrived.getId().equals(kept.id())) {
      return payload(arrived);
    }
    KeptPayload found = payloads.get(payloadKey(subject.home(), subject.areaId(), kept));
    if (found == null) {
      throw new IllegalStateException("expected the payload of the kept event " + kept.id());
    }
    return found;
  }

  /**
   * Stores what is remembered from now on.
   *
   * @param after null where nothing is
   * @param arrived the event that came; null where time passed
   */
  void store(
      Subject subject,
      RuleKey key,
      CompiledRule rule,
      @Nullable Memory after,
      @Nullable Event arrived) {
    HomeKey place = memoryKey(subject.home(), subject.areaId(), key.id());
    Remembered before = memories.get(place);
    Remembered next = after == null ? null : new Remembered(rule.fingerprint(), key.label(), after);
    if (next == null ? before == null : next.equals(before)) {
      return;
    }
    replace(subject.home(), subject.areaId(), key.id(), before, next, arrived);
  }

  /**
   * Sees to it that of what an AREA's rule remembers only that of its rule of now stays, and that
   * one begins that needs no event for it: soon, and bit by bit.
   */
  void settle(String home, String areaId) {
    timers.set(new Timer(memory.ruleTime(), home, areaId, ALL_KEYS));
  }

  /** Whether a timer is that of {@link #settle}. */
  static boolean isSettling(Timer timer) {
    return timer.part().equals(ALL_KEYS);
  }

  /** Begins what is remembered before any event came, unless it is already. */
  void begin(Subject subject, CompiledRule rule, Instant now) {
    if (rule.beginsAtOnce()
        && find(subject.home(), subject.areaId(), RuleKey.ALL.id(), rule) == null) {
      rule.rule().begin(now).ifPresent(begun -> store(subject, RuleKey.ALL, rule, begun, null));
    }
  }

  /**
   * Removes memories of an AREA.
   *
   * @param rule whose memories stay; null where none do
   */
  void sweep(Timer timer, @Nullable CompiledRule rule) {
    List<HomeKey> old = new ArrayList<>();
    try (var all =
        memories.prefixScan(memoryKey(timer.home(), timer.id(), ""), HomeKey.SERDE.serializer())) {
      while (all.hasNext() && old.size() < BATCH) {
        var row = all.next();
        if (rule == null || !row.value.fingerprint().equals(rule.fingerprint())) {
          old.add(row.key);
        }
      }
    }
    old.forEach(
        key ->
            replace(
                timer.home(),
                timer.id(),
                key.id().substring(timer.id().length() + 1),
                memories.get(key),
                null,
                null));
    if (old.size() == BATCH) {
      timers.set(new Timer(timer.dueAt().plusMillis(1), timer.home(), timer.id(), ALL_KEYS));
    }
  }

  /** Removes what is remembered for a key. */
  void remove(Timer timer) {
    replace(
        timer.home(),
        timer.id(),
        timer.part(),
        memories.get(memoryKey(timer.home(), timer.id(), timer.part())),
        null,
        null);
  }

  private void replace(
      String home,
      String areaId,
      String key,
      @Nullable Remembered before,
      @Nullable Remembered after,
      @Nullable Event arrived) {
    due(before).ifPresent(at -> timers.clear(new Timer(at, home, areaId, key)));
    due(after).ifPresent(at -> timers.set(new Timer(at, home, areaId, key)));
    memories.put(memoryKey(home, areaId, key), after);
    Set<Kept> old = kept(before);
    Set<Kept> young = kept(after);
    long bytes = 0;
    for (Kept event : without(young, old)) {
      KeptPayload payload = payload(requireNonNull(arrived));
      payloads.put(payloadKey(home, areaId, event), payload);
      bytes += payload.payload().remaining();
    }
    for (Kept event : without(old, young)) {
      KeptPayload payload = payloads.delete(payloadKey(home, areaId, event));
      bytes -= payload == null ? 0 : payload.payload().remaining();
    }
    int keys = (after == null ? 0 : 1) - (before == null ? 0 : 1);
    if (keys != 0 || bytes != 0) {
      Usage usage = usage(home, areaId).plus(keys, bytes);
      usages.put(new HomeKey(home, areaId), usage.equals(Usage.NONE) ? null : usage);
    }
  }

  private Usage usage(String home, String areaId) {
    Usage usage = usages.get(new HomeKey(home, areaId));
    return usage == null ? Usage.NONE : usage;
  }

  private static Optional<Instant> due(@Nullable Remembered remembered) {
    return Optional.ofNullable(remembered).flatMap(known -> known.memory().dueAt());
  }

  private static Set<Kept> kept(@Nullable Remembered remembered) {
    return remembered == null ? Set.of() : remembered.memory().events().collect(Collectors.toSet());
  }

  private static Set<Kept> without(Set<Kept> events, Set<Kept> others) {
    Set<Kept> rest = new HashSet<>(events);
    rest.removeAll(others);
    return rest;
  }

  private static KeptPayload payload(Event event) {
    return new KeptPayload(event.getService(), event.getAction(), event.getPayload());
  }

  private static HomeKey memoryKey(String home, String areaId, String key) {
    return new HomeKey(home, areaId + '\0' + key);
  }

  private static HomeKey payloadKey(String home, String areaId, Kept event) {
    return new HomeKey(home, areaId + '\0' + event.partition() + '-' + event.offset());
  }
}
