package dev.areaflow.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The third party of polls: lists at {@code /lists/0} and so on, which are empty until they begin
 * to grow, one item after the other, each list at its own time. Keeps when each was asked for.
 */
final class ListServer implements AutoCloseable {
  private static final int BACKLOG = 1_024;
  private static final String PATH = "/lists/";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final LongSupplier micros;
  private final Asked[] asked;
  private volatile @Nullable Growth growth;

  /**
   * How lists grow.
   *
   * @param from when, in microseconds since 1970
   * @param rounds how many items each list gets
   * @param period from one to the next, in microseconds
   */
  record Growth(long from, int rounds, long period) {

    /** When an item of a list is there. */
    long at(int list, int lists, int round) {
      return from + round * period + period * list / lists;
    }
  }

  /** When one list was asked for. */
  private static final class Asked {
    private long[] times = new long[16];
    private int count;

    synchronized void add(long time) {
      if (count == times.length) {
        times = Arrays.copyOf(times, count * 2);
      }
      times[count++] = time;
    }

    synchronized long[] times() {
      return Arrays.copyOf(times, count);
    }
  }

  /**
   * @param micros the time, in microseconds since 1970
   */
  ListServer(int lists, LongSupplier micros) throws IOException {
    this.micros = micros;
    this.asked = Stream.generate(Asked::new).limit(lists).toArray(Asked[]::new);
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), BACKLOG);
    server.setExecutor(threads);
    server.createContext(PATH, this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** When each list was asked for, in microseconds since 1970. */
  long[][] times() {
    return Arrays.stream(asked).map(Asked::times).toArray(long[][]::new);
  }

  /** Makes all lists grow from now on. */
  void grow(int rounds, Duration period) {
    growth = new Growth(micros.getAsLong(), rounds, period.toNanos() / 1_000);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      long now = micros.getAsLong();
      String number = exchange.getRequestURI().getPath().substring(PATH.length());
      int list = number.matches("\\d{1,9}") ? Integer.parseInt(number) : asked.length;
      if (list >= asked.length) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      asked[list].add(now);
      ArrayNode items = items(list, now);
      String tag = "\"" + items.size() + "\"";
      exchange.getResponseHeaders().set("ETag", tag);
      if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
        exchange.sendResponseHeaders(304, -1);
        return;
      }
      byte[] body = Wire.line(items).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private ArrayNode items(int list, long now) {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    Growth growing = growth;
    for (int round = 0; growing != null && round < growing.rounds(); round++) {
      long at = growing.at(list, asked.length, round);
      if (at <= now) {
        DeliveryId id = new DeliveryId(at, 0, list * growing.rounds() + round);
        byte[] text = new byte[DeliveryId.LENGTH];
        id.writeTo(text, 0);
        items.addObject().put("id", new String(text, StandardCharsets.US_ASCII));
      }
    }
    return items;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
