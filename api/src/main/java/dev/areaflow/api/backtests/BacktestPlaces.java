package dev.areaflow.api.backtests;

import dev.areaflow.api.http.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** How many backtests go on at a time in this process. Safe for several threads. */
final class BacktestPlaces {
  private static final int OF_A_USER = 2;
  private static final Duration AGAIN = Duration.ofSeconds(10);

  private final int most;
  private final Map<UUID, Integer> taken = new HashMap<>();

  /**
   * @param most of all users together
   */
  BacktestPlaces(int most) {
    this.most = most;
  }

  /**
   * Takes a place, which {@link #leave} gives back.
   *
   * @throws Problem 429 where there is none
   */
  synchronized void take(UUID user) {
    if (taken.getOrDefault(user, 0) >= OF_A_USER) {
      throw Problem.tooMany(
          OF_A_USER
              + " backtests of yours are going on, which is the most; wait for one to end, or end"
              + " one by closing its connection.",
          AGAIN);
    }
    if (taken.values().stream().mapToInt(Integer::intValue).sum() >= most) {
      throw Problem.tooMany(
          most + " backtests are going on, which is the most; try again soon.", AGAIN);
    }
    taken.merge(user, 1, Integer::sum);
  }

  /** Gives a place back. */
  synchronized void leave(UUID user) {
    taken.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
  }
}
