package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A third party on loopback that answers every request as it was told last. */
final class ProviderStub implements AutoCloseable {
  /** The base URL has a path, as that of a GitHub Enterprise Server has. */
  private static final String PATH = "/api/v3";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile Answer answer = new Answer.Silence();

  /** How a request is answered. */
  sealed interface Answer {
    record Whole(int status, Map<String, String> headers, String body) implements Answer {}

    /** The connection ends in the middle of the body. */
    record Cut() implements Answer {}

    /** Nothing, as long as the stub is open. */
    record Silence() implements Answer {}
  }

  /** A request as it arrived; its path is below the base URL, its headers are in lower case. */
  record Request(String method, String path, Map<String, String> headers, String body) {}

  ProviderStub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI baseUrl() {
    return URI.create("http://" + authority() + PATH);
  }

  String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers so from now on, and forgets the requests until now. */
  void answer(Answer next) {
    requests.clear();
    answer = next;
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.add(request(exchange));
      switch (answer) {
        case Answer.Whole whole -> send(exchange, whole);
        case Answer.Cut() -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write("{\"id\":".getBytes(UTF_8));
          exchange.getResponseBody().flush();
        }
        case Answer.Silence() -> closed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Request request(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) ->
                headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
    String target = exchange.getRequestURI().toString();
    return new Request(
        exchange.getRequestMethod(),
        target.startsWith(PATH + "/") ? target.substring(PATH.length()) : "not below: " + target,
        headers,
        new String(exchange.getRequestBody().readAllBytes(), UTF_8));
  }

  private static void send(HttpExchange exchange, Answer.Whole whole) throws IOException {
    whole.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = whole.body().getBytes(UTF_8);
    exchange.sendResponseHeaders(whole.status(), body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.close();
  }
}
