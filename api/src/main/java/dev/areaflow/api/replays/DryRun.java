package dev.areaflow.api.replays;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Problem;
import java.util.UUID;

/** Tells what a replay would do, without doing it. */
@FunctionalInterface
public interface DryRun {
  /** For where nobody can tell yet. */
  DryRun UNKNOWN =
      (owner, area, request) -> {
        throw Problem.conflict(
            "/mode",
            "A dry run is a backtest: POST /api/v1/areas/backtest with the AREA and the range tells"
                + " what would happen. The replay itself is \"mode\": \"live\".");
      };

  /**
   * @param area one of the owner's
   * @throws Problem where it cannot be told
   */
  Answer answer(UUID owner, UUID area, ReplayRequest request);
}
