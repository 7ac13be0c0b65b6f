package dev.areaflow.launcher.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds ports on the loopback address. Those handed out by one object differ from each other, and
 * are the ones of the last start where they are still free.
 */
public final class Ports {
  private final DataDirectory data;
  private final Set<Integer> taken = new HashSet<>();

  Ports(DataDirectory data) {
    this.data = data;
  }

  /** A free port for a part. */
  int of(String part) {
    int port =
        data.rememberedPort(part)
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
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new EmbeddedStackException("no free port on 127.0.0.1: " + e, e);
    }
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
