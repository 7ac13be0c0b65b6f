package dev.areaflow.topology;

import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.topology.memory.MemoryBudget;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * A backtest against the topology itself, for all that an AREA may have: both get the same events,
 * the topology with ticks by chance and restarts, and both have to fire alike.
 */
final class BacktestParityTest {
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Duration AFTER = Duration.ofMinutes(10);

  /** From the last event to an edit. */
  private static final Duration EDIT = Duration.ofMillis(2);

  private static final String OUTPUT = "{\"id\":7}";

  /** What comes next, after a pause. */
  sealed interface Input {
    Duration pause();

    /**
     * @param of which of two hooks
     */
    record Happens(Duration pause, int of, int n, String key, boolean repeats) implements Input {}

    record Ticks(Duration pause) implements Input {}

    record Restarts(Duration pause) implements Input {}
  }

  /** A run, as whoever looks at it sees it. */
  private record Fired(
      Instant at,
      List<String> events,
      Set<String> commands,
      Set<String> failed,
      Set<String> withheld) {}

  @Provide
  Arbitrary<List<Input>> inputs() {
    Arbitrary<Duration> pauses = // often none, often just a window or a moment beside it
        Arbitraries.oneOf(
                Arbitraries.of(0, 0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001),
                Arbitraries.integers().between(0, 25_000))
            .map(Duration::ofMillis);
    Arbitrary<Input> events =
        Combinators.combine(
                pauses,
                Arbitraries.integers().between(0, 1),
                Arbitraries.integers().between(0, 5),
                Arbitraries.of("a", "b"),
                Arbitraries.frequencyOf(
                    Tuple.of(9, Arbitraries.just(false)), Tuple.of(1, Arbitraries.just(true))))
            .as(Input.Happens::new);
    return Arbitraries.frequencyOf(
            Tuple.of(8, events),
            Tuple.of(2, pauses.map(Input.Ticks::new)),
            Tuple.of(1, pauses.map(Input.Restarts::new)))
        .list()
        .ofMaxSize(25);
  }

  @Provide
  Arbitrary<Plan> plans() {
    Arbitrary<@Nullable RulePlan> rules =
        Arbitraries.of(
                new RulePlan.Throttle(2, WINDOW),
                new RulePlan.Debounce(Duration.ofSeconds(5), WINDOW.multipliedBy(2)),
                new RulePlan.Digest(WINDOW, null, null, null),
                new RulePlan.Digest(null, "* * * * *", "UTC", 3),
                new RulePlan.Count(3, WINDOW),
                new RulePlan.Sequence(
                    WINDOW,
                    List.of(new RulePlan.Member("event.n < 3"), new RulePlan.Member(null)),
                    "event.n == 5"),
                new RulePlan.Absence(WINDOW, null, null),
                new RulePlan.Absence(
                    WINDOW, new RulePlan.Member("event.n < 2"), new RulePlan.Member("event.n > 3")),
                new RulePlan.Change("event.n", null),
                new RulePlan.Change("event.n", BigDecimal.TWO),
                new RulePlan.Deduplicate("event.n", WINDOW))
            .map(rule -> (RulePlan) rule)
            .injectNull(0.15);
    return Combinators.combine(
            rules,
            Arbitraries.of("event.key").injectNull(0.5),
            Arbitraries.of("event.n < 5", "event.n / (event.n - 1) >= 0").injectNull(0.5),
            Arbitraries.of(true, false),
            Arbitraries.of(1_000).injectNull(0.7))
        .as(
            (rule, by, condition, isGuided, serial) ->
                new Plan(
                    "github",
                    "issue_opened",
                    condition,
                    rule,
                    rule == null ? null : by,
                    isGuided ? guided() : Harness.plan(null, "notify", "${event.n}").steps(),
                    List.of(),
                    isGuided ? serial : null));
  }

