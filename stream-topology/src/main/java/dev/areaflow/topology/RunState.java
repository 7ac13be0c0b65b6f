package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.InvalidPlanException;
import dev.areaflow.topology.decision.Verdict.Matched;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.runs.AreaRuns;
import dev.areaflow.topology.runs.Change;
import dev.areaflow.topology.runs.Guide;
import dev.areaflow.topology.runs.Moved;
import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.RunError;
import dev.areaflow.topology.runs.RunLog;
import dev.areaflow.topology.runs.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a task's homes and their timers, and the way that changes of them take. A run that
 * failed or was cancelled is kept for a week, so that it can be retried.
 */
final class RunState {
  /** Of the timer that ends the keeping of a run. */
  private static final String END = "";

  /** What one look fires at most, so that a flood of due timers does not hold up the task. */
  private static final int BATCH = 1_000;

  /**
   * How far timers may go ahead of what is read, as ticks come once a second. Deadlines have the
   * clocks' skew to spare; where that is less, so is this.
   */
  private static final Duration AHEAD = Duration.ofSeconds(2);

  private final ProcessorContext<String, SpecificRecord> context;
  private final Decider decider;
  private final TopologyMetrics metrics;
  private final KeyValueStore<HomeKey, Run> runs;
  private final RunMaterials materials;
  private final AreaRunsState areas;
  private final TaskMemory memory;
  private final DueTimers timers;

  RunState(
      ProcessorContext<String, SpecificRecord> context, Decider decider, TopologyMetrics metrics) {
    this.context = context;
    this.decider = decider;
    this.metrics = metrics;
    this.runs = context.getStateStore(TaskStores.RUNS);
    this.materials = new RunMaterials(context.getStateStore(TaskStores.RUN_MATERIALS));
    this.areas = new AreaRunsState(context);
    this.memory = context.getStateStore(TaskMemory.NAME);
    this.timers = new DueTimers(context.getStateStore(TaskStores.TIMERS), memory.runTimers());
  }

  /** A run that is not finished, or is kept because it did not succeed. */
  @Nullable Run find(String home, String runId) {
    return runs.get(new HomeKey(home, runId));
  }

  /** Begins a run, or lets it wait for an earlier one of its AREA. */
  void begin(Matched matched, Instant now) {
    Run run = matched.run();
    if (matched.origin() == null) {
      apply(Change.between(null, run));
      return;
    }
    Map<String, byte[]> parts = matched.origin().toMaterials();
    Guide guide = decider.guide(run, parts::get, now);
    if (waits(run)) {
      AreaRuns area = areas.of(run.subject());
      int most = Optional.ofNullable(guide.script().structure().plan().serial()).orElse(0);
      Optional<String> objection = area.objection(run, most);
      if (objection.isPresent()) {
        tell(RunLog.verdict(run.subject(), run.cause(), RunStatus.ERROR, objection.get()));
        return;
      }
      Run queued = run.queued(area.next());
      areas.enqueue(queued);
      apply(Change.between(null, new Moved(queued, Map.of(), parts)));
    } else {
      advance(null, settled(guide, null, Moved.of(run, parts).then(guide.begin(run))), now);
    }
  }

  private boolean waits(Run run) {
    return run.isSerial() && areas.of(run.subject()).current() != null;
  }

  /** Moves a run on by an outcome; says whether that changed it. */
  boolean on(Run run, Outcome outcome, Instant now) {
    return advance(
        run,
        run.guidance() == null
            ? Moved.of(run.on(outcome, now, decider.policy()))
            : guided(run, now, guide -> guide.on(run, outcome)),
        now);
  }

  /**
   * Moves those runs on whose timers are due. None goes far ahead of what the task has read,
   * however far behind that is: the outcomes that its deadlines are about may be waiting, and what
   * was done already would be asked for again.
   */
  void fireTimers(Instant now) {
    for (Timer timer : timers.take(reached(now), BATCH)) {
      Run before = find(timer.home(), timer.id());
      if (before != null) {
        due(before, timer, now);
        metrics.fired();
      }
    }
  }

  private Instant reached(Instant now) {
    Instant readUntil = memory.readUntil();
    Duration skew = decider.policy().clockSkew();
    Duration ahead = skew.compareTo(AHEAD) < 0 ? skew : AHEAD;
    return now.minus(ahead).isAfter(readUntil) ? readUntil.plus(ahead) : now;
  }

  /** Moves a run on whose timer fired. */
  private void due(Run run, Timer timer, Instant now) {
    if (timer.part().equals(END)) {
      if (run.finished()) {
        areas.change(run.subject(), AreaRuns::swept);
        forget(run);
      }
    } else if (run.guidance() == null) {
      advance(run, Moved.of(run.due(timer.part(), timer.dueAt(), now, decider.policy())), now);
    } else {
      advance(run, guided(run, now, guide -> guide.due(run, timer.part(), timer.dueAt())), now);
    }
  }

  /** Stops a run; says whether it was still going on. */
  boolean cancel(Run run, Instant now) {
    return advance(run, Moved.of(run.cancel(now)), now);
  }

  /** Begins anew what made a run fail, or what was stopped; says whether there is such a thing. */
  boolean retry(Run run, Instant now) {
    if (!run.finished()) {
      return false;
    }
    if (run.guidance() == null) {
      return advance(run, Moved.of(run.retry(now, decider.policy())), now);
    }
    long place = waits(run) ? areas.of(run.subject()).next() : 0;
    Moved moved = guided(run, now, guide -> guide.retry(run, place));
    if (moved.run().isQueued()) {
      areas.enqueue(moved.run());
    }
    return advance(run, moved, now);
  }

