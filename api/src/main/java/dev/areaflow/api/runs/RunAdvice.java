package dev.areaflow.api.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What there is to do about steps that did not succeed, in words for their owner.
 *
 * @param connections names of connections, by the steps that use them
 */
record RunAdvice(Map<Place, String> connections) {
  /** For runs that need none. */
  static final RunAdvice WITHOUT_NAMES = new RunAdvice(Map.of());

  /** A step of an AREA. */
  record Place(UUID area, String step) {}

  RunAdvice {
    connections = Map.copyOf(connections);
  }

  /** Whether the advice on a run names a connection. */
  static boolean asksForNames(Run run) {
    return run.steps().findValuesAsText("class").contains("reauthorize");
  }

  /** The steps of a run, each with its advice where there is any. */
  JsonNode on(Run run) {
    JsonNode steps = run.steps().deepCopy();
    for (JsonNode step : steps) {
      if (step instanceof ObjectNode object) {
        on(run, step).ifPresent(words -> object.put("advice", words));
      }
    }
    return steps;
  }

  private Optional<String> on(Run run, JsonNode step) {
    String errorClass = step.at("/error/class").asText();
    return switch (step.path("status").asText()) {
      case "unknown" -> Optional.of(UNCONFIRMED);
      case "failed" -> Optional.of(failed(run, step, errorClass));
      case "waiting", "running" ->
          switch (errorClass) {
            case "reauthorize" ->
                Optional.of(
                    "Connect " + connection(run, step) + " again: the step goes on at once.");
            case "retryable" ->
                Optional.of("Nothing: the call is made again. Cancel the run to prevent that.");
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  private static final String UNCONFIRMED =
      "Look at the service whether it was done: nobody knows. A retry of the run calls again.";

  private String failed(Run run, JsonNode step, String errorClass) {
    return switch (errorClass) {
      case "retryable" -> "All attempts are used up. Retry the run once the service answers again.";
      case "reauthorize" -> "Connect " + connection(run, step) + " again, then retry the run.";
      case "unconfirmed" -> UNCONFIRMED;
      default ->
          "The same call would fail again. Correct what the message names, then re-run the run: it"
              + " begins anew, with the AREA as it is then.";
    };
  }

  private String connection(Run run, JsonNode step) {
    String name = connections.get(new Place(run.areaId(), step.path("id").asText()));
    return name == null ? "the account" : "\"" + name + "\"";
  }
}
