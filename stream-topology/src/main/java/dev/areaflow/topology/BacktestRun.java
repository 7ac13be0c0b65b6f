package dev.areaflow.topology;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.memory.MemoryBudget;
import dev.areaflow.topology.runs.Cause;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A backtest over events that come in their order: what they make in a {@link SimulatedTask}, in
 * the words of {@link BacktestLine}. For one thread.
 */
final class BacktestRun implements RangeReader.Sink, SimulatedTask.Listener {
  /** Stands for the id of a replay, which nobody sees. */
  private static final String DRY_RUN = "dry-run";

  private final Backtest backtest;
  private final Consumer<BacktestLine> lines;
  private final SelectedEvents selected;
  private final SimulatedTask task;
  private final Map<String, List<String>> assumed = new HashMap<>();

  /** The calls of runs that have not ended, by the runs' ids. */
  private final Map<String, List<BacktestLine.Call>> calls = new LinkedHashMap<>();

  private long read;
  private long skipped;
  private long refused;
  private long erred;
  private long repeated;
  private long dropped;
  private long fired;

  BacktestRun(
      Backtest backtest, TaskConfig config, MemoryBudget budget, Consumer<BacktestLine> lines) {
    this.backtest = backtest;
    this.lines = lines;
    Plan plan = Plan.parse(backtest.area().plan());
    plan.all().forEach(step -> assumed.put(step.id(), assumed(plan, step)));
    Expressions expressions = new Expressions();
    this.selected = new SelectedEvents(backtest.selection(), expressions);
    this.task =
        new SimulatedTask(backtest.area(), config, replay(backtest), expressions, budget, this);
    task.begin(backtest.begin());
  }

  private static Cause.@Nullable Replay replay(Backtest backtest) {
    return switch (backtest.manner()) {
      case LIVE -> null;
      case REPLAY -> new Cause.Replay(DRY_RUN, false);
      case FORCED_REPLAY -> new Cause.Replay(DRY_RUN, true);
    };
  }

  /** The steps whose output a step may read. */
  private static List<String> assumed(Plan plan, Plan.Step step) {
    List<String> before = step.flow() == null ? List.of() : step.flow().after();
    return plan.all().stream()
        .filter(other -> other.flow() != null && other.flow().keepsOutput())
        .filter(other -> !other.service().isEmpty())
        .map(Plan.Step::id)
        .filter(before::contains)
        .toList();
  }

  /** Whether all events that were asked for by their ids have come. */
  boolean isComplete() {
    return selected.isComplete();
  }

  @Override
  public void event(Event event, int partition, long offset, Instant at) {
    SelectedEvents.Fate fate = selected.fate(event);
    if (fate == SelectedEvents.Fate.OTHER) {
      return;
    }
    if (isTold(at)) {
      read++;
    }
    if (fate == SelectedEvents.Fate.TAKEN) {
      task.event(event, partition, offset, at);
    } else if (isTold(at)) {
      skipped++;
    }
  }

  @Override
  public void unreadable(Instant at, String detail) {
    if (isTold(at)) {
      read++;
      erred++;
      lines.accept(new BacktestLine.Problem(at, "", detail));
    }
  }

  /**
   * Ends it.
   *
   * @param scanned records that were looked at
   */
  void end(long scanned, Duration took) {
    task.end(backtest.to());
    long matched = read - skipped - refused - erred - repeated;
    lines.accept(
        new BacktestLine.Summary(
            read, skipped, matched, refused, erred, repeated, dropped, fired, scanned, took));
  }

  private boolean isTold(Instant at) {
    return !at.isBefore(backtest.from()) && at.isBefore(backtest.to());
  }

  @Override
  public void on(Command command, Instant at) {
    calls
        .computeIfAbsent(command.getRunId(), _ -> new ArrayList<>())
        .add(
            new BacktestLine.Call(
                command.getStepId(),
                command.getItem().orElse(null),
                at,
                text(command.getInputs()),
                assumed.getOrDefault(command.getStepId(), List.of())));
  }

  @Override
  public @Nullable ByteBuffer output(Command command) {
    String sample = command.getKeepsOutput() ? backtest.samples().get(command.getStepId()) : null;
    return sample == null ? null : ByteBuffer.wrap(sample.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void on(RunRecord run) {
    Instant at = run.getStartedAt();
    if (!isTold(at)) {
      calls.remove(run.getRunId());
      return;
    }
    switch (run.getStatus()) {
      case QUEUED, RUNNING -> {} // until it ends
      case SUCCEEDED, FAILED, CANCELLED -> fired(run);
      case FILTERED -> refused++;
      case DUPLICATE -> repeated++;
      case DROPPED -> dropped++;
      case ERROR -> {
        erred++;
        lines.accept(
            new BacktestLine.Problem(at, run.getEventId(), run.getDetail().orElse("no reason")));
      }
      case KEPT, UNKNOWN -> {} // it matched
    }
  }

  private void fired(RunRecord run) {
    fired++;
    List<BacktestLine.Call> made = calls.remove(run.getRunId());
    Map<String, String> failures = new HashMap<>();
    Map<String, String> withheld = new HashMap<>();
    for (StepRecord step : run.getSteps()) {
      step.getReason().ifPresent(reason -> withheld.put(step.getId(), reason));
      if (step.getStatus() == StepStatus.FAILED) {
        failures.put(step.getId(), step.getErrorMessage().orElse("no reason"));
      }
    }
    lines.accept(
        new BacktestLine.Firing(
            run.getStartedAt(),
            eventIds(run),
            made == null ? List.of() : made,
            failures,
            withheld));
  }

  private static List<String> eventIds(RunRecord run) {
    if (!run.getEvents().isEmpty()) {
      return run.getEvents().stream().map(CollectedEvent::getId).toList();
    }
    return run.getEventId().isEmpty() ? List.of() : List.of(run.getEventId());
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
