package dev.areaflow.launcher.operations;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpService;
import java.io.UncheckedIOException;
import java.net.BindException;

/** The small server on which a role that runs alone shows its health and metrics. */
public final class AdminServer implements AutoCloseable {
  private static final int MOST_REQUEST_BYTES = 1024;

  private final WebServer server;

  /**
   * Opens it; the port is 0 for any free one.
   *
   * @throws UncheckedIOException if it cannot listen there
   */
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
    if (!server.isRunning()) {
      String message =
          "cannot listen on %s:%d (admin.port); stop what listens there, or choose another with"
                  .formatted(host, port)
              + " --admin-port or AREA_ADMIN_PORT";
      throw new UncheckedIOException(message, new BindException(message));
    }
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
