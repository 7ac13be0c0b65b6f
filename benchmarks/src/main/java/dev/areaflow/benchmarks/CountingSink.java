package dev.areaflow.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.Histogram;

/**
 * The third party of the benchmark: answers every request at once and counts the deliveries that
 * the requests name. As little work as possible, because it shares the processors with what it
 * measures.
 */
final class CountingSink implements AutoCloseable {
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
  private static final int BACKLOG = 1_024;
  private static final int MAX_HEAD = 32 * 1024;
  private static final int MAX_BODY = 1024 * 1024;

  private final ServerSocket listener;
  private final Map<Integer, Run> runs = new ConcurrentHashMap<>();

  CountingSink() throws IOException {
    listener = new ServerSocket(0, BACKLOG, InetAddress.ofLiteral("127.0.0.1"));
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Serves until closed. */
  void serve() throws IOException {
    while (!listener.isClosed()) {
      Socket connection;
      try {
        connection = listener.accept();
      } catch (IOException e) {
        if (listener.isClosed()) {
          return;
        }
        throw e;
      }
      // A virtual thread would ask the poller before each read.
      Thread.ofPlatform().daemon().name("sink").start(() -> serve(connection));
    }
  }

  SinkStatus status(int run) {
    return run(run).status();
  }

  private Run run(int number) {
    return runs.computeIfAbsent(number, _ -> new Run());
  }

  private void serve(Socket connection) {
    byte[] buffer = new byte[MAX_HEAD];
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = connection.getInputStream();
      OutputStream out = connection.getOutputStream();
      int filled = 0;
      while (true) {
        int head = Head.length(buffer, filled);
        if (head < 0) {
          int read = filled < MAX_HEAD ? in.read(buffer, filled, MAX_HEAD - filled) : -1;
          if (read < 0) {
            return;
          }
          filled += read;
          continue;
        }
        int length = contentLength(buffer, head);
        if (length > MAX_BODY) {
          return;
        }
        byte[] body = Arrays.copyOfRange(buffer, head, head + length);
        int there = Math.min(length, filled - head);
        if (in.readNBytes(body, there, length - there) < length - there) {
          return;
        }
        filled -= head + there;
        System.arraycopy(buffer, head + there, buffer, 0, filled);
        long now = DeliveryId.nowMicros();
        DeliveryId.find(body, body.length).ifPresent(id -> run(id.run()).arrived(id, now));
        out.write(ANSWER);
      }
    } catch (IOException e) {
      // the caller hung up
    }
  }

  private static int contentLength(byte[] head, int length) {
    for (int at = 0; at + LENGTH.length < length; at++) {
      if (isLengthHeader(head, at)) {
        int value = 0;
        for (int i = at + LENGTH.length; head[i] != '\r'; i++) {
          if (head[i] != ' ') {
            value = value * 10 + (head[i] - '0');
          }
        }
        return value;
      }
    }
    return 0;
  }

  private static boolean isLengthHeader(byte[] head, int at) {
    for (int i = 0; i < LENGTH.length; i++) {
      if (Character.toLowerCase(head[at + i]) != LENGTH[i]) {
        return false;
      }
    }
    return true;
  }

  private static final class Run {
    private final BitSet arrived = new BitSet();
    private final Histogram latency = Latency.histogram();
    private long repeated;
    private long count;

    synchronized void arrived(DeliveryId id, long nowMicros) {
      if (arrived.get(id.number())) {
        repeated++;
        return;
      }
      arrived.set(id.number());
      count++;
      latency.recordValue(Latency.fitting(nowMicros - id.micros()));
    }

    synchronized SinkStatus status() {
      return new SinkStatus(count, repeated, Latency.of(latency));
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
