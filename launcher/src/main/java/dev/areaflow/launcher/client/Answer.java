package dev.areaflow.launcher.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;

/**
 * What the server answered.
 *
 * @param body the JSON body; a missing node where there is none
 */
public record Answer(int status, HttpHeaders headers, JsonNode body) {

  /**
   * This answer, if it has the status that the caller needs to go on.
   *
   * @throws UnexpectedAnswerException otherwise, with the body
   */
  public Answer expecting(int expected) {
    if (status != expected) {
      throw new UnexpectedAnswerException(
          "expected status " + expected + ", found " + status + ": " + body);
    }
    return this;
  }
}
