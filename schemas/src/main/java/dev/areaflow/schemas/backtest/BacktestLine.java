package dev.areaflow.schemas.backtest;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a backtest tells, one after the other. */
public sealed interface BacktestLine {

  /**
   * A run that there would have been.
   *
   * @param at when it would have begun
   * @param eventIds the events that made it, in their order
   * @param commands the calls that it would have made, as if each succeeded
   * @param failures of steps whose inputs could not be made of these events, by the step's id
   * @param skipped why a replay leaves steps out, by the step's id
   */
  record Firing(
      Instant at,
      List<String> eventIds,
      List<Call> commands,
      Map<String, String> failures,
      Map<String, String> skipped)
      implements BacktestLine {
    public Firing {
      eventIds = List.copyOf(eventIds);
      commands = List.copyOf(commands);
      failures = Map.copyOf(failures);
      skipped = Map.copyOf(skipped);
    }
  }

  /**
   * A call that would have been made.
   *
   * @param stepId the reaction's id within its AREA
   * @param item place of the item that it would have been made for; null where there is no list
   * @param at when it would have been made
   * @param inputs a JSON object
   * @param assumed steps whose output was a sample, which these inputs may hold parts of
   */
  record Call(
      String stepId, @Nullable Integer item, Instant at, String inputs, List<String> assumed) {
    public Call {
      assumed = List.copyOf(assumed);
    }
  }

  /**
   * An event that could not be decided.
   *
   * @param at when it arrived
   * @param eventId the event
   * @param detail why
   */
  record Problem(Instant at, String eventId, String detail) implements BacktestLine {}

  /**
   * How far it has come.
   *
   * @param read records of all hooks that share the partitions
   * @param of how many there are to read
   */
  record Progress(long read, long of) implements BacktestLine {}

  /**
   * How it ended. Of the events, those from {@code from} on are counted.
   *
   * @param read events of the AREA's hooks; where some were asked for by their ids, those
   * @param skipped those of them that were not taken, since what was asked for does not hold
   * @param matched those of them that its condition let through
   * @param refused those that it did not
   * @param erred those that could not be decided
   * @param repeated those that were there before
   * @param dropped those that the rule did not take
   * @param fired runs that there would have been
   * @param scanned records that were looked at for them
   * @param took how long it took
   */
  record Summary(
      long read,
      long skipped,
      long matched,
      long refused,
      long erred,
      long repeated,
      long dropped,
      long fired,
      long scanned,
      Duration took)
      implements BacktestLine {}
}
