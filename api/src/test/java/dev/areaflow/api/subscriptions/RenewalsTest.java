package dev.areaflow.api.subscriptions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.catalog.connections.StoredCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks that end by themselves, at a service that renews them and at one that does not. */
final class RenewalsTest {
  private static final String SERVICE =
      """
      apiVersion: area/v1
      id: ID
      name: Calendar
      version: 1.0.0
      description: Has days.
      http: {base_url: "https://calendar.example.org"}
      auth: {type: bearer}
      actions:
        - id: changed
          description: A day changed
          inputs: []
          webhook:
            mode: wake
            verify: {type: token, header: x-token}
            subscribe:
              request: {method: POST, url: /channels, body: {id: "${hook.newId}", until: "${hook.expires}"}}
              id: /id
              save: {resource: /resource}
              expires: {after: P6D, at: /until, renew_before: P1D}
              remove: {method: POST, url: "/channels/${hook.subscription}/stop/${saved.resource}"}
          poll:
            request: {method: GET, url: /days}
            items: {pointer: ""}
            id: {pointer: /id}
            etag: false
            every: PT1M
          output: {schema: changed.schema.json, sample: changed.sample.json}
      reactions: []
      tests: {actions: {changed: {inputs: {}, expect: {event_id: "1"}}}, reactions: {}}
      """;
  private static final String RENEW =
      """
              renew: {method: PATCH, url: "/channels/${hook.subscription}", body: {until: "${hook.expires}"}}
      """;

  @TempDir private Path directory;
  private final Map<String, String> channels = new ConcurrentHashMap<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private volatile int refusal;
  private HttpServer server;
  private AreaApi areas;
  private StoredCredentials credentials;
  private Subscriptions subscriptions;
  private ContractClient user;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/channels", this::channel);
    server.start();
    String base = "127.0.0.1:" + server.getAddress().getPort();
    write("replaced", SERVICE);
    write("renewed", SERVICE.replace("        remove:", RENEW + "        remove:"));
    areas =
        new AreaApi(
            Map.of(
                "services.dir",
                directory.toString(),
                "service.replaced.base-url",
                "http://" + base,
                "service.renewed.base-url",
                "http://" + base,
                "egress.allow",
                base));
    credentials = areas.credentials();
    subscriptions = areas.subscriptions(credentials);
    user = areas.api().newUser();
  }

  @AfterEach
  void close() {
    credentials.close();
    areas.close();
    server.stop(0);
  }

  @Test
  void aWebhookIsRenewedInPlaceADayBeforeItEnds() {
    // given
    JsonNode area = live("renewed");
    String id = channels.keySet().iterator().next();

    // when
    pass(Duration.ofDays(4));
    String early = channels.get(id);
    pass(Duration.ofDays(1).plusMinutes(1));

    // then
    assertThat(channels).containsOnlyKeys(id);
    assertThat(calls).containsExactly("POST", "PATCH");
    assertThat(Instant.parse(channels.get(id)))
        .isAfter(Instant.parse(early).plus(Duration.ofDays(4)));
    assertThat(status(area)).isEqualTo("active");
  }

  @Test
  void oneThatCannotBeRenewedMakesRoomForItsHeir() {
    // given
    JsonNode area = live("replaced");
    String first = channels.keySet().iterator().next();

    // when
    pass(Duration.ofDays(5).plusMinutes(1));

    // then
    assertThat(channels).hasSize(1).doesNotContainKey(first);
    assertThat(calls).containsExactly("POST", "POST", "POST " + first + "/stop/r-" + first);
    assertThat(status(area)).isEqualTo("active");
  }

  @Test
  void oneThatEndedUnnoticedIsSetUpAnew() {
    // given
    JsonNode area = live("renewed");
    channels.clear();

    // when
    pass(Duration.ofDays(5).plusMinutes(1));

    // then
    assertThat(channels).hasSize(1);
    assertThat(calls).containsExactly("POST", "PATCH", "POST");
    assertThat(status(area)).isEqualTo("active");
  }

  @Test
  void whileTheServiceIsAwayWhatLastsStaysActive() {
    // given
    JsonNode area = live("renewed");
    refusal = 503;

    // when
    pass(Duration.ofDays(5).plusMinutes(1));
    String lasts = status(area);
    pass(Duration.ofDays(1));
    String ended = status(area);
    refusal = 0;
    pass(Duration.ofHours(2));

    // then
    assertThat(lasts).isEqualTo("active");
    assertThat(ended).isEqualTo("polled");
    assertThat(status(area)).isEqualTo("active");
  }

  @Test
  void whereNobodyMayWakeItTheHookIsPolledAndTheAreaSaysSo() {
    // given
    refusal = 403;

    // when
    JsonNode area = created("renewed");

    // then
    assertThat(status(area)).isEqualTo("polled");
    JsonNode shown = user.get("/api/v1/areas/" + area.path("id").asText()).expect(200).body();
    assertThat(shown.path("status").asText()).isEqualTo("pending"); // no topology serves it here
  }

  private JsonNode live(String service) {
    JsonNode area = created(service);
    assertThat(status(area)).isEqualTo("active");
    return area;
  }

  private JsonNode created(String service) {
    user.post(
            "/api/v1/connections",
            Map.of("service", service, "name", "work", "credentials", Map.of("token", "t")))
        .expect(201);
    ObjectNode definition = AreaApi.webhook("Days", "none");
    definition
        .putObject("action")
        .put("service", service)
        .put("action", "changed")
        .put("connection", "work")
        .putObject("inputs");
    JsonNode area = user.post("/api/v1/areas", definition).expect(201).body();
    subscriptions.run();
    return area;
  }

  private void pass(Duration time) {
    areas.api().clock().advance(time);
    subscriptions.run();
  }

  private String status(JsonNode area) {
    return user.get("/api/v1/areas/" + area.path("id").asText())
        .expect(200)
        .body()
        .at("/hook/subscription/status")
        .asText();
  }

  private void write(String id, String manifest) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(id));
    Files.writeString(folder.resolve("manifest.yaml"), manifest.replace("ID", id));
    Files.writeString(folder.resolve("changed.schema.json"), "{\"type\": \"object\"}");
    Files.writeString(folder.resolve("changed.sample.json"), "{}");
  }

  private void channel(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode asked = AreaApi.json("{\"body\":" + orNull(exchange) + "}").path("body");
      String path = exchange.getRequestURI().getPath().substring("/channels".length());
      String id = asked.path("id").asText(path.isEmpty() ? "" : path.split("/", -1)[1]);
      boolean stops = path.contains("/stop/");
      boolean there = path.isEmpty() || channels.containsKey(id);
      int status = refusal != 0 ? refusal : there ? 200 : 404;
      calls.add(exchange.getRequestMethod() + (stops ? " " + path.substring(1) : ""));
      if (status == 200 && stops) {
        channels.remove(id);
      } else if (status == 200) {
        channels.put(id, asked.path("until").asText());
      }
      byte[] answer =
          "{\"id\":\"%s\",\"resource\":\"r-%s\",\"until\":\"%s\"}"
              .formatted(id, id, asked.path("until").asText())
              .getBytes(UTF_8);
      exchange.sendResponseHeaders(status, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private static String orNull(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    return body.isEmpty() ? "null" : body;
  }
}
