package dev.areaflow.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers of one address as a test says them, and an AREA {@code Live} for it. */
public final class LineServer implements AutoCloseable {
  private static final String AREAS =
      "{\"items\":[{\"id\":\"live-id\",\"name\":\"Live\"}],\"next\":null}";

  private final HttpServer server;
  private final Queue<String> answers = new ConcurrentLinkedQueue<>();
  private final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile int status = 200;

  public LineServer(String path) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/v1/areas", exchange -> send(exchange, 200, AREAS));
    server.createContext(path, this::answer);
    server.start();
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Says what a call is answered with, after those that were said before; nothing in the end. */
  public void answer(String body) {
    answers.add(body);
  }

  public void status(int of) {
    status = of;
  }

  /** The bodies of the calls. */
  public List<JsonNode> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.add(new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()));
    String body = answers.poll();
    send(exchange, status, body == null ? "" : body);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
