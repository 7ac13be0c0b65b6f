package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;

/** A connection over which anything can be sent, well-formed or not. */
final class RawConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;

  RawConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Sends the same again and again, until the server does not take it any more. */
  void sendUntilClosed(String text, long mostBytes) throws IOException {
    byte[] bytes = text.getBytes(ISO_8859_1);
    try {
      for (long sent = 0; sent < mostBytes; sent += bytes.length) {
        socket.getOutputStream().write(bytes);
      }
    } catch (SocketException e) {
      return;
    }
    throw new AssertionError("the server took in " + mostBytes + " bytes");
  }

  /** The status line and the headers of an answer; what came until then where it ends before. */
  String readHead() throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.write(next);
    }
    return head.toString(ISO_8859_1);
  }

  /** An answer whose body has a length. */
  String readAnswer() throws IOException {
    String head = readHead();
    String marker = "content-length: ";
    int at = head.toLowerCase(Locale.ROOT).indexOf(marker);
    if (at < 0) {
      return head;
    }
    int start = at + marker.length();
    int length = Integer.parseInt(head.substring(start, head.indexOf('\r', start)).strip());
    return head + new String(socket.getInputStream().readNBytes(length), ISO_8859_1);
  }

  /** Whether the server has closed the connection, or does so soon. */
  boolean closedByServer() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
