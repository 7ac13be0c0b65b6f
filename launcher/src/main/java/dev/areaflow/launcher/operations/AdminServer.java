package dev.areaflow.launcher.operations;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpService;

/** The small server on which a role that runs alone shows its health and metrics. */
public final class AdminServer implements AutoCloseable {
  private static final int MOST_REQUEST_BYTES = 1024;

  private final WebServer server;

  /** Opens it; the port is 0 for any free one. */
  public AdminServer(String host, int port, HttpService operations) {
    this.server =
        WebServer.builder()
            .host(host)
            .port(port)
            .maxPayloadSize(MOST_REQUEST_BYTES)
            .shutdownHook(false)
            .routing(routing -> routing.register("/", operations))
            .build()
            .start();
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }
}
