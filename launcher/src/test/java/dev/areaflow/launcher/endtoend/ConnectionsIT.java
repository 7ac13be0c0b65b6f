package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An account with a token, from the person who connects it to the call that carries it. */
class ConnectionsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile String good = "Bearer first-token";

  @Test
  void aTokenIsOnTheCallAndItsRefusalIsSaidUntilItIsReplaced(@TempDir Path folder)
      throws Exception {
    HttpServer provider = provider();
    String base = "http://127.0.0.1:" + provider.getAddress().getPort();
    try (RecordingSink sink = new RecordingSink();
        Platform platform =
            Platforms.on(folder, sink.authority() + "," + base.substring("http://".length()))) {
      // given
      platform.start(Platforms.SILENT, PATIENCE.multipliedBy(2));
      AreaClient owner =
          new AreaClient(platform.api()).signUp("account@example.org", "correct horse battery");
      JsonNode connection = connect(owner, base);
      JsonNode area = Areas.createLive(owner, posting(base));

      // when
      deliver(owner, area);
      JsonNode succeeded = awaitRun(owner, area, "succeeded");
      good = "Bearer second-token";
      deliver(owner, area);
      JsonNode failed = awaitRun(owner, area, "failed");
      JsonNode broken = Areas.awaitStatus(owner, area.path("id").asText(), "error");
      String path = "/api/v1/connections/" + connection.path("id").asText();
      JsonNode refused = owner.get(path).expecting(200).body();
      owner.put(path + "/credentials", credentials(base, "second-token"), 1).expecting(200);
      Areas.awaitStatus(owner, area.path("id").asText(), "live");
      int before = authorizations.size();
      deliver(owner, area);
      Await.until("a call with the new token", PATIENCE, authorizations::size, n -> n > before);

      // then
      assertThat(succeeded.toString()).doesNotContain("first-token");
      assertThat(failed.at("/steps/0/error/class").asText()).isEqualTo("reauthorize");
      assertThat(broken.path("statusReason").asText())
          .isEqualTo("The connection \"account\" to http has to be connected again.");
      assertThat(refused.path("status").asText()).isEqualTo("reconnect");
      assertThat(refused.path("problem").asText()).contains("answered with status 401");
      assertThat(authorizations)
          .containsExactly("Bearer first-token", "Bearer first-token", "Bearer second-token");
    } finally {
      provider.stop(0);
    }
  }

  private static JsonNode connect(AreaClient owner, String base) throws Exception {
    ObjectNode connection = JSON.createObjectNode().put("service", "http").put("name", "account");
    connection.setAll((ObjectNode) credentials(base, "first-token"));
    return owner.post("/api/v1/connections", connection).expecting(201).body();
  }

  private static JsonNode credentials(String base, String token) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("credentials").put("url", base).put("token", token);
    return body;
  }

  private static ObjectNode posting(String base) {
    ObjectNode area =
        Areas.posting(
            "With an account",
            "webhook",
            "received",
            Areas.inputs(),
            java.net.URI.create(base + "/in"),
            JSON.createObjectNode().put("text", "${event.text}"));
    ((ObjectNode) area.at("/reactions/0")).put("connection", "account");
    return area;
  }

  private static void deliver(AreaClient owner, JsonNode area) throws Exception {
    owner
        .deliver(
            Areas.hookUrl(area),
            "{\"text\": \"hello\"}".getBytes(StandardCharsets.UTF_8),
            java.util.Map.of("Content-Type", "application/json"))
        .expecting(202);
  }

  private static JsonNode awaitRun(AreaClient owner, JsonNode area, String status)
      throws Exception {
    String runs = "/api/v1/runs?area=" + area.path("id").asText() + "&status=" + status;
    JsonNode run =
        owner
            .await(runs, PATIENCE, answer -> answer.body().path("items").size() == 1)
            .body()
            .at("/items/0");
    return owner.get("/api/v1/runs/" + run.path("id").asText()).expecting(200).body();
  }

  private HttpServer provider() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/in", this::answer);
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      authorizations.add(String.valueOf(authorization));
      exchange.sendResponseHeaders(good.equals(authorization) ? 204 : 401, -1);
    }
  }
}
