package dev.areaflow.topology;

import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.decision.CarriedFiring;
import dev.areaflow.topology.decision.CompiledPlans;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.decision.Verdict.Matched;
import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.memory.MemoryBudget;
import dev.areaflow.topology.memory.MemoryContext;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.runs.Cause;
import dev.areaflow.topology.runs.RetryPolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * One AREA in a task of its own, over the past: the very processors of {@link AreaflowTopology},
 * with stores in memory and a clock that is set. Each call of a reaction succeeds at once, and a
 * delay is over as soon as it begins, so a run has ended before the next event comes. For one
 * thread.
 */
final class SimulatedTask {
  /** Calls are answered at once: nothing is made again, and nothing is late. */
  private static final RetryPolicy POLICY =
      new RetryPolicy(
          List.of(), Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofSeconds(10));

  private static final int MOST_TURNS = 100_000;

  private final MemoryContext.Place place = new MemoryContext.Place();
  private final SimulatedStores stores;
  private final RekeyDefinitions rekey = new RekeyDefinitions();
  private final ApplyDefinitions definitions;
  private final MatchEvents events;
  private final MatchForwarded forwarded;
  private final AdvanceRuns runs;
  private final KeepTime time;
  private final TaskMemory memory;
  private final MemoryContext<String, SpecificRecord> runsContext;
  private final AreaRow area;
  private final Set<Integer> partitions = new TreeSet<>();
  private final Listener listener;
  private final Deque<Runnable> sent = new ArrayDeque<>();
  private final Set<String> going = new HashSet<>();

  /** Gets what the task tells. */
  interface Listener {
    /** A call is made. */
    void on(Command command, Instant at);

    /** A run has changed, or an event has made none. */
    void on(RunRecord run);

    /** What a call answers, in JSON; null where it has no output. */
    @Nullable ByteBuffer output(Command command);

    /** A rule fires, and its run is about to begin. */
    default void on(CarriedFiring firing) {}
  }

  /** Tells what rules fire. */
  private static final class Overheard extends Decider {
    private final Listener listener;

    Overheard(Expressions expressions, Cause.@Nullable Replay replay, Listener listener) {
      super(new CompiledPlans(expressions, 1), POLICY, replay);
      this.listener = listener;
    }

    @Override
    public Matched fire(
        Definition definition, Firing firing, List<Bindings.Collected> events, Instant now) {
      String fingerprint = rule(definition).orElseThrow().fingerprint();
      listener.on(new CarriedFiring(fingerprint, firing, events));
      return super.fire(definition, firing, events, now);
    }
  }

  /**
   * @param area as it is at the beginning, and stays
   * @param config as that of the live tasks
   * @param replay that all its runs are of; null where they are as those of live events
   */
  SimulatedTask(
      AreaRow area,
      TaskConfig config,
      Cause.@Nullable Replay replay,
      Expressions expressions,
      MemoryBudget budget,
      Listener listener) {
    this.area = area;
    this.listener = listener;
    this.stores = new SimulatedStores(config.deduplicationWindow(), budget);
    Decider decider = new Overheard(expressions, replay, listener);
    TopologyMetrics metrics = new TopologyMetrics(new SimpleMeterRegistry());
    this.definitions = new ApplyDefinitions(decider, config);
    this.events = new MatchEvents(decider, config, metrics);
    this.forwarded = new MatchForwarded(decider, config, metrics);
    this.runs = new AdvanceRuns(decider, metrics);
    this.time = new KeepTime(decider, config, metrics);
    this.runsContext = context();
    runs.init(runsContext);
    rekey.init(new MemoryContext<>(place, stores.byName(), (message, _) -> define(message)));
    definitions.init(context());
    events.init(context());
    forwarded.init(context());
    time.init(context());
    this.memory = (TaskMemory) requireNonNull(stores.byName().get(TaskMemory.NAME));
    hooks(area)
        .forEach(hook -> partitions.add(AreaflowTopology.partitionOf(hook, config.partitions())));
  }

  /** What an AREA listens to. */
  static Collection<String> hooks(AreaRow area) {
    return area.listens() == null
        ? List.of(area.hookId())
        : area.listeners().stream().map(AreaRow.Listening::hookId).toList();
  }

