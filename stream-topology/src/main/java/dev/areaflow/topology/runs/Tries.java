package dev.areaflow.topology.runs;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one step so far. Every command that is issued has an attempt number of its own,
 * so that an outcome tells which one it answers; only calls that were made and failed spend the
 * budget of retries.
 *
 * @param startedAt when the first attempt was issued
 * @param issued attempts issued; the number of the last one
 * @param failed attempts that were answered with a failure
 * @param unanswered numbers of earlier attempts that no outcome came for, the last few
 */
public record Tries(Instant startedAt, int issued, int failed, List<Integer> unanswered) {
  private static final int REMEMBERED = 16;

  public Tries {
    unanswered = List.copyOf(unanswered);
  }

  static Tries first(Instant now) {
    return first(now, 0);
  }

  /**
   * @param issued attempts that were issued before the step was to begin anew
   */
  static Tries first(Instant now, int issued) {
    return new Tries(now, issued + 1, 0, List.of());
  }

  /**
   * Those of a step that was to begin anew and did not.
   *
   * @return null where nothing was issued before
   */
  static @Nullable Tries before(Instant now, int issued) {
    return issued == 0 ? null : new Tries(now, issued, 0, List.of());
  }

  Tries next() {
    return new Tries(startedAt, issued + 1, failed, unanswered);
  }

  Tries failedOnce() {
    return new Tries(startedAt, issued, failed + 1, unanswered);
  }

  /** How many attempts came back without a call. */
  int returned() {
    return issued - failed - unanswered.size();
  }

  /** The attempt in hand was not answered in time. */
  Tries withoutAnswer() {
    List<Integer> all = Stream.concat(unanswered.stream(), Stream.of(issued)).toList();
    return new Tries(
        startedAt, issued, failed, all.subList(Math.max(0, all.size() - REMEMBERED), all.size()));
  }
}
