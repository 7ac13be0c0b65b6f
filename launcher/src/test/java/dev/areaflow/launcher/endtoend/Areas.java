package dev.areaflow.launcher.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** AREAs as tests write them. */
final class Areas {
  private static final Duration LIVE_PATIENCE = Duration.ofMinutes(1);

  private Areas() {}

  /** An AREA that posts a body to a URL whenever its action happens. */
  static ObjectNode posting(
      String name, String service, String action, ObjectNode inputs, URI url, JsonNode body) {
    ObjectNode area = JsonNodeFactory.instance.objectNode().put("name", name);
    area.putObject("action").put("service", service).put("action", action).set("inputs", inputs);
    area.putArray("reactions")
        .addObject()
        .put("id", "notify")
        .put("service", "http")
        .put("reaction", "request")
        .putObject("inputs")
        .put("method", "POST")
        .put("url", url.toString())
        .set("body", body);
    return area;
  }

  static ObjectNode inputs() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Posts it, waits until it is live, and gives back what the post answered, secret included. */
  static JsonNode createLive(AreaClient client, JsonNode area)
      throws IOException, InterruptedException {
    JsonNode created = client.post("/api/v1/areas", area).expecting(201).body();
    awaitStatus(client, created.path("id").asText(), "live");
    return created;
  }

  static JsonNode awaitStatus(AreaClient client, String id, String status)
      throws IOException, InterruptedException {
    return client
        .await(
            "/api/v1/areas/" + id,
            LIVE_PATIENCE,
            answer -> answer.body().path("status").asText().equals(status))
        .body();
  }

  static URI hookUrl(JsonNode area) {
    return URI.create(area.path("hook").path("url").asText());
  }

  static String hookSecret(JsonNode area) {
    return area.path("hook").path("secret").asText();
  }

  /** Delivers JSON to the hook of an AREA. */
  static void deliver(AreaClient client, JsonNode area, String body)
      throws IOException, InterruptedException {
    client
        .deliver(
            hookUrl(area),
            body.getBytes(StandardCharsets.UTF_8),
            Map.of("Content-Type", "application/json"))
        .expecting(202);
  }

  /** The newest run of an AREA, once it has a status. */
  static JsonNode awaitRun(AreaClient client, JsonNode area, String status, Duration patience)
      throws IOException, InterruptedException {
    return client
        .await(
            "/api/v1/runs?area=" + area.path("id").asText(),
            patience,
            answer -> answer.body().path("items").path(0).path("status").asText().equals(status))
        .body()
        .path("items")
        .path(0);
  }
}
