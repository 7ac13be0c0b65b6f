package dev.areaflow.topology.runs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a step is that is repeated for the items of a list. It does not grow with the list: of
 * items that ended only the failed ones are told apart.
 *
 * @param total items of the list
 * @param next the first item that has not begun; those before it have
 * @param succeeded how many items were done
 * @param failed which items were given up
 * @param again items that failed before and have to begin anew
 * @param issued the highest attempt number of any item
 * @param startedAt when the step began
 * @param problem what the first failed item's last call brought; null while none failed
 */
public record Loop(
    int total,
    int next,
    int succeeded,
    Indexes failed,
    Indexes again,
    int issued,
    Instant startedAt,
    @Nullable Answer problem) {
  /** Items of a list, at most. */
  public static final int MOST_ITEMS = 1_000;

  /** Steps in which progress is shown. */
  private static final int STAGES = 10;

  static Loop of(int total, int issued, Instant now) {
    return new Loop(total, 0, 0, Indexes.NONE, Indexes.NONE, issued, now, null);
  }

  boolean hasNext() {
    return !again.isEmpty() || next < total;
  }

  /** The item that begins next. */
  int nextIndex() {
    return again.isEmpty() ? next : again.first();
  }

  /** After the next item began. */
  Loop begun() {
    return again.isEmpty()
        ? new Loop(total, next + 1, succeeded, failed, again, issued, startedAt, problem)
        : new Loop(
            total,
            next,
            succeeded,
            failed,
            again.without(again.first()),
            issued,
            startedAt,
            problem);
  }

  Loop issued(int attempt) {
    return attempt <= issued
        ? this
        : new Loop(total, next, succeeded, failed, again, attempt, startedAt, problem);
  }

  Loop done() {
    return new Loop(total, next, succeeded + 1, failed, again, issued, startedAt, problem);
  }

  Loop failed(int index, Answer answer) {
    return new Loop(
        total,
        next,
        succeeded,
        failed.with(index),
        again,
        issued,
        startedAt,
        problem == null ? answer : problem);
  }

  /** What could not be done for other reasons than an item. */
  Loop stopped(Answer answer) {
    return new Loop(
        total,
        next,
        succeeded,
        failed,
        again,
        issued,
        startedAt,
        problem == null ? answer : problem);
  }

  /** The failed items are to begin anew, those that never began begin then. */
  Loop anew() {
    return new Loop(
        total, next, succeeded, Indexes.NONE, failed.union(again), issued, startedAt, null);
  }

  /** Grows whenever people should see how far it is, not with each of many items. */
  int stage() {
    int ended = succeeded + failed.size();
    return total == 0 ? 0 : STAGES * ended / total + (failed.isEmpty() ? 0 : STAGES + 1);
  }
}
