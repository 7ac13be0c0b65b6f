package dev.areaflow.ingest.schedules;

import dev.areaflow.schemas.avro.PollStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Decides what people are told of a hook's polls and when: its first result, its first failure and
 * its recovery at once, else about once a minute.
 */
final class PollReports {
  static final String STORE = "poll-reports";

  /**
   * A little less than a minute: of a hook that is polled each minute, one result comes a little
   * earlier than the one before and has to be told too.
   */
  static final Duration PAUSE = Duration.ofSeconds(50);

  private static final int LONGEST_FAILURE = 1_000;

  private final KeyValueStore<String, PollReport> told;

  PollReports(KeyValueStore<String, PollReport> told) {
    this.told = told;
  }

  /**
   * What is to be told after a whole result.
   *
   * @param next the state after it
   * @param failure why it failed; null where it did not
   * @param late the newest time of what should have been delivered, which is told at once; null
   *     where nothing should
   */
  Optional<PollStatus> after(
      PollState next, @Nullable String failure, @Nullable Instant late, Instant now) {
    String hookId = next.hook().id();
    @Nullable PollReport last = told.get(hookId);
    boolean failing = next.failures() > 0;
    if (late == null
        && last != null
        && last.failing() == failing
        && now.isBefore(last.at().plus(PAUSE))) {
      return Optional.empty();
    }
    told.put(hookId, new PollReport(now, failing));
    return Optional.of(
        PollStatus.newBuilder()
            .setHookId(hookId)
            .setLastPolledAt(now)
            .setFailures(next.failures())
            .setLastFailure(failing ? shown(failure) : null)
            .setNextPollAt(next.due())
            .setLateItemAt(late)
            .build());
  }

  /** What is to be told of a hook that is not polled any more, or begins anew. */
  Optional<PollStatus> forget(String hookId) {
    if (told.get(hookId) == null) {
      return Optional.empty();
    }
    told.delete(hookId);
    return Optional.of(PollStatus.newBuilder().setHookId(hookId).build());
  }

  private static String shown(@Nullable String failure) {
    String words = failure == null || failure.isBlank() ? "it failed without a reason" : failure;
    return words.length() > LONGEST_FAILURE ? words.substring(0, LONGEST_FAILURE) + "…" : words;
  }
}
