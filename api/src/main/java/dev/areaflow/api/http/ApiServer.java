package dev.areaflow.api.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http1.Http1Config;
import java.time.Duration;

/** The API's HTTP listener: its limits, and the problems of what is not a request yet. */
public final class ApiServer implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 4_096;
  private static final int MOST_REQUESTS = 1_024;
  private static final int MOST_HEADER_BYTES = 16 * 1024;
  // drained where a handler answers without reading, so that the connection can be kept
  private static final long MOST_PAYLOAD = 4L * Call.MOST_BYTES;

  private final HttpConfig config;
  private final WebServer server;

  public ApiServer(HttpConfig config, ApiRouting routing) {
    this.config = config;
    this.server =
        WebServer.builder()
            .host(config.host())
            .port(config.port())
            .shutdownHook(false)
            .featuresDiscoverServices(false)
            .connectionOptions(socket -> socket.tcpNoDelay(true))
            .maxTcpConnections(MOST_CONNECTIONS)
            .maxConcurrentRequests(MOST_REQUESTS)
            .maxPayloadSize(MOST_PAYLOAD)
            .shutdownGracePeriod(Duration.ofSeconds(2))
            .addProtocol(Http1Config.builder().maxHeadersSize(MOST_HEADER_BYTES).build())
            .directHandlers(directHandlers())
            .routing(routing::setup)
            .build();
  }

  /**
   * Opens the port.
   *
   * @throws IllegalStateException if it is taken
   */
  public void start() {
    server.start();
    if (!server.isRunning()) {
      throw new IllegalStateException(
          "the API cannot listen on "
              + config.host()
              + ":"
              + config.port()
              + "; is the port taken? Set api.port to another");
    }
  }

  /** The port that it listens on; the one that the system chose where 0 was asked for. */
  public int port() {
    return server.port();
  }

  /** Lets requests in hand finish for two seconds, then stops. */
  @Override
  public void close() {
    server.stop();
  }

  /** Problems that Helidon finds before there is a request to route. */
  private static DirectHandlers directHandlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, new TransportProblem());
    }
    return handlers.build();
  }

  private static final class TransportProblem implements DirectHandler {
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType eventType,
        Status status,
        ServerResponseHeaders headers,
        String message) {
      // Helidon refuses compressed bodies by itself, but as a 400
      boolean compressed =
          status.code() == 400 && request.headers().contains(HeaderNames.CONTENT_ENCODING);
      Answer answer =
          (compressed
                  ? Problem.compressed()
                  : Problem.transport(status.code(), status.reasonPhrase()))
              .answer();
      ApiRouting.ON_EVERY_ANSWER.forEach(
          (name, value) -> headers.set(HeaderNames.create(name), value));
      answer.headers().forEach((name, value) -> headers.set(HeaderNames.create(name), value));
      return TransportResponse.builder()
          .status(Status.create(answer.status()))
          .headers(headers)
          .entity(answer.body())
          .keepAlive(false)
          .build();
    }
  }
}