  /** Steps that wait for one another, one for a while, one for each item, and one that may fail. */
  private static List<Plan.Step> guided() {
    return List.of(
        step("first", "go").keepsOutput().replaySafe().step(),
        step("later", "${steps.first.output.id}")
            .after("first")
            .delay(Duration.ofSeconds(20))
            .step(),
        step("last", "over").after("later").replaySafe().step(),
        step("each", "${item}").after("first").forEach("[event.n, 2]", 1).replaySafe().step(),
        step("few", "${event.key}").when("event.n < 3").step(),
        step("bad", "${10 / event.n}").onFailure(Plan.OnFailure.CONTINUE).step());
  }

  @Property(tries = 40)
  void aBacktestFiresAsTheTopologyDid(
      @ForAll("plans") Plan plan, @ForAll boolean several, @ForAll("inputs") List<Input> inputs)
      throws IOException {
    // given
    AreaRow area = row(1, plan, several);
    Instant to = end(inputs).plus(AFTER);

    // when
    List<Fired> live = live(List.of(new Phase(area, inputs)), event -> event, Harness.START, to);
    List<Fired> past =
        past(area, placed(inputs), Harness.START, Harness.START, Backtest.Manner.LIVE, to);

    // then
    assertThat(past).isEqualTo(live);
  }

  @Property(tries = 30)
  void aDryRunTellsWhatTheReplayDoes(
      @ForAll("plans") Plan plan, @ForAll boolean forced, @ForAll("inputs") List<Input> inputs)
      throws IOException {
    // given
    AreaRow area = Harness.area("area-1", "hook-0", 1, replayable(plan), true);
    Instant to = end(inputs).plus(AFTER);

    // when
    List<Fired> live =
        live(List.of(new Phase(area, inputs)), event -> replayed(event, forced), Harness.START, to);
    List<Fired> past =
        past(
            area,
            placed(inputs),
            Harness.START,
            Harness.START,
            forced ? Backtest.Manner.FORCED_REPLAY : Backtest.Manner.REPLAY,
            to);

    // then
    assertThat(past).isEqualTo(live);
  }

  /**
   * What the AREA is since an edit, over the time since then: where the rule is another, it begins
   * with the edit; where rule and condition are as before, what came before it counts.
   */
  @Property(tries = 40)
  void aBacktestSinceAnEditFiresAsTheTopologyDid(
      @ForAll("plans") Plan before,
      @ForAll("plans") Plan edited,
      @ForAll boolean several,
      @ForAll boolean leavesTheRule,
      @ForAll("inputs") List<Input> first,
      @ForAll("inputs") List<Input> then)
      throws IOException {
    // given
    @Nullable RulePlan rule = before.rule();
    boolean isSame =
        Objects.equals(rule, edited.rule()) && Objects.equals(before.by(), edited.by());
    boolean isKept = rule != null && (leavesTheRule || isSame);
    Plan after = isKept ? withSteps(before, edited) : edited;
    AreaRow area = row(1, before, several);
    AreaRow next = row(2, after, several);
    Instant edit = end(first).plus(EDIT);
    Instant to = edit.plus(Duration.between(Harness.START, end(then))).plus(AFTER);
    List<Placed> since = placed(then, edit, events(first));
    List<Placed> all = new ArrayList<>(placed(first));
    all.addAll(since);

    // when
    List<Fired> live =
        live(List.of(new Phase(area, first), new Phase(next, then)), event -> event, edit, to);
    List<Fired> past =
        isKept
            ? past(next, all, Harness.START, edit, Backtest.Manner.LIVE, to)
            : past(next, since, edit, edit, Backtest.Manner.LIVE, to);

    // then
    assertThat(past).isEqualTo(live);
  }

  private static Plan withSteps(Plan plan, Plan other) {
    return new Plan(
        plan.service(),
        plan.action(),
        plan.condition(),
        plan.rule(),
        plan.by(),
        other.steps(),
        List.of(),
        other.serial());
  }

  /** The plan of an AREA that can be replayed. */
  private static Plan replayable(Plan plan) {
    List<Plan.Step> steps = new ArrayList<>(plan.steps());
    if (steps.size() == 1) {
      Plan.Step only = steps.getFirst();
      steps.add(
          new Plan.Step(
              "safe", only.service(), only.reaction(), null, only.inputs(), List.of(), null, true));
    }
    return new Plan(
        plan.service(), plan.action(), plan.condition(), null, null, steps, List.of(), null);
  }

