package dev.areaflow.executors;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A third party on a socket of this machine, which can do what real ones do: answer, ask to wait,
 * redirect, hang, trickle, flood, and hang up.
 */
final class ThirdParty implements AutoCloseable {
  private static final int FLOOD_BYTES = 64 * 1024 * 1024;

  private final ServerSocket listener;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Behaviour behaviour = answering(200, Map.of(), "ok");

  /** The requests that arrived, in their order. */
  final List<Request> requests = new CopyOnWriteArrayList<>();

  /** A request as it arrived; header names in lower case. */
  record Request(String method, String target, Map<String, String> headers, String body) {}

  /** What it does with a request. */
  interface Behaviour {
    void handle(Request request, Socket connection) throws IOException, InterruptedException;
  }

  ThirdParty() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::listen);
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  void behave(Behaviour behaviour) {
    this.behaviour = behaviour;
  }

  static Behaviour answering(int status, Map<String, String> headers, String body) {
    return (request, connection) -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      OutputStream out = connection.getOutputStream();
      out.write(head(status, headers, bytes.length));
      out.write(bytes);
      out.flush();
    };
  }

  /** Closes the connection with a reset instead of an answer. */
  static Behaviour resetting() {
    return (request, connection) -> {
      connection.setSoLinger(true, 0);
      connection.close();
    };
  }

  /** Takes the request and never answers. */
  Behaviour hanging() {
    return (request, connection) -> closed.await();
  }

  /** Answers a byte at a time, without end. */
  Behaviour trickling() {
    return (request, connection) -> {
      OutputStream out = connection.getOutputStream();
      out.write(head(200, Map.of(), 1_000_000));
      do {
        out.write('.');
        out.flush();
      } while (!closed.await(20, TimeUnit.MILLISECONDS));
    };
  }

  /** Answers with much more than anyone wants. */
  static Behaviour flooding() {
    return (request, connection) -> {
      OutputStream out = connection.getOutputStream();
      out.write(head(200, Map.of(), FLOOD_BYTES));
      byte[] chunk = "flood ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
      for (int sent = 0; sent < FLOOD_BYTES; sent += chunk.length) {
        out.write(chunk, 0, Math.min(chunk.length, FLOOD_BYTES - sent));
      }
    };
  }

  private static byte[] head(int status, Map<String, String> headers, int length) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Status\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return head.append("Content-Length: ")
        .append(length)
        .append("\r\n\r\n")
        .toString()
        .getBytes(StandardCharsets.US_ASCII);
  }

  private void listen() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (SocketException e) {
        return; // closed
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (!connection.isClosed()) {
        String requestLine = line(in);
        if (requestLine.isEmpty()) {
          return;
        }
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
          int colon = header.indexOf(':');
          headers.put(
              header.substring(0, colon).toLowerCase(Locale.ROOT),
              header.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        String[] words = requestLine.split(" ", -1);
        Request request = new Request(words[0], words[1], headers, body);
        requests.add(request);
        behaviour.handle(request, connection);
      }
    } catch (IOException e) {
      // the caller hung up, which is the caller's right
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
      if (read != '\r') {
        line.write(read);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
  }
}
