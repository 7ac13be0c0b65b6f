package dev.areaflow.schemas.topics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The rule of a topic's schema in the registry: each version reads what every other has written.
 * With it the registry refuses a version that does not, whoever brings it.
 */
final class CompatibilityRule {
  static final String LEVEL = "FULL_TRANSITIVE";

  private static final String TYPE = "COMPATIBILITY";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String topic;
  private final URI rules;
  private final URI rule;

  CompatibilityRule(String registryUrl, String topic) {
    this.topic = topic;
    String artifact = URLEncoder.encode(artifact(topic), StandardCharsets.UTF_8);
    this.rules = URI.create(registryUrl + "/groups/default/artifacts/" + artifact + "/rules");
    this.rule = URI.create(rules + "/" + TYPE);
  }

  /** The id of the artifact that a topic's schemas are versions of, as the serde names it. */
  static String artifact(String topic) {
    return topic + "-value";
  }

  /**
   * Sets the rule unless it is set.
   *
   * @return false where there is no such artifact yet, so that it has no rules either
   * @throws RegistryUnavailableException if the registry does not serve
   */
  boolean set() {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> found = http.send(request(rule).GET().build(), BodyHandlers.ofString());
      return switch (found.statusCode()) {
        case 200 -> isSet(found.body()) || put(http);
        case 404 -> post(http);
        default -> throw refused(found);
      };
    } catch (IOException e) {
      throw new RegistryUnavailableException(topic, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryUnavailableException(topic, e);
    }
  }

  private static boolean isSet(String body) throws IOException {
    JsonNode rule = JSON.readTree(body);
    return rule.path("config").asText().equals(LEVEL);
  }

  private boolean post(HttpClient http) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            request(rules).POST(BodyPublishers.ofString(content())).build(),
            BodyHandlers.ofString());
    return switch (answer.statusCode()) {
      case 200, 204 -> true;
      case 404 -> false;
      case 409 -> true; // another role was first
      default -> throw refused(answer);
    };
  }

  private boolean put(HttpClient http) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            request(rule).PUT(BodyPublishers.ofString(content())).build(), BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw refused(answer);
    }
    return true;
  }

  private static String content() {
    return JSON.createObjectNode().put("ruleType", TYPE).put("config", LEVEL).toString();
  }

  private static HttpRequest.Builder request(URI uri) {
    return HttpRequest.newBuilder(uri)
        .timeout(PATIENCE)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json");
  }

  private RegistryUnavailableException refused(HttpResponse<String> answer) {
    return new RegistryUnavailableException(
        topic,
        new IOException(
            answer.request().method()
                + " "
                + answer.uri()
                + " was answered "
                + answer.statusCode()));
  }
}