  private static Event replayed(Event event, boolean forced) {
    return Event.newBuilder(event)
        .setGeneration(1)
        .setOnlyArea("area-1")
        .setReplayId("replay-1")
        .setForced(forced)
        .build();
  }

  private static Instant end(List<Input> inputs) {
    return inputs.stream().map(Input::pause).reduce(Harness.START, Instant::plus, (a, b) -> b);
  }

  private static AreaRow row(long version, Plan plan, boolean several) {
    AreaRow row = Harness.area("area-1", "hook-0", version, plan, true);
    if (!several) {
      return row;
    }
    return new AreaRow(
        row.id(),
        row.ownerId(),
        row.hookId(),
        row.name(),
        row.plan(),
        version,
        true,
        null,
        null,
        "[{\"hookId\":\"hook-0\",\"of\":\"zero\"},{\"hookId\":\"hook-1\",\"of\":\"one\"}]",
        null);
  }

  /** An AREA and what comes while it is so. */
  private record Phase(AreaRow area, List<Input> inputs) {}

  /** An event and where it is. */
  private record Placed(Event event, int offset, Instant at) {}

  /**
   * @param first the number of the first event that it may be a repetition of
   */
  private static Event event(int number, int first, Input.Happens input) {
    String id = "event-" + (input.repeats() ? Math.max(first, number - 1) : number);
    return Harness.event(
        id,
        "hook-" + input.of(),
        EventSource.WEBHOOK,
        "{\"n\":%d,\"key\":\"%s\"}".formatted(input.n(), input.key()));
  }

  private static int events(List<Input> inputs) {
    return (int) inputs.stream().filter(Input.Happens.class::isInstance).count();
  }

  private static List<Placed> placed(List<Input> inputs) {
    return placed(inputs, Harness.START, 0);
  }

  private static List<Placed> placed(List<Input> inputs, Instant begin, int first) {
    List<Placed> placed = new ArrayList<>();
    Instant at = begin;
    for (Input input : inputs) {
      at = at.plus(input.pause());
      if (input instanceof Input.Happens happens) {
        int number = first + placed.size();
        placed.add(new Placed(event(number, first, happens), number, at));
      }
    }
    return placed;
  }

  private static List<Fired> past(
      AreaRow area,
      List<Placed> events,
      Instant begin,
      Instant from,
      Backtest.Manner manner,
      Instant to) {
    Backtest backtest =
        new Backtest(
            area,
            begin,
            from,
            to,
            Selection.ALL,
            manner,
            Map.of("first", OUTPUT, "notify", OUTPUT));
    List<Fired> fired = new ArrayList<>();
    BacktestRun run =
        new BacktestRun(
            backtest,
            Harness.config(Path.of("none"), Map.of()).task(),
            new MemoryBudget(64 * 1024 * 1024),
            line -> {
              if (line instanceof BacktestLine.Firing firing) {
                fired.add(fired(firing));
              }
            });
    events.stream()
        .filter(each -> SimulatedTask.hooks(area).contains(each.event().getHookId()))
        .forEach(each -> run.event(each.event(), 0, each.offset(), each.at()));
    run.end(events.size(), Duration.ZERO);
    return sorted(fired);
  }

  private static Fired fired(BacktestLine.Firing firing) {
    Set<String> commands = new TreeSet<>();
    firing
        .commands()
        .forEach(call -> commands.add(call.stepId() + call.item() + " " + call.inputs()));
    return new Fired(
        firing.at(),
        firing.eventIds(),
        commands,
        new TreeSet<>(firing.failures().keySet()),
        new TreeSet<>(firing.skipped().keySet()));
  }

