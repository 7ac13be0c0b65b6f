package dev.areaflow.launcher.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A third party: answers 200, or what a test tells it to, and remembers every call. */
final class RecordingSink implements AutoCloseable {

  /**
   * @param key the Idempotency-Key header; empty where there was none
   * @param at when it arrived
   */
  record Call(String method, String path, String key, String body, Instant at) {}

  /**
   * @param retryAfter seconds for a Retry-After header
   */
  record Reply(int status, String body, Optional<Integer> retryAfter) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final Queue<Reply> scripted = new ConcurrentLinkedQueue<>();
  private volatile CountDownLatch answering = new CountDownLatch(0);

  RecordingSink() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** The next calls get these replies, one each; later ones get 200. */
  void replyWith(Reply... replies) {
    scripted.addAll(List.of(replies));
  }

  /** Answers no call from now on until {@link #release}; all are noted as they come. */
  void hold() {
    answering = new CountDownLatch(1);
  }

  /** Answers what was held. */
  void release() {
    answering.countDown();
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The calls to one path, once there are so many. */
  List<Call> awaitCalls(String path, int count, Duration patience) {
    return Await.until(
        count + " calls to " + path,
        patience,
        () -> calls.stream().filter(call -> call.path().equals(path)).toList(),
        found -> found.size() >= count);
  }

  String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  URI address(String path) {
    return URI.create("http://" + authority() + path);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
      calls.add(
          new Call(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              key == null ? "" : key,
              body,
              Instant.now()));
      awaitRelease();
      Reply reply = scripted.poll();
      if (reply == null) {
        reply = new Reply(200, "{\"ok\":true}", Optional.empty());
      }
      reply
          .retryAfter()
          .ifPresent(
              seconds ->
                  exchange.getResponseHeaders().add("Retry-After", Integer.toString(seconds)));
      byte[] answer = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(reply.status(), answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private void awaitRelease() throws IOException {
    try {
      answering.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while an answer was held", e);
    }
  }

  @Override
  public void close() {
    release();
    server.stop(0);
    threads.close();
  }
}