  /** Lets go on at once what waits for a connection's owner; says whether anything does. */
  boolean resume(String home, String ownerId, String connectionId, Instant now) {
    List<Run> waiting = new ArrayList<>();
    try (var rows = runs.prefixScan(home, HomeKey.HOME_PREFIX)) {
      while (rows.hasNext()) {
        Run run = rows.next().value;
        if (run.subject().ownerId().equals(ownerId) && !run.resume(connectionId, now).equals(run)) {
          waiting.add(run);
        }
      }
    }
    waiting.forEach(run -> advance(run, Moved.of(run.resume(connectionId, now)), now));
    return !waiting.isEmpty();
  }

  /**
   * Moves a run by its guide. A definition that was good when the run began and cannot be executed
   * any more, as after a change of the program, ends it with words.
   */
  private Moved guided(Run run, Instant now, Function<Guide, Moved> move) {
    Guide guide;
    try {
      guide = decider.guide(run, materials.of(run), now);
    } catch (InvalidPlanException e) {
      return Moved.of(run.giveUp(String.valueOf(e.getMessage()), now));
    }
    return settled(guide, run, move.apply(guide));
  }

  /** With what follows where the AREA tells of its failures, of what came in and not of replays. */
  private Moved settled(Guide guide, @Nullable Run before, Moved moved) {
    Run run = moved.run();
    if (run.equals(before) || run.cause().replay() != null) {
      return moved;
    }
    if (guide.mayTell(run)) {
      areas.change(run.subject(), area -> area.failing(guide.now()));
      AreaRuns area = areas.of(run.subject());
      Instant since = Optional.ofNullable(area.failingSince()).orElse(guide.now());
      String kind = RunError.first(run, since).orElseThrow().kind();
      if (area.tells(kind, guide.now())) {
        areas.change(run.subject(), known -> known.told(kind, guide.now()));
        return moved.then(guide.with(moved.kept()).tell(run, since));
      }
    } else if (guide.tells() && run.status() == RunStatus.SUCCEEDED) {
      areas.change(run.subject(), AreaRuns::healthy);
    }
    return moved;
  }

  /** Takes a change, and those of the runs that waited for it. */
  private boolean advance(@Nullable Run before, Moved moved, Instant now) {
    if (moved.run().equals(before)) {
      return false;
    }
    apply(Change.between(before, moved));
    Run ended = moved.run();
    while (ended != null && ended.isSerial()) {
      ended = ended.finished() ? next(ended, now) : occupy(ended);
    }
    return true;
  }

  /** The others wait for this run from now on. */
  private @Nullable Run occupy(Run run) {
    if (!run.isQueued()) {
      areas.change(
          run.subject(),
          area -> area.current() == null ? area.withCurrent(run.id().toString()) : area);
    }
    return null;
  }

  /** The run that begins because this one has ended, if one does. */
  private @Nullable Run next(Run ended, Instant now) {
    Subject subject = ended.subject();
    @Nullable String current = areas.of(subject).current();
    if (current != null && !current.equals(ended.id().toString())) {
      return null;
    }
    areas.change(subject, area -> area.withCurrent(null));
    Optional<String> first = areas.first(subject);
    if (first.isEmpty()) {
      return null;
    }
    Run waiting = runs.get(new HomeKey(subject.home(), first.get()));
    if (waiting == null) {
      throw new IllegalStateException("expected the run that waits, " + first.get());
    }
    Moved begun = guided(waiting, now, guide -> guide.begin(waiting));
    apply(Change.between(waiting, begun));
    return begun.run();
  }

  /** Stores a change and tells of it. */
  void apply(Change change) {
    @Nullable Run before = change.before();
    Run run = change.run();
    if (before != null && before.finished()) {
      areas.change(run.subject(), area -> area.withEnded(-1));
      timers.clear(end(before));
    }
    if (before != null && before.isQueued() && !run.isQueued()) {
      areas.dequeue(before);
    }
    if (!run.finished() || isKept(run)) {
      runs.put(key(run), run);
      materials.keep(run, change.kept());
    } else if (before != null) {
      forget(run);
    }
    change.cleared().forEach(timers::clear);
    change.set().forEach(timers::set);
    if (run.finished() && (before == null || !before.finished())) {
      metrics.finished(run.status());
    }
    change
        .commands()
        .forEach(
            command ->
                context.forward(
                    new Record<>(command.getId(), command, context.currentSystemTimeMs()),
                    AreaflowTopology.WRITE_COMMANDS));
    change.log().ifPresent(this::tell);
  }

  /** Whether a run that ended is kept; one of too many is not. Replays leave half of the room. */
  private boolean isKept(Run run) {
    int most = run.cause().replay() == null ? AreaRuns.MOST_ENDED : AreaRuns.MOST_ENDED_OF_REPLAYS;
    if (run.status() == RunStatus.SUCCEEDED || areas.of(run.subject()).ended() >= most) {
      return false;
    }
    areas.change(run.subject(), area -> area.withEnded(1));
    timers.set(end(run));
    return true;
  }

  private static Timer end(Run run) {
    return new Timer(
        run.finishedAt().orElseThrow().plus(AreaRuns.RETENTION),
        run.subject().home(),
        run.id().toString(),
        END);
  }

  private void forget(Run run) {
    runs.delete(key(run));
    if (run.guidance() != null) {
      materials.forget(run);
    }
  }

  private static HomeKey key(Run run) {
    return new HomeKey(run.subject().home(), run.id().toString());
  }

  private void tell(RunRecord log) {
    context.forward(
        new Record<>(log.getAreaId(), log, context.currentSystemTimeMs()),
        AreaflowTopology.WRITE_RUNS);
  }
}
