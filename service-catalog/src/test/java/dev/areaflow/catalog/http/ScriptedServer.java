package dev.areaflow.catalog.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that answers every request with the same bytes, well-formed or not. */
final class ScriptedServer implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)\r\n");

  private final ServerSocket listener;
  private final Script script;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch firstRequest = new CountDownLatch(1);
  private volatile int connections;

  private interface Script {
    /** Answers; false ends the connection. */
    boolean answer(OutputStream out) throws IOException, InterruptedException;
  }

  ScriptedServer(String answer) throws IOException {
    this(
        out -> {
          out.write(answer.getBytes(ISO_8859_1));
          out.flush();
          return true;
        });
  }

  private ScriptedServer(Script script) throws IOException {
    this.script = script;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  static ScriptedServer closing(String answer) throws IOException {
    return new ScriptedServer(
        out -> {
          out.write(answer.getBytes(ISO_8859_1));
          return false;
        });
  }

  /** Sends the head of an answer and then one byte each 50 ms. */
  static ScriptedServer trickling() throws IOException {
    return new ScriptedServer(
        out -> {
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(ISO_8859_1));
          for (int i = 0; i < 1000; i++) {
            out.write('x');
            out.flush();
            TimeUnit.MILLISECONDS.sleep(50);
          }
          return false;
        });
  }

  int port() {
    return listener.getLocalPort();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  int connections() {
    return connections;
  }

  List<String> requests() {
    return requests;
  }

  void awaitRequest() throws InterruptedException {
    if (!firstRequest.await(10, TimeUnit.SECONDS)) {
      throw new AssertionError("no request arrived");
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread accepts
  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        connections++;
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // the listener was closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      do {
        String request = read(socket.getInputStream());
        if (request.isEmpty()) {
          return;
        }
        requests.add(request);
        firstRequest.countDown();
      } while (script.answer(socket.getOutputStream()));
    } catch (SocketException e) {
      // the client hung up
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    while (!request.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      request.write(next);
    }
    Matcher length = LENGTH.matcher(request.toString(ISO_8859_1));
    if (length.find()) {
      request.write(in.readNBytes(Integer.parseInt(length.group(1))));
    }
    return request.toString(ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
