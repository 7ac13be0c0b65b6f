package dev.areaflow.ingest.ingress;

import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import java.time.Duration;

/** The HTTP listener of the hooks, with every limit set that the server leaves open. */
final class HookServer implements AutoCloseable {
  /** Deliveries in hand are answered within two seconds. */
  private static final Duration FINISH_WITHIN = Duration.ofSeconds(2);

  private static final Duration IDLE_WITHIN = Duration.ofMinutes(2);

  private final String address;
  private final WebServer server;

  HookServer(String host, int port, IngressLimits limits, HookEndpoint endpoint) {
    this.address = host + ":" + port;
    DirectHandlers.Builder problems = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      problems.addHandler(type, new ProtocolProblems());
    }
    this.server =
        WebServer.builder()
            .host(host)
            .port(port)
            .shutdownHook(false)
            .featuresDiscoverServices(false)
            .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
            .contentEncoding(new UntouchedBodies())
            .directHandlers(problems.build())
            .maxTcpConnections(limits.connections())
            .maxConcurrentRequests(limits.connections())
            // the endpoint's own limit is lower: it answers first, and lets the sender finish
            .maxPayloadSize(HookEndpoint.DRAINED_BODIES * limits.bodyBytes())
            .idleConnectionTimeout(IDLE_WITHIN)
            .shutdownGracePeriod(FINISH_WITHIN)
            .routing(routing -> routing.register(endpoint))
            .build();
  }

  /**
   * Opens the port.
   *
   * @throws IllegalStateException if it is taken
   */
  void start() {
    server.start();
    if (!server.isRunning()) { // Helidon has logged why, and throws nothing
      throw new IllegalStateException(
          "hooks.host and hooks.port: "
              + address
              + " cannot be opened; is the port taken? Stop what listens there, or choose another");
    }
  }

  /** The port, also where any free one was asked for. */
  int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }
}