  private MemoryContext<String, SpecificRecord> context() {
    return new MemoryContext<>(place, stores.byName(), this::take);
  }

  /** The AREA is there from then on. */
  void begin(Instant at) {
    place.setTime(at);
    rekey.process(new Record<>(area.id(), area, at.toEpochMilli()));
    settle();
    tick(at);
  }

  /** An event comes; events come in the order of their times, partitions and offsets. */
  void event(Event event, int partition, long offset, Instant at) {
    pass(at);
    if (area.listens() != null) {
      tick(at); // others may wait at the AREA's home for the time to have come
    }
    place.setTime(at);
    fireTimers(); // what failed long ago is forgotten
    place.setRecord(Topics.EVENTS.name(), partition, offset);
    events.process(new Record<>(event.getHookId(), event, at.toEpochMilli()));
    settle();
  }

  /** Lets time pass up to then, which no event does. */
  void end(Instant at) {
    pass(at);
    tick(at);
  }

  /** Asks rules at each time that they want to be asked at, as ticks do. */
  private void pass(Instant until) {
    Optional<Instant> due = stores.nextOfRules();
    while (due.isPresent() && !due.get().isAfter(until)) {
      tick(due.get());
      Optional<Instant> next = stores.nextOfRules();
      if (next.equals(due)) {
        throw new IllegalStateException("a rule's timer stays at " + due.get());
      }
      due = next;
    }
  }

  private void tick(Instant at) {
    for (int partition : partitions) {
      place.setTime(at);
      place.setPartition(partition);
      time.process(new Record<>(Integer.toString(partition), new Tick(at), at.toEpochMilli()));
      settle();
    }
  }

  private void define(Record<?, ?> message) {
    HomeKey key = (HomeKey) message.key();
    DefinitionChange change = (DefinitionChange) message.value();
    sent.add(() -> definitions.process(new Record<>(key, change, message.timestamp())));
  }

  /** What a processor sends is taken when it is done, as from a topic. */
  private void take(Record<?, ?> message, @Nullable String to) {
    switch (message.value()) {
      case Forwarded on ->
          sent.add(
              () ->
                  forwarded.process(
                      new Record<>(String.valueOf(message.key()), on, message.timestamp())));
      case Command command -> {
        listener.on(command, place.now());
        Outcome outcome = outcome(command);
        sent.add(
            () ->
                runs.process(new Record<>(outcome.getHome(), outcome, place.now().toEpochMilli())));
      }
      case RunRecord run -> {
        if (run.getStatus() == RunStatus.RUNNING || run.getStatus() == RunStatus.QUEUED) {
          going.add(run.getRunId());
        } else {
          going.remove(run.getRunId());
        }
        listener.on(run);
      }
      default -> {} // what is told of definitions and of rules is nobody's concern here
    }
  }

  private Outcome outcome(Command command) {
    return Outcome.newBuilder()
        .setCommandId(command.getId())
        .setHome(command.getHome())
        .setRunId(command.getRunId())
        .setStepId(command.getStepId())
        .setItem(command.getItem().orElse(null))
        .setAttempt(command.getAttempt())
        .setKind(OutcomeKind.SUCCEEDED)
        .setStatus(200)
        .setStartedAt(place.now())
        .setOutput(listener.output(command))
        .build();
  }

  /** Lets all follow that follows from what was done, however late, and sets the clock back. */
  private void settle() {
    deliver();
    if (going.isEmpty()) {
      return;
    }
    Instant now = place.now();
    for (int i = 0; !going.isEmpty(); i++) {
      Optional<Instant> due = stores.nextOfRuns();
      if (due.isEmpty() || i == MOST_TURNS) {
        throw new IllegalStateException("expected runs that end by themselves: " + going);
      }
      if (due.get().isAfter(place.now())) {
        place.setTime(due.get());
      }
      fireTimers();
      deliver();
    }
    place.setTime(now);
  }

  private void fireTimers() {
    memory.readUntil(place.now());
    runsContext.punctuate();
  }

  private void deliver() {
    for (Runnable next = sent.poll(); next != null; next = sent.poll()) {
      next.run();
    }
  }
}
