package dev.areaflow.schemas.topics;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which dead letters may be written to their topic again. Those whose reader takes a record for
 * what it says, whenever it comes: a repetition is told by its id, attempt or deadline, or does no
 * harm.
 */
public final class Redelivery {
  /** Header of a record that was a dead letter; its value is the place where it was before. */
  public static final String HEADER = "areaflow-redelivered-from";

  private static final Set<String> SAFE =
      Set.of(
          Topics.EVENTS.name(),
          Topics.COMMANDS.name(),
          Topics.OUTCOMES.name(),
          Topics.WAKES.name());

  private static final Map<String, String> INSTEAD =
      Map.of(
          Topics.DEFINITIONS.name(),
          "it is a row of an AREA, and an older one must not come after a newer one; save the AREA"
              + " again",
          Topics.HOOKS.name(),
          "it is a row of a hook, and an older one must not come after a newer one; save an AREA of"
              + " the hook again",
          Topics.REQUESTS.name(),
          "it is what somebody asked of a run; ask again at the run",
          Topics.TICKS.name(),
          "it is a time that is over",
          Topics.POLLS.name(),
          "the poll was issued again at its deadline",
          Topics.POLL_RESULTS.name(),
          "the poll was issued again at its deadline");

  private Redelivery() {}

  /** The topics that take records again. */
  public static Set<String> safe() {
    return SAFE;
  }

  /** Why a record of a topic is not written there again, and what helps; empty where it may be. */
  public static Optional<String> objection(String topic) {
    return SAFE.contains(topic)
        ? Optional.empty()
        : Optional.of(
            "A record of "
                + topic
                + " is not written again: "
                + INSTEAD.getOrDefault(topic, "its reader does not expect one twice")
                + ".");
  }
}
