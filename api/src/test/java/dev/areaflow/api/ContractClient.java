package dev.areaflow.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.http1.Http1ClientRequest;
import io.helidon.webclient.http1.Http1ClientResponse;
import io.helidon.webserver.testing.junit5.DirectClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An HTTP client of the API for tests, that fails wherever an exchange is not as the OpenAPI
 * document says. Immutable and safe for several threads.
 */
public final class ContractClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Contract CONTRACT = new Contract();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final URI NOWHERE = URI.create("http://localhost");

  private final Transport transport;
  private final URI base;
  private final Map<String, String> headers;

  /** A client of a running server. */
  public ContractClient(URI base) {
    this(ContractClient::overSocket, base, Map.of());
  }

  /** A client of a routing without server. */
  public ContractClient(DirectClient routing) {
    this((request, body) -> direct(routing, request, body), NOWHERE, Map.of());
  }

  private ContractClient(Transport transport, URI base, Map<String, String> headers) {
    this.transport = transport;
    this.base = base;
    this.headers = headers;
  }

  /** What brings a request to the API, and its answer back. */
  private interface Transport {
    Exchange send(HttpRequest request, Optional<String> body)
        throws IOException, InterruptedException;
  }

  /** What was asked. */
  record Request(String method, String path, List<String> queryNames, Optional<JsonNode> body) {}

  /** This client with a Bearer token. */
  public ContractClient as(String token) {
    return with("Authorization", "Bearer " + token);
  }

  /** This client with a header more, or another value of it. */
  public ContractClient with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new ContractClient(transport, base, more);
  }

  public Exchange get(String path) {
    return send("GET", path, Optional.empty());
  }

  public Exchange delete(String path) {
    return send("DELETE", path, Optional.empty());
  }

  /** POST without a body. */
  public Exchange post(String path) {
    return send("POST", path, Optional.empty());
  }

  /**
   * POST with a body.
   *
   * @param body JSON as text, or anything that Jackson writes
   */
  public Exchange post(String path, Object body) {
    return send("POST", path, Optional.of(body));
  }

  public Exchange put(String path, Object body) {
    return send("PUT", path, Optional.of(body));
  }

  public Exchange patch(String path, Object body) {
    return send("PATCH", path, Optional.of(body));
  }

  /** A request as this client makes it, for those who want its answer bit by bit. */
  public HttpRequest request(String method, String path, Object body) {
    return request(method, path, Optional.of(body));
  }

  private HttpRequest request(String method, String path, Optional<Object> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body.map(ContractClient::text)
                    .map(ContractClient::publisher)
                    .orElseGet(BodyPublishers::noBody));
    if (body.isPresent() && !headers.containsKey("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    headers.forEach(request::header);
    return request.build();
  }

  /** Any method. */
  public Exchange send(String method, String path, Optional<Object> body) {
    HttpRequest request = request(method, path, body);
    URI uri = request.uri();
    try {
      Exchange exchange = transport.send(request, body.map(ContractClient::text));
      Optional<JsonNode> json =
          body.isPresent() && exchange.status() < 300
              ? Optional.of(JSON.readTree(body.map(ContractClient::text).orElseThrow()))
              : Optional.empty();
      List<String> violations =
          CONTRACT.violations(
              new Request(method, uri.getRawPath(), queryNames(uri), json), exchange);
      if (!violations.isEmpty()) {
        throw new AssertionError(
            method
                + " "
                + uri
                + " does not keep the contract:\n"
                + String.join("\n", violations)
                + "\n"
                + exchange.status()
                + " "
                + exchange.text());
      }
      return exchange;
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + uri + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + uri, e);
    }
  }

  private static Exchange overSocket(HttpRequest request, Optional<String> body)
      throws IOException, InterruptedException {
    HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
    return new Exchange(response.statusCode(), response.headers(), response.body());
  }

  private static Exchange direct(DirectClient routing, HttpRequest request, Optional<String> body) {
    Http1ClientRequest direct =
        routing
            .method(Method.create(request.method()))
            .uri(request.uri())
            .skipUriEncoding(true)
            .followRedirects(false);
    request
        .headers()
        .map()
        .forEach((name, values) -> direct.header(HeaderNames.create(name), values));
    try (Http1ClientResponse response =
        body.isEmpty() ? direct.request() : direct.submit(body.get().getBytes(UTF_8))) {
      Map<String, List<String>> headers = new HashMap<>();
      response.headers().forEach(header -> headers.put(header.name(), header.allValues()));
      return new Exchange(
          response.status().code(),
          HttpHeaders.of(headers, (name, value) -> true),
          response.entity().hasEntity() ? response.as(String.class) : "");
    }
  }

  private static BodyPublisher publisher(String text) {
    return BodyPublishers.ofString(text);
  }

  private static List<String> queryNames(URI uri) {
    return uri.getRawQuery() == null
        ? List.of()
        : Arrays.stream(uri.getRawQuery().split("&", -1)).map(p -> p.split("=", 2)[0]).toList();
  }

  private static String text(Object body) {
    if (body instanceof String text) {
      return text;
    }
    try {
      return JSON.writeValueAsString(body);
    } catch (IOException e) {
      throw new UncheckedIOException("the body cannot be written as JSON", e);
    }
  }
}
