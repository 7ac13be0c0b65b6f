package dev.areaflow.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/**
 * What the API answered.
 *
 * @param text the body as it came
 */
public record Exchange(int status, HttpHeaders headers, String text) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The body as JSON. */
  public JsonNode body() {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("expected JSON, found: " + text, e);
    }
  }

  /** The body as lines of JSON. */
  public List<JsonNode> lines() {
    return text.lines()
        .filter(line -> !line.isBlank())
        .map(line -> new Exchange(status, headers, line).body())
        .toList();
  }

  /** A field of the body, as text. */
  public String field(String name) {
    return body().path(name).asText();
  }

  public Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  /** The pointers of a problem's errors. */
  public List<String> pointers() {
    return body().path("errors").findValuesAsText("pointer");
  }

  /** This exchange, if it has that status. */
  public Exchange expect(int expected) {
    assertThat(status).as(text).isEqualTo(expected);
    return this;
  }
}
