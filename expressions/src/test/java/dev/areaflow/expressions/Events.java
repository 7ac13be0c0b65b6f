package dev.areaflow.expressions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Events and trees for tests, written as JSON with apostrophes for quotes. */
final class Events {
  static final Meta META =
      new Meta(
          "72d3162e-cc78-11e3-81ab-4c9367dc0958",
          Instant.parse("2026-03-01T10:15:30.250Z"),
          "github",
          "issue_opened");

  private static final JsonMapper JSON = new JsonMapper();

  private Events() {}

  static Bindings event(String json) {
    return Bindings.of(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), META);
  }

  static JsonNode json(String json) {
    return exactly(json.replace('\'', '"'));
  }

  static JsonNode exactly(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
