package dev.areaflow.launcher.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * What the demonstration saw; its JSON is what {@code area demo --json} prints.
 *
 * @param event the event as the API shows it, with the verdicts
 * @param command the command as it stands in its topic
 * @param reaction the request as the sink received it
 * @param run the run as the run log shows it
 * @param duplicate what the second delivery of the same event came to
 * @param times when each step happened
 */
public record Report(
    JsonNode event,
    JsonNode command,
    JsonNode reaction,
    JsonNode run,
    JsonNode duplicate,
    Times times) {

  /**
   * When each step of the event's way happened.
   *
   * @param posted the delivery was sent
   * @param event the broker has the event
   * @param answered the delivery was answered 202
   * @param command the broker has the command
   * @param reaction the sink has the request
   * @param finished the run is finished
   */
  public record Times(
      Instant posted,
      Instant event,
      Instant answered,
      Instant command,
      Instant reaction,
      Instant finished) {}
}
