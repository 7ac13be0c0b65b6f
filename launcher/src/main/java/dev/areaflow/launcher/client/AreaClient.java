package dev.areaflow.launcher.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Speaks the public HTTP API as a user does. Immutable: {@link #as} makes a client with a token.
 * Safe for several threads.
 */
public final class AreaClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  /** Until an answer of lines begins. */
  private static final Duration LINES_TIMEOUT = Duration.ofMinutes(10);

  private static final Duration PAUSE = Duration.ofMillis(10);

  private final HttpClient http;
  private final URI server;
  private final Optional<String> token;

  /**
   * @param server address of the API, without a path
   */
  public AreaClient(URI server) {
    this(
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CALL_TIMEOUT)
            .build(),
        server,
        Optional.empty());
  }

  private AreaClient(HttpClient http, URI server, Optional<String> token) {
    this.http = http;
    this.server = server;
    this.token = token;
  }

  /** This client with a bearer token. */
  public AreaClient as(String bearerToken) {
    return new AreaClient(http, server, Optional.of(bearerToken));
  }

  /** Makes a user and a session of theirs, and returns a client that speaks as them. */
  public AreaClient signUp(String email, String password) throws IOException, InterruptedException {
    ObjectNode credentials =
        JsonNodeFactory.instance.objectNode().put("email", email).put("password", password);
    post("/api/v1/users", credentials).expecting(201);
    return logIn(email, password);
  }

  /** Opens a session, and returns a client that speaks as that user. */
  public AreaClient logIn(String email, String password) throws IOException, InterruptedException {
    ObjectNode credentials =
        JsonNodeFactory.instance.objectNode().put("email", email).put("password", password);
    return as(post("/api/v1/sessions", credentials).expecting(200).body().path("token").asText());
  }

  public Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  public Answer post(String path, JsonNode body) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build());
  }

  public Answer put(String path, JsonNode body, long version)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .header("If-Match", "\"" + version + "\"")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build());
  }

  /**
   * Posts, and hands out each line of an answer of lines of JSON as it arrives.
   *
   * @return the answer; without a body where there were lines
   * @throws IOException also where the answer breaks off
   */
  public Answer postForLines(String path, JsonNode body, Consumer<JsonNode> line)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(path)
            .timeout(LINES_TIMEOUT)
            .header("Content-Type", "application/json")
            .header("Accept", "application/x-ndjson")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream content = response.body()) {
      if (response.statusCode() != 200) {
        return answer(response, content.readAllBytes());
      }
      try (MappingIterator<JsonNode> lines = JSON.readerFor(JsonNode.class).readValues(content)) {
        while (lines.hasNextValue()) {
          line.accept(lines.nextValue());
        }
      }
      return answer(response, new byte[0]);
    }
  }

  public Answer delete(String path) throws IOException, InterruptedException {
    return send(request(path).DELETE().build());
  }

  /** Posts a body to a hook's URL, as a provider does. */
  public Answer deliver(URI hook, byte[] body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(hook).timeout(CALL_TIMEOUT);
    headers.forEach(request::header);
    return send(request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
  }

  /**
   * Asks again until the answer is as wanted.
   *
   * @throws UnexpectedAnswerException when it is not within {@code patience}, with the last answer
   */
  public Answer await(String path, Duration patience, Predicate<Answer> wanted)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Answer answer = get(path);
      if (wanted.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > deadline) {
        throw new UnexpectedAnswerException(
            path + " did not become what was awaited within " + patience + ": " + answer);
      }
      Thread.sleep(PAUSE);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path)).timeout(CALL_TIMEOUT);
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    return request;
  }

  private Answer send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    return answer(response, response.body());
  }

  private static Answer answer(HttpResponse<?> response, byte[] content) throws IOException {
    JsonNode body = content.length == 0 ? MissingNode.getInstance() : JSON.readTree(content);
    return new Answer(response.statusCode(), response.headers(), body);
  }
}
