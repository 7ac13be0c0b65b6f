package dev.areaflow.launcher.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Header;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server that answers every request alike and shows it. Safe for several threads. */
public final class Sink implements AutoCloseable {
  private static final int MOST_BYTES = 1024 * 1024;
  private static final Set<String> COMMON_HEADERS =
      Set.of("host", "connection", "content-length", "accept", "user-agent", "accept-encoding");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SinkOptions options;
  private final Consumer<String> shown;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final WebServer server;

  private Sink(SinkOptions options, Consumer<String> shown) {
    this.options = options;
    this.shown = shown;
    this.server =
        WebServer.builder()
            .host(options.host())
            .port(options.port())
            .maxPayloadSize(MOST_BYTES)
            .shutdownHook(false)
            .routing(routing -> routing.any(this::receive))
            .build();
  }

  /**
   * Opens it.
   *
   * @param shown takes the text of each request before it is answered; called by several threads
   * @throws UncheckedIOException if it cannot listen there
   */
  public static Sink start(SinkOptions options, Consumer<String> shown) {
    Sink sink = new Sink(options, shown);
    sink.server.start();
    if (!sink.server.isRunning()) {
      throw notListening(options);
    }
    return sink;
  }

  /** Helidon logs why a server does not listen, and goes on. */
  private static UncheckedIOException notListening(SinkOptions options) {
    String message =
        "cannot listen on %s:%d; stop what listens there, or choose another with --port"
            .formatted(options.host(), options.port());
    return new UncheckedIOException(message, new BindException(message));
  }

  /** Where it listens. */
  public URI address() {
    return URI.create("http://" + options.host() + ":" + server.port());
  }

  private void receive(ServerRequest request, ServerResponse response) throws IOException {
    byte[] body;
    try (InputStream stream = request.content().inputStream()) {
      body = stream.readNBytes(MOST_BYTES);
    }
    Instant receivedAt = Instant.now();
    String text = options.json() ? line(request, body, receivedAt) : readable(request, body);
    shown.accept(text);
    delay();
    response.status(Status.create(options.status()));
    response.send();
  }

  private void delay() {
    try {
      closing.await(options.delayMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String line(ServerRequest request, byte[] body, Instant receivedAt) {
    ObjectNode line =
        JSON.createObjectNode()
            .put("receivedAt", receivedAt.toString())
            .put("method", request.prologue().method().text())
            .put("path", target(request));
    ObjectNode headers = line.putObject("headers");
    for (Header header : request.headers()) {
      headers.put(header.name().toLowerCase(Locale.ROOT), header.values());
    }
    line.set("body", body(body));
    return line.toString();
  }

  private static JsonNode body(byte[] body) {
    try {
      JsonNode tree = JSON.readTree(body);
      return tree.isMissingNode() ? JSON.nullNode() : tree;
    } catch (IOException e) {
      return JSON.getNodeFactory().textNode(new String(body, StandardCharsets.UTF_8));
    }
  }

  private static String readable(ServerRequest request, byte[] body) {
    StringBuilder text = new StringBuilder();
    text.append(request.prologue().method().text()).append(' ').append(target(request));
    for (Header header : request.headers()) {
      if (!COMMON_HEADERS.contains(header.name().toLowerCase(Locale.ROOT))) {
        text.append("\n  ").append(header.name()).append(": ").append(header.values());
      }
    }
    JsonNode tree = body(body);
    if (!tree.isNull()) {
      text.append("\n  ").append(tree.isTextual() ? tree.asText() : pretty(tree));
    }
    return text.toString();
  }

  private static String pretty(JsonNode tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable as JSON", e);
    }
  }

  private static String target(ServerRequest request) {
    String query = request.query().rawValue();
    return request.path().rawPath() + (query.isEmpty() ? "" : "?" + query);
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop();
  }
}
