package dev.areaflow.launcher.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports on the loopback address. Those handed out by one object differ from each other, and
 * are the ones of the last start where they are still free.
 *
 * <p>They lie below the range from which systems give outgoing connections their ports (from 32768
 * on Linux, <a href="https://docs.kernel.org/networking/ip-sysctl.html">ip_local_port_range</a>;
 * from 49152 by <a href="https://www.rfc-editor.org/rfc/rfc6335">RFC 6335</a>): a part opens its
 * port a while after it was chosen, or again after an outage, and no connection may have taken it.
 */
public final class Ports {
  private static final int LOWEST = 16_384;
  private static final int LIMIT = 32_768;
  private static final int TRIES = 1_000;

  private final DataDirectory data;
  private final Set<Integer> taken = new HashSet<>();

  Ports(DataDirectory data) {
    this.data = data;
  }

  /** A free port for a part. */
  int of(String part) {
    int port =
        data.rememberedPort(part)
            .filter(remembered -> remembered < LIMIT)
            .filter(remembered -> !taken.contains(remembered))
            .filter(remembered -> isFree("127.0.0.1", remembered))
            .orElseGet(this::anyFree);
    taken.add(port);
    data.rememberPort(part, port);
    return port;
  }

  private int anyFree() {
    int port;
    do {
      port = free();
    } while (taken.contains(port));
    return port;
  }

  /** Some free port of the loopback address. */
  public static int free() {
    return ThreadLocalRandom.current()
        .ints(TRIES, LOWEST, LIMIT)
        .filter(port -> isFree("127.0.0.1", port))
        .findFirst()
        .orElseThrow(
            () ->
                new EmbeddedStackException(
                    "no free port on 127.0.0.1 from %d to %d".formatted(LOWEST, LIMIT - 1)));
  }

  /** Whether a listener could be opened there now. */
  public static boolean isFree(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
