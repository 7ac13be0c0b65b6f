package dev.areaflow.schemas.backtest;

import dev.areaflow.schemas.avro.Event;
import java.time.Instant;

/** What a replayer tells, one after the other. */
public sealed interface ReplayLine {

  /**
   * It begins.
   *
   * @param of records to read, of all hooks that share the partitions
   */
  record Begun(long of) implements ReplayLine {}

  /**
   * How far it has come.
   *
   * @param read how many of those records were looked at
   */
  record Progress(long read) implements ReplayLine {}

  /**
   * An event to write at the AREA's home: one that came in, or a firing of the AREA's rule.
   *
   * @param at when it arrived, or the rule fired, as the broker's clock says; never before that of
   *     the one before
   * @param read records that were looked at by then
   * @param skipped events by then that were asked for and not taken, since what must hold does not
   */
  record Found(Instant at, Event event, long read, long skipped) implements ReplayLine {}

  /**
   * There is nothing more.
   *
   * @param skipped events that were asked for and not taken
   */
  record Ended(long skipped) implements ReplayLine {}
}
