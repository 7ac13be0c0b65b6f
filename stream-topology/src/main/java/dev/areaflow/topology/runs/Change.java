package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Running;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a transition: the difference between a run before and after it.
 *
 * @param run the run as it is now; kept unless it is finished
 * @param isBeginning whether nothing of the run is kept yet
 * @param commands to issue
 * @param set timers to set
 * @param cleared timers to clear
 * @param log what the run log has to learn
 */
public record Change(
    Run run,
    boolean isBeginning,
    List<Command> commands,
    Set<Timer> set,
    Set<Timer> cleared,
    Optional<RunRecord> log) {

  /**
   * @param before null where the run has just begun
   */
  public static Change between(@Nullable Run before, Run after) {
    Set<Timer> old = before == null ? Set.of() : timers(before);
    Set<Timer> young = timers(after);
    boolean shows = before == null || after.transition() != before.transition();
    return new Change(
        after,
        before == null,
        commands(before, after),
        without(young, old),
        without(old, young),
        shows ? Optional.of(RunLog.record(after)) : Optional.empty());
  }

  private static List<Command> commands(@Nullable Run before, Run after) {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < after.steps().size(); i++) {
      Step step = after.steps().get(i);
      if (step.state() instanceof Running running
          && (before == null || issued(before.steps().get(i)) < running.tries().issued())) {
        commands.add(command(after, step, running));
      }
    }
    return commands;
  }

  private static int issued(Step step) {
    return step.open().map(open -> open.tries().issued()).orElse(0);
  }

  private static Command command(Run run, Step step, Running running) {
    return new Command(
        run.commandId(step.id()),
        run.subject().home(),
        run.id().toString(),
        step.id(),
        running.tries().issued(),
        running.notAfter(),
        run.subject().areaId(),
        run.subject().version(),
        run.subject().ownerId(),
        run.cause().eventId(),
        step.call().service(),
        step.call().reaction(),
        step.call().connectionId(),
        step.call().inputs().duplicate(),
        null,
        null,
        false,
        false);
  }

  private static Set<Timer> timers(Run run) {
    Set<Timer> timers = new LinkedHashSet<>();
    for (Step step : run.steps()) {
      if (step.state() instanceof Open open) {
        timers.add(new Timer(open.dueAt(), run.subject().home(), run.id().toString(), step.id()));
      }
    }
    return timers;
  }

  private static Set<Timer> without(Set<Timer> timers, Set<Timer> others) {
    Set<Timer> rest = new LinkedHashSet<>(timers);
    rest.removeAll(others);
    return rest;
  }
}
