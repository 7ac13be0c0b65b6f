package dev.areaflow.benchmarks;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * One kept connection that posts the same body again and again, each time with another delivery id:
 * as little work as possible, because it shares the processors with what it measures.
 */
final class LoadConnection implements AutoCloseable {
  private static final String ID_HEADER = "X-GitHub-Delivery: ";
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int MAX_LINE = 16 * 1024;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final byte[] request;
  private final int idAt;

  LoadConnection(URI url, Map<String, String> headers, byte[] body) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append("POST ").append(url.getRawPath()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(url.getAuthority()).append("\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\n").append(ID_HEADER);
    this.idAt = head.length();
    head.append("-".repeat(DeliveryId.LENGTH)).append("\r\n\r\n");
    byte[] headBytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    this.request = Arrays.copyOf(headBytes, headBytes.length + body.length);
    System.arraycopy(body, 0, request, headBytes.length, body.length);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), TIMEOUT_MILLIS);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Posts a delivery and returns the answer's status. */
  int post(DeliveryId id) throws IOException {
    id.writeTo(request, idAt);
    socket.getOutputStream().write(request);
    String statusLine = line();
    int length = -1;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lowerCase = header.toLowerCase(Locale.ROOT);
      if (lowerCase.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()).strip());
      } else if (lowerCase.startsWith("transfer-encoding:")) {
        throw new IOException("expected an answer with a length, found " + header);
      }
    }
    in.skipNBytes(Math.max(0, length));
    return Integer.parseInt(statusLine.split(" ", 3)[1]);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int read = in.read(); read != '\n'; read = in.read()) {
      if (read < 0 || line.size() > MAX_LINE) {
        throw new IOException("the answer broke off");
      }
      if (read != '\r') {
        line.write(read);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
