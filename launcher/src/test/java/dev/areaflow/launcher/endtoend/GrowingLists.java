package dev.areaflow.launcher.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A third party whose lists have one or two more items whenever somebody looks, so that a look that
 * is lost or comes twice shows. Items are numbered from 0.
 */
final class GrowingLists implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Integer, Integer> sizes = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> looks = new ConcurrentHashMap<>();
  private final AtomicInteger polls = new AtomicInteger();
  private volatile boolean growing = true;

  GrowingLists() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(threads);
    server.createContext("/lists/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      int list = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      int growth = growing ? 1 + ThreadLocalRandom.current().nextInt(2) : 0;
      int size = sizes.merge(list, 2 + growth, (before, ignored) -> before + growth);
      looks.merge(list, 1, Integer::sum);
      polls.incrementAndGet();
      byte[] body =
          IntStream.range(0, size)
              .mapToObj(i -> "{\"id\":" + i + "}")
              .collect(Collectors.joining(",", "{\"items\":[", "]}"))
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  URI address(int list) {
    return URI.create("http://" + authority() + "/lists/" + list);
  }

  /** How many items a list has; 0 before somebody looked. */
  int size(int list) {
    return sizes.getOrDefault(list, 0);
  }

  /** How many lists were looked at so often. */
  int lookedAt(int times) {
    return (int) looks.values().stream().filter(count -> count >= times).count();
  }

  /** How often somebody looked. */
  int polls() {
    return polls.get();
  }

  /** From now on the lists stay as they are. */
  void stopGrowing() {
    growing = false;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
