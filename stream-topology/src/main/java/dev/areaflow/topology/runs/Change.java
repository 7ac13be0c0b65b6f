package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Delayed;
import dev.areaflow.topology.runs.StepState.Item;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Running;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a transition: the difference between a run before and after it.
 *
 * @param before the run as it was; null where nothing of it is kept yet
 * @param run the run as it is now
 * @param commands to issue
 * @param set timers to set
 * @param cleared timers to clear
 * @param kept what to keep beside the run, by the names of {@link Materials}
 * @param log what the run log has to learn
 */
public record Change(
    @Nullable Run before,
    Run run,
    List<Command> commands,
    Set<Timer> set,
    Set<Timer> cleared,
    Map<String, byte[]> kept,
    Optional<RunRecord> log) {

  /**
   * @param before null where the run has just begun
   */
  public static Change between(@Nullable Run before, Run after) {
    return between(before, Moved.of(after));
  }

  /**
   * @param before null where the run has just begun
   */
  public static Change between(@Nullable Run before, Moved moved) {
    Run after = moved.run();
    Set<Timer> old = before == null ? Set.of() : timers(before);
    Set<Timer> young = timers(after);
    boolean shows = before == null || after.transition() != before.transition();
    return new Change(
        before,
        after,
        commands(before, moved),
        without(young, old),
        without(old, young),
        moved.kept(),
        shows ? Optional.of(RunLog.record(after)) : Optional.empty());
  }

  private static List<Command> commands(@Nullable Run before, Moved moved) {
    Run after = moved.run();
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < after.steps().size(); i++) {
      Step step = after.steps().get(i);
      @Nullable StepState old =
          before == null || i >= before.steps().size() ? null : before.steps().get(i).state();
      switch (step.state()) {
        case Running running -> {
          if (!(old instanceof Open open) || open.tries().issued() < running.tries().issued()) {
            commands.add(command(moved, step, null, running));
          }
        }
        case Looping looping -> {
          for (Item item : looping.active()) {
            if (item.state() instanceof Running running
                && issued(old, item.index()) < running.tries().issued()) {
              commands.add(command(moved, step, item.index(), running));
            }
          }
        }
        case Pending _, Delayed _, Open _, Closed _ -> {}
      }
    }
    return commands;
  }

  private static int issued(@Nullable StepState before, int item) {
    return before instanceof Looping looping
        ? looping.item(item).map(old -> old.state().tries().issued()).orElse(0)
        : 0;
  }

  private static Command command(Moved moved, Step step, @Nullable Integer item, Running running) {
    Run run = moved.run();
    Duration timeout = step.call().handling().timeout();
    String id = item == null ? run.commandId(step.id()) : run.commandId(step.id(), item);
    ByteBuffer inputs = moved.inputs().getOrDefault(id, step.call().inputs());
    return new Command(
        id,
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
        inputs.duplicate(),
        item,
        timeout == null ? null : timeout.toMillis(),
        step.call().handling().atMostOnce(),
        step.call().handling().keepsOutput());
  }

  private static Set<Timer> timers(Run run) {
    Set<Timer> timers = new LinkedHashSet<>();
    for (Step step : run.steps()) {
      switch (step.state()) {
        case Open open -> timers.add(timer(run, open.dueAt(), step.id()));
        case Delayed delayed -> timers.add(timer(run, delayed.dueAt(), step.id()));
        case Looping looping -> {
          for (Item item : looping.active()) {
            timers.add(timer(run, item.state().dueAt(), step.id() + '\0' + item.index()));
          }
        }
        case Pending _, Closed _ -> {}
      }
    }
    return timers;
  }

  private static Timer timer(Run run, Instant dueAt, String part) {
    return new Timer(dueAt, run.subject().home(), run.id().toString(), part);
  }

  private static Set<Timer> without(Set<Timer> timers, Set<Timer> others) {
    Set<Timer> rest = new LinkedHashSet<>(timers);
    rest.removeAll(others);
    return rest;
  }
}
