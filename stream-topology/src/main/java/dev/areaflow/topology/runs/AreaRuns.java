package dev.areaflow.topology.runs;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the runs of one AREA together.
 *
 * @param ended how many that ended are kept, so that they can be retried
 * @param current the run whose end others wait for; null where none goes on
 * @param waiting how many wait for it
 * @param first the place in the queue from which on they wait
 * @param next the place of the next one that has to wait
 * @param failingSince since when its runs fail; null where the last one did not, or nobody asked
 * @param told the kinds of failures that were told of, with the time
 * @param replayed how many of those that wait are of replays
 */
public record AreaRuns(
    int ended,
    @Nullable String current,
    int waiting,
    long first,
    long next,
    @Nullable Instant failingSince,
    Map<String, Instant> told,
    int replayed) {
  /** Nothing. */
  public static final AreaRuns NONE = new AreaRuns(0, null, 0, 1, 1, null, Map.of(), 0);

  /**
   * Runs of replays that wait, beside those of live events. Whoever replays lets fewer wait; this
   * is for where it does not know that they have to.
   */
  public static final int MOST_REPLAYED = 1_000;

  /** Ended runs of one AREA that are kept. */
  public static final int MOST_ENDED = 10_000;

  /** So many at most are kept where one of a replay may come to them. */
  public static final int MOST_ENDED_OF_REPLAYS = MOST_ENDED / 2;

  /** How long an ended run is kept. */
  public static final Duration RETENTION = Duration.ofDays(7);

  /** Kinds of failures that are remembered; what is forgotten is told of again. */
  private static final int MOST_TOLD = 100;

  private static final Duration TOLD_AGAIN = Duration.ofDays(1);

  /** A day before the AREA would be paused its failures are told of again. */
  private static final Duration LAST_CALL = RunError.PATIENCE.minusDays(1);

  /** Of the values of their store. */
  public static final Serde<AreaRuns> SERDE =
      Serdes.serdeFrom(
          (topic, runs) -> runs == null ? null : runs.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  public AreaRuns {
    told = Map.copyOf(told);
  }

  /** With so many more ended runs, or fewer. */
  public AreaRuns withEnded(int more) {
    return new AreaRuns(
        Math.max(0, ended + more), current, waiting, first, next, failingSince, told, replayed);
  }

  /** A run is kept no longer; if it was the last, no run has failed since long. */
  public AreaRuns swept() {
    AreaRuns fewer = withEnded(-1);
    return fewer.ended == 0 ? fewer.healthy() : fewer;
  }

  /** A run goes on whose end others wait for; null for none. */
  public AreaRuns withCurrent(@Nullable String runId) {
    return new AreaRuns(ended, runId, waiting, first, next, failingSince, told, replayed);
  }

  /** A run waits at the place {@link #next}. */
  public AreaRuns queued(Run run) {
    return new AreaRuns(
        ended, current, waiting + 1, first, next + 1, failingSince, told, replayed + replays(run));
  }

  /** A run waits no longer. */
  public AreaRuns left(Run run) {
    int fewer = Math.max(0, replayed - replays(run)); // before, nobody counted those of replays
    return new AreaRuns(ended, current, waiting - 1, first, next, failingSince, told, fewer);
  }

  private static int replays(Run run) {
    return run.cause().replay() == null ? 0 : 1;
  }

  /**
   * Why one more run cannot wait; empty if it can. Those of replays take no place of others.
   *
   * @param most how many of live events may
   */
  public Optional<String> objection(Run run, int most) {
    boolean isReplay = run.cause().replay() != null;
    int bound = isReplay ? MOST_REPLAYED : most;
    return (isReplay ? replayed : waiting - replayed) < bound
        ? Optional.empty()
        : Optional.of(
            "%d runs of the AREA wait already, which is the most; let more wait, or let runs go on"
                    .formatted(bound)
                + " side by side");
  }

  /** No run waits before a place any more. */
  public AreaRuns from(long place) {
    return new AreaRuns(ended, current, waiting, place, next, failingSince, told, replayed);
  }

  /** A run succeeded. */
  public AreaRuns healthy() {
    return new AreaRuns(ended, current, waiting, first, next, null, Map.of(), replayed);
  }

  /** A run failed. */
  public AreaRuns failing(Instant now) {
    return new AreaRuns(
        ended,
        current,
        waiting,
        first,
        next,
        Optional.ofNullable(failingSince).orElse(now),
        told,
        replayed);
  }

  /** Whether a failure has to be told of: not if one of its kind was not long ago. */
  public boolean tells(String kind, Instant now) {
    Instant last = told.get(kind);
    if (last == null || !now.isBefore(last.plus(TOLD_AGAIN))) {
      return true;
    }
    Instant lastCall = Optional.ofNullable(failingSince).orElse(now).plus(LAST_CALL);
    return !now.isBefore(lastCall) && last.isBefore(lastCall);
  }

  /** A failure was told of. */
  public AreaRuns told(String kind, Instant now) {
    Map<String, Instant> all = new HashMap<>(told);
    all.values().removeIf(at -> !now.isBefore(at.plus(TOLD_AGAIN)));
    if (all.size() >= MOST_TOLD) {
      all.entrySet().stream()
          .min(Map.Entry.comparingByValue())
          .map(Map.Entry::getKey)
          .ifPresent(all::remove);
    }
    all.put(kind, now);
    return new AreaRuns(ended, current, waiting, first, next, failingSince, all, replayed);
  }

  /** Whether there is nothing to know. */
  public boolean isNothing() {
    return ended == 0 && current == null && waiting == 0 && failingSince == null;
  }

  private byte[] toRow() {
    RowWriter row =
        new RowWriter(FORMAT)
            .number(ended)
            .optionalText(current)
            .number(waiting)
            .number(first)
            .number(next)
            .bool(failingSince != null);
    if (failingSince != null) {
      row.instant(failingSince);
    }
    List<Map.Entry<String, Instant>> entries =
        told.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
    return row.rows(entries, (entry, each) -> each.text(entry.getKey()).instant(entry.getValue()))
        .number(replayed)
        .toBytes();
  }

  private static AreaRuns parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    int ended = row.integer();
    @Nullable String current = row.optionalText();
    int waiting = row.integer();
    long first = row.number();
    long next = row.number();
    @Nullable Instant since = row.bool() ? row.instant() : null;
    Map<String, Instant> told = new HashMap<>();
    new ArrayList<>(row.rows(each -> Map.entry(each.text(), each.instant())))
        .forEach(entry -> told.put(entry.getKey(), entry.getValue()));
    return new AreaRuns(ended, current, waiting, first, next, since, told, row.integer());
  }
}
