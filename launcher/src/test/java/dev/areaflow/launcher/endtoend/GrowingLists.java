package dev.areaflow.launcher.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
 * is lost or comes twice shows. Items are numbered from 0. Each list can be had whole, or from a
 * cursor on, which the third party forgets now and then.
 */
final class GrowingLists implements AutoCloseable {
  /** One look of so many with a cursor finds that it is not known any more. */
  private static final int FORGETS_ONE_OF = 12;

  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: lists
      name: Lists
      version: 1.0.0
      description: Lists that grow.
      actions:
        - id: item_since
          description: A list has another item
          inputs: &inputs
            - {key: url, title: URL, description: Where the list is, type: string, required: true}
            - {key: every, title: Every, description: How often, type: string, default: PT5S}
          poll: &poll
            request: {method: GET, url: "${inputs.url}", query: {since: "${cursor}"}}
            items: {pointer: /items}
            id: {pointer: /id}
            time: /at
            cursor: {type: token, next: {pointer: /next}, on_invalid: [410]}
            etag: false
            every: {input: every, usual: PT5S, least: PT1S}
          output: &output {schema: item.schema.json, sample: item.sample.json}
        - id: item_told
          description: A list that tells of it has another item
          inputs: *inputs
          webhook: {mode: wake, verify: {type: token, header: x-token}}
          poll: *poll
          output: *output
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Integer, List<Instant>> lists = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> looks = new ConcurrentHashMap<>();
  private final AtomicInteger polls = new AtomicInteger();
  private final AtomicInteger forgotten = new AtomicInteger();
  private volatile boolean growing = true;

  GrowingLists() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(threads);
    server.createContext("/lists/", this::answer);
    server.start();
  }

  /** Writes the service {@code lists} into an operator's folder. */
  static Path service(Path services) throws IOException {
    Path folder = Files.createDirectories(services.resolve("lists"));
    Files.writeString(folder.resolve("manifest.yaml"), MANIFEST);
    Files.writeString(folder.resolve("item.schema.json"), "{\"type\": \"object\"}");
    Files.writeString(
        folder.resolve("item.sample.json"), "{\"id\": 0, \"at\": \"2026-03-02T10:00:00Z\"}");
    return services;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      int list = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      String query = String.valueOf(exchange.getRequestURI().getQuery());
      polls.incrementAndGet();
      boolean hasCursor = query.startsWith("since=");
      if (hasCursor && growing && ThreadLocalRandom.current().nextInt(FORGETS_ONE_OF) == 0) {
        forgotten.incrementAndGet();
        exchange.sendResponseHeaders(410, -1);
        return;
      }
      List<Instant> items = look(list);
      int from = hasCursor ? Integer.parseInt(query.substring("since=".length())) : 0;
      byte[] body =
          IntStream.range(from, items.size())
              .mapToObj(i -> "{\"id\":" + i + ",\"at\":\"" + items.get(i) + "\"}")
              .collect(Collectors.joining(",", "{\"next\":" + items.size() + ",\"items\":[", "]}"))
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private List<Instant> look(int list) {
    int growth = growing ? 1 + ThreadLocalRandom.current().nextInt(2) : 0;
    looks.merge(list, 1, Integer::sum);
    return grow(list, lists.containsKey(list) ? growth : 2 + growth);
  }

  private List<Instant> grow(int list, int growth) {
    return lists.compute(
        list,
        (ignored, before) -> {
          List<Instant> after = before == null ? new ArrayList<>() : new ArrayList<>(before);
          for (int i = 0; i < growth; i++) {
            after.add(Instant.now());
          }
          return List.copyOf(after);
        });
  }

  /** Gives a list one more item, also where they do not grow any more. */
  void add(int list) {
    grow(list, 1);
  }

  String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  URI address(int list) {
    return URI.create("http://" + authority() + "/lists/" + list);
  }

  /** How many items a list has; 0 before somebody looked. */
  int size(int list) {
    return lists.getOrDefault(list, List.of()).size();
  }

  /** How many lists were looked at so often. */
  int lookedAt(int times) {
    return (int) looks.values().stream().filter(count -> count >= times).count();
  }

  /** How often a list was looked at. */
  int looks(int list) {
    return looks.getOrDefault(list, 0);
  }

  /** How often somebody looked. */
  int polls() {
    return polls.get();
  }

  /** How many cursors were not known any more. */
  int forgotten() {
    return forgotten.get();
  }

  /** From now on the lists stay as they are, and no cursor is forgotten. */
  void stopGrowing() {
    growing = false;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
