package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.NOW;
import static dev.areaflow.topology.runs.Samples.POLICY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for a run whatever comes, in whatever order, however often. */
final class RunPropertiesTest {
  private static final List<String> STEPS = List.of("a", "b");

  /** Something that happens to a step some time after what happened before. */
  record Incident(Kind kind, String step, int attempt, Duration later) {
    enum Kind {
      SUCCEEDED,
      RETRYABLE,
      PERMANENT,
      DEFERRED,
      EXPIRED,
      TIMER,
      STALE_TIMER
    }

    Run befall(Run run, Instant now) {
      return switch (kind) {
        case SUCCEEDED -> run.on(Samples.succeeded(run, step, attempt), now, POLICY);
        case RETRYABLE -> run.on(Samples.retryable(run, step, attempt), now, POLICY);
        case PERMANENT ->
            run.on(Samples.failed(run, step, attempt, ErrorClass.PERMANENT), now, POLICY);
        case DEFERRED -> run.on(Samples.deferred(run, step, attempt, later), now, POLICY);
        case EXPIRED -> run.on(Samples.expired(run, step, attempt), now, POLICY);
        case TIMER ->
            Samples.state(run, step) instanceof Open open
                ? run.due(step, open.dueAt(), now, POLICY)
                : run;
        case STALE_TIMER -> run.due(step, Instant.EPOCH, now, POLICY);
      };
    }
  }

  @Provide
  Arbitrary<List<Incident>> incidents() {
    return Combinators.combine(
            Arbitraries.of(Incident.Kind.class),
            Arbitraries.of(STEPS),
            Arbitraries.integers().between(0, 14),
            Arbitraries.longs().between(0, Duration.ofHours(2).toMillis()).map(Duration::ofMillis))
        .as(Incident::new)
        .list()
        .ofMaxSize(60);
  }

  @Property
  void whatIsKeptAndIssuedAlwaysFits(@ForAll("incidents") List<Incident> incidents) {
    Run run = Samples.begun("a", "b");
    Change beginning = Change.between(null, run);
    Set<Timer> timers = new HashSet<>(beginning.set());
    Set<String> issued = new HashSet<>();
    beginning.commands().forEach(c -> issued.add(c.getId() + "#" + c.getAttempt()));
    Instant now = NOW;

    for (Incident incident : incidents) {
      now = now.plus(incident.later());
      Run before = run;
      run = incident.befall(before, now);
      Change change = Change.between(before, run);

      assertThat(timers).as("only timers that are set are cleared").containsAll(change.cleared());
      timers.removeAll(change.cleared());
      timers.addAll(change.set());
      assertThat(timers)
          .as("each open step has its timer, and nothing else has")
          .hasSize((int) run.steps().stream().filter(s -> s.state() instanceof Open).count());
      change
          .commands()
          .forEach(
              c ->
                  assertThat(issued.add(c.getId() + "#" + c.getAttempt()))
                      .as("an attempt is issued once")
                      .isTrue());
      assertThat(run.transition() - before.transition())
          .isEqualTo(change.log().isPresent() ? 1 : 0);
      for (String step : STEPS) {
        if (Samples.state(before, step) instanceof Closed) {
          assertThat(Samples.state(run, step))
              .as("what is closed stays as it is")
              .isEqualTo(Samples.state(before, step));
        }
      }
      assertThat(RunRow.SERDE.deserializer().deserialize("", row(run))).isEqualTo(run);
    }
  }

  @Property
  void everyRunEndsOnceOutcomesStop(@ForAll("incidents") List<Incident> incidents) {
    Run run = Samples.begun("a", "b");
    Instant now = NOW;
    for (Incident incident : incidents) {
      now = now.plus(incident.later());
      run = incident.befall(run, now);
    }

    for (int i = 0; i < 2_000 && !run.finished(); i++) {
      for (String step : STEPS) {
        if (Samples.state(run, step) instanceof Open open) {
          run = run.due(step, open.dueAt(), open.dueAt(), POLICY);
        }
      }
    }

    assertThat(run.finished()).isTrue();
  }

  private static byte[] row(Run run) {
    return RunRow.SERDE.serializer().serialize("", run);
  }
}
