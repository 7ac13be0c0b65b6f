package dev.areaflow.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lists as the API answers them, in pages of two whatever the limit is, of which the last is empty.
 */
public final class ListServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 2;

  private final HttpServer server;
  private final Map<String, List<JsonNode>> lists = new ConcurrentHashMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger answersLeft = new AtomicInteger(Integer.MAX_VALUE);
  private volatile Runnable beforeAnswer = () -> {};

  public ListServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/v1/", this::answer);
    server.start();
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /**
   * Sets a list.
   *
   * @param name path below {@code /api/v1/}; for events with their hook, {@code events?hook=ID}
   * @param items the newest first
   */
  public void list(String name, String... items) throws IOException {
    List<JsonNode> list = new ArrayList<>();
    for (String item : items) {
      list.add(JSON.readTree(item));
    }
    lists.put(name, List.copyOf(list));
  }

  /** After so many answers all calls are refused with 503. */
  public void endAfter(int answers) {
    answersLeft.set(answers);
  }

  public void beforeAnswer(Runnable action) {
    beforeAnswer = action;
  }

  /** What was asked for, paths with their queries. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    beforeAnswer.run();
    requests.add(exchange.getRequestURI().toString());
    if (answersLeft.getAndDecrement() <= 0) {
      send(
          exchange,
          503,
          JsonNodeFactory.instance
              .objectNode()
              .put("title", "Unavailable")
              .put("detail", "Kafka is away."));
      return;
    }
    Map<String, String> query = query(exchange);
    String name = exchange.getRequestURI().getPath().replace("/api/v1/", "");
    List<JsonNode> items =
        lists.getOrDefault(
            query.containsKey("hook") ? name + "?hook=" + query.get("hook") : name, List.of());
    int from = Integer.parseInt(query.getOrDefault("cursor", "0"));
    int to = Math.min(from + PAGE, items.size());
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    ArrayNode found = page.putArray("items");
    found.addAll(items.subList(from, to));
    page.put("next", found.isEmpty() ? null : Integer.toString(to));
    send(exchange, 200, page);
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String text = exchange.getRequestURI().getQuery();
    if (text != null) {
      for (String parameter : text.split("&", -1)) {
        query.put(parameter.replaceFirst("=.*", ""), parameter.replaceFirst("[^=]*=", ""));
      }
    }
    return query;
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    try (exchange) {
      byte[] bytes = body.toString().getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
