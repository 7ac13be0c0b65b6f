package dev.areaflow.catalog.http;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/** HTTP clients that cannot leave this machine: they know no host but 127.0.0.1. */
public final class LoopbackClients {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(60);

  private LoopbackClients() {}

  /**
   * A client whose call to any other host is a failed test.
   *
   * @param authorities {@code 127.0.0.1:PORT} of the servers that it may reach
   */
  public static GuardedHttpClient to(Duration callTimeout, String... authorities) {
    return new GuardedHttpClient(
        new HttpClientConfig(
            EgressPolicy.of(List.of(authorities)),
            CONNECT_TIMEOUT,
            callTimeout,
            1024 * 1024,
            10,
            10),
        name -> {
          if (!name.equals("127.0.0.1")) {
            throw new AssertionError("a request left the machine, to " + name);
          }
          return List.of(InetAddress.ofLiteral(name));
        });
  }
}
