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
            "What a replay would do cannot be told yet: try the AREA with single events"
                + " (POST /api/v1/areas/try), or ask for the replay itself with \"mode\":"
                + " \"live\".");
      };

  /**
   * @param area one of the owner's
   * @throws Problem where it cannot be told
   */
  Answer answer(UUID owner, UUID area, ReplayRequest request);
}