  private static List<Fired> live(
      List<Phase> phases, UnaryOperator<Event> as, Instant from, Instant to) throws IOException {
    Path directory = Files.createTempDirectory("parity");
    Live live = new Live(directory);
    try {
      for (Phase phase : phases) {
        if (phase.area().version() > 1) {
          live.settle();
        }
        live.topology.define(phase.area());
        live.topology.tick();
        live.take(phase.inputs(), as);
      }
      live.topology.pass(Duration.between(live.topology.now(), to));
      live.topology.tick();
      live.look();
      while (live.isGoing()) { // what waits for its time gets it; rules get none any more
        live.topology.pass(Duration.ofMinutes(1));
        live.look();
      }
      return sorted(live.fired(from, to));
    } finally {
      live.topology.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** What the topology did, of which each call succeeded at once. */
  private static final class Live {
    private final Map<String, RunRecord> runs = new LinkedHashMap<>();
    private final Map<String, Set<String>> commands = new LinkedHashMap<>();
    private final Path directory;
    private Harness topology;
    private int restarts;
    private int number;

    Live(Path directory) {
      this.directory = directory;
      this.topology = new Harness(directory.resolve("0"));
    }

    void take(List<Input> inputs, UnaryOperator<Event> as) {
      int first = number;
      for (Input input : inputs) {
        topology.pass(input.pause());
        switch (input) {
          case Input.Happens happens -> topology.happen(as.apply(event(number++, first, happens)));
          case Input.Ticks _ -> topology.tick();
          case Input.Restarts _ -> {
            restarts++;
            look();
            topology = topology.restarted(directory.resolve("" + restarts));
          }
        }
        look();
      }
    }

    /** Decides what waits for others to come as far, and comes to the time of an edit. */
    void settle() {
      topology.pass(EDIT.dividedBy(2));
      topology.tick();
      topology.pass(EDIT.dividedBy(2));
      look();
    }

    void look() {
      List<Command> made = topology.commands();
      while (!made.isEmpty()) {
        for (Command command : made) {
          commands
              .computeIfAbsent(command.getRunId(), _ -> new TreeSet<>())
              .add(
                  command.getStepId()
                      + command.getItem().orElse(null)
                      + " "
                      + Harness.inputs(command));
          topology.succeed(command, OUTPUT);
        }
        made = topology.commands();
      }
      for (RunRecord run : topology.runs()) {
        runs.merge(
            run.getRunId(),
            run,
            (old, now) -> now.getTransition() > old.getTransition() ? now : old);
      }
    }

    boolean isGoing() {
      return runs.values().stream()
          .anyMatch(run -> Set.of(RunStatus.QUEUED, RunStatus.RUNNING).contains(run.getStatus()));
    }

    List<Fired> fired(Instant from, Instant to) {
      return runs.values().stream()
          .filter(run -> Set.of(RunStatus.SUCCEEDED, RunStatus.FAILED).contains(run.getStatus()))
          .filter(run -> !run.getStartedAt().isBefore(from) && run.getStartedAt().isBefore(to))
          .map(
              run ->
                  new Fired(
                      run.getStartedAt(),
                      events(run),
                      commands.getOrDefault(run.getRunId(), Set.of()),
                      failed(run),
                      withheld(run)))
          .toList();
    }

    private static List<String> events(RunRecord run) {
      return run.getEvents().isEmpty() && !run.getEventId().isEmpty()
          ? List.of(run.getEventId())
          : run.getEvents().stream().map(CollectedEvent::getId).toList();
    }

    private static Set<String> withheld(RunRecord run) {
      Set<String> withheld = new TreeSet<>();
      run.getSteps().stream()
          .filter(step -> step.getReason().isPresent())
          .forEach(step -> withheld.add(step.getId()));
      return withheld;
    }

    private static Set<String> failed(RunRecord run) {
      Set<String> failed = new TreeSet<>();
      run.getSteps().stream()
          .filter(step -> step.getStatus() == StepStatus.FAILED)
          .forEach(step -> failed.add(step.getId()));
      return failed;
    }
  }

  /** Runs of one moment have no order. */
  private static List<Fired> sorted(List<Fired> fired) {
    return fired.stream()
        .sorted(
            Comparator.comparing(Fired::at)
                .thenComparing(run -> run.events().toString())
                .thenComparing(run -> run.commands().toString()))
        .toList();
  }
}
