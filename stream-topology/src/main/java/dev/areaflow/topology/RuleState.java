package dev.areaflow.topology;

import static java.util.Objects.requireNonNull;

import dev.areaflow.schemas.avro.RuleUsage;
import dev.areaflow.topology.decision.CompiledRule;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.rules.KeptPayload;
import dev.areaflow.topology.rules.Memory;
import dev.areaflow.topology.rules.Remembered;
import dev.areaflow.topology.rules.RuleKey;
import dev.areaflow.topology.rules.Turn;
import dev.areaflow.topology.rules.Usage;
import dev.areaflow.topology.runs.Subject;
import java.time.Duration;
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

  /** Stands for what is told of the rule; no key is called so. */
  private static final String REPORT = "report";

  /** How old what is told may be. */
  private static final Duration REPORT_DELAY = Duration.ofSeconds(5);

  private final KeyValueStore<HomeKey, Remembered> memories;
  private final KeyValueStore<HomeKey, KeptPayload> payloads;
  private final KeyValueStore<HomeKey, Usage> usages;
  private final DueTimers timers;
  private final DueTimers areaTimers;
  private final TaskMemory memory;
  private final Hops hops;
  private final Usage.Limits limits;

  RuleState(ProcessorContext<?, ?> context, Hops hops, Usage.Limits limits) {
    this.hops = hops;
    this.limits = limits;
    this.memory = context.getStateStore(TaskMemory.NAME);
    this.memories = context.getStateStore(TaskStores.MEMORIES);
    this.payloads = context.getStateStore(TaskStores.KEPT_EVENTS);
    this.usages = context.getStateStore(TaskStores.USAGES);
    this.timers = new DueTimers(context.getStateStore(TaskStores.RULE_TIMERS), memory.ruleTimers());
    this.areaTimers =
        new DueTimers(context.getStateStore(TaskStores.AREA_TIMERS), memory.areaTimers());
  }

  /**
   * Timers of rules that are due by a time; each is taken away.
   *
   * @param areas whether those of AREAs that are their own homes, or those at hooks
   */
  List<Timer> due(Instant time, boolean areas) {
    return (areas ? areaTimers : timers).take(time, BATCH);
  }

  private DueTimers timers(String home, String areaId) {
    return home.equals(areaId) ? areaTimers : timers;
  }

  /** The time of rules at a home as far as it has come. */
  private Instant now(String home, String areaId) {
    return home.equals(areaId) ? hops.progress().time() : memory.ruleTime();
  }

  /**
   * What was found under a key.
   *
   * @param row what is remembered there; null where nothing is
   * @param isOfRule whether the rule in hand remembers it; what another did is nothing to it
   */
  record Found(@Nullable Remembered row, boolean isOfRule) {
    /** What the rule remembers. */
    @Nullable Memory memory() {
      return row == null || !isOfRule ? null : row.memory();
    }
  }

  /** Looks for what is remembered for a key. */
  Found find(String home, String areaId, String key, CompiledRule rule) {
    Remembered row = memories.get(memoryKey(home, areaId, key));
    return new Found(row, row != null && row.fingerprint().equals(rule.fingerprint()));
  }

  /** Why an event is not taken in; empty if it is. */
  Optional<String> objection(Subject subject, Found before, Incoming event) {
    Usage usage = usage(subject.home(), subject.areaId());
    Optional<Usage.Bound> exceeded = usage.exceeded(limits, before.memory() == null, event.size());
    Instant now = now(subject.home(), subject.areaId());
    exceeded.ifPresent(
        bound -> change(subject.home(), subject.areaId(), usage, usage.begun(now).refusing(bound)));
    return exceeded.map(limits::objection);
  }

  /** The events of a firing with their payloads, in their order. */
  List<KeptPayload> payloads(Subject subject, Firing firing, @Nullable Incoming arrived) {
    return firing.events().stream().map(event -> payload(subject, event, arrived)).toList();
  }

  private KeptPayload payload(Subject subject, Kept kept, @Nullable Incoming arrived) {
    if (arrived != null && arrived.event().equals(kept)) {
      return arrived.payload();
    }
    KeptPayload found = payloads.get(payloadKey(subject.home(), subject.areaId(), kept));
    if (found == null) {
      throw new IllegalStateException("expected the payload of the kept event " + kept.id());
    }
    return found;
  }

  /**
   * Stores what is remembered from now on, and counts the event.
   *
   * @param found what was remembered until now
   * @param arrived the event that came; null where time passed
   */
  void store(
      Subject subject,
      RuleKey key,
      CompiledRule rule,
      Found found,
      Turn turn,
      @Nullable Incoming arrived) {
    Usage before = usage(subject.home(), subject.areaId());
    Usage begun = before.begun(now(subject.home(), subject.areaId()));
    Usage after = remember(subject, key, rule, found.row(), turn.memory(), arrived, begun);
    change(
        subject.home(), subject.areaId(), before, turn.fate().map(after::counting).orElse(after));
  }

  private Usage remember(
      Subject subject,
      RuleKey key,
      CompiledRule rule,
      @Nullable Remembered before,
      @Nullable Memory after,
      @Nullable Incoming arrived,
      Usage usage) {
    Remembered next = after == null ? null : new Remembered(rule.fingerprint(), key.label(), after);
    return (next == null ? before == null : next.equals(before))
        ? usage
        : replace(subject.home(), subject.areaId(), key.id(), before, next, arrived, usage);
  }

  /** Counts anew from now on: the rule begins. */
  void start(String home, String areaId, Instant now) {
    Usage before = usage(home, areaId);
    change(home, areaId, before, before.since(now));
  }

  /** Counts no more: no rule is there. */
  void end(String home, String areaId) {
    Usage before = usage(home, areaId);
    write(home, areaId, before, before.ended());
  }

  /** Whether a timer is that at which people are told of a rule. */
  static boolean isReport(Timer timer) {
    return timer.part().equals(REPORT);
  }

  /** What is to be told, if it was not told meanwhile. */
  Optional<Usage> report(Timer timer) {
    Usage usage = usage(timer.home(), timer.id());
    if (!usage.isTelling()) {
      return Optional.empty();
    }
    write(timer.home(), timer.id(), usage, usage.telling(false));
    return Optional.of(usage);
  }

  /** In the words of who is told. */
  RuleUsage told(Usage usage) {
    RuleUsage.Builder told =
        RuleUsage.newBuilder()
            .setKeys(usage.keys())
            .setEvents(usage.events())
            .setBytes(usage.bytes())
            .setKept(usage.counts().kept())
            .setDropped(usage.counts().dropped())
            .setRefused(usage.counts().refused())
            .setSince(usage.counts().since());
    return usage.bound() == Usage.Bound.NONE
        ? told.build()
        : told.setProblem(limits.objection(usage.bound())).build();
  }

  /**
   * Stores a usage of which people are told soon, and at once where it comes up against a bound.
   */
  private void change(String home, String areaId, Usage before, Usage after) {
    if (after.equals(before)) {
      return;
    }
    boolean isNews = after.bound() != before.bound();
    if (isNews || !before.isTelling()) {
      Instant now = now(home, areaId);
      timers(home, areaId)
          .set(new Timer(isNews ? now : now.plus(REPORT_DELAY), home, areaId, REPORT));
    }
    write(home, areaId, before, after.telling(true));
  }

  private void write(String home, String areaId, Usage before, Usage after) {
    if (!after.equals(before)) {
      usages.put(new HomeKey(home, areaId), after.equals(Usage.NONE) ? null : after);
    }
  }

  /**
   * Sees to it that of what an AREA's rule remembers only that of its rule of now stays, and that
   * one begins that needs no event for it: soon, and bit by bit.
   */
  void settle(String home, String areaId) {
    timers(home, areaId).set(new Timer(now(home, areaId), home, areaId, ALL_KEYS));
  }

  /** Whether a timer is that of {@link #settle}. */
  static boolean isSettling(Timer timer) {
    return timer.part().equals(ALL_KEYS);
  }

  /** Begins what is remembered before any event came, unless it is already. */
  void begin(Subject subject, CompiledRule rule, Instant now) {
    if (!rule.beginsAtOnce()) {
      return;
    }
    Found found = find(subject.home(), subject.areaId(), RuleKey.ALL.id(), rule);
    if (found.memory() == null) {
      rule.rule()
          .begin(now)
          .ifPresent(begun -> store(subject, RuleKey.ALL, rule, found, Turn.begun(begun), null));
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
    old.forEach(key -> forget(timer, key.id().substring(timer.id().length() + 1)));
    if (old.size() == BATCH) {
      timers(timer.home(), timer.id())
          .set(new Timer(timer.dueAt().plusMillis(1), timer.home(), timer.id(), ALL_KEYS));
    }
  }

  /** Removes what is remembered for a key. */
  void remove(Timer timer) {
    forget(timer, timer.part());
  }

  private void forget(Timer timer, String key) {
    Usage before = usage(timer.home(), timer.id());
    Remembered remembered = memories.get(memoryKey(timer.home(), timer.id(), key));
    Usage after = replace(timer.home(), timer.id(), key, remembered, null, null, before);
    if (before.counts().equals(Usage.NONE.counts())) {
      write(timer.home(), timer.id(), before, after); // nobody is there who would be told
    } else {
      change(timer.home(), timer.id(), before, after);
    }
  }

  /** Replaces what is remembered, and tells how much there is then. */
  private Usage replace(
      String home,
      String areaId,
      String key,
      @Nullable Remembered before,
      @Nullable Remembered after,
      @Nullable Incoming arrived,
      Usage usage) {
    DueTimers its = timers(home, areaId);
    due(before).ifPresent(at -> its.clear(new Timer(at, home, areaId, key)));
    due(after).ifPresent(at -> its.set(new Timer(at, home, areaId, key)));
    memories.put(memoryKey(home, areaId, key), after);
    Set<Kept> old = kept(before);
    Set<Kept> young = kept(after);
    long bytes = 0;
    for (Kept event : without(young, old)) {
      KeptPayload payload = requireNonNull(arrived).payload();
      payloads.put(payloadKey(home, areaId, event), payload);
      bytes += payload.payload().remaining();
    }
    for (Kept event : without(old, young)) {
      KeptPayload payload = payloads.delete(payloadKey(home, areaId, event));
      bytes -= payload == null ? 0 : payload.payload().remaining();
    }
    int keys = (after == null ? 0 : 1) - (before == null ? 0 : 1);
    int events = young.size() - old.size();
    return keys != 0 || bytes != 0 || events != 0 ? usage.plus(keys, bytes, events) : usage;
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

  private static HomeKey memoryKey(String home, String areaId, String key) {
    return new HomeKey(home, areaId + '\0' + key);
  }

  private static HomeKey payloadKey(String home, String areaId, Kept event) {
    return new HomeKey(home, areaId + '\0' + event.partition() + '-' + event.offset());
  }
}
