package dev.areaflow.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One kept connection that posts the same body again and again, each time with another delivery id:
 * as little work as possible, because it shares the processors with what it measures.
 */
final class LoadConnection implements AutoCloseable {
  private static final String ID_HEADER = "X-GitHub-Delivery: ";
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int MAX_ANSWER = 16 * 1024;
  private static final int STATUS_AT = "HTTP/1.1 ".length();
  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("(?i)\\ncontent-length: *([0-9]{1,9})\\r");

  private final Socket socket = new Socket();
  private final InputStream in;
  private final byte[] request;
  private final int idAt;
  private final byte[] answer = new byte[MAX_ANSWER];

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
    this.in = socket.getInputStream();
  }

  /** Posts a delivery and returns the answer's status. */
  int post(DeliveryId id) throws IOException {
    id.writeTo(request, idAt);
    socket.getOutputStream().write(request);
    int filled = 0;
    int head = -1;
    while (head < 0) {
      filled += read(filled);
      head = Head.length(answer, filled);
    }
    String text = new String(answer, 0, head, StandardCharsets.ISO_8859_1);
    int length = contentLength(text);
    if (head + length > answer.length) {
      throw new IOException("expected a short answer, found one of " + length + " bytes");
    }
    while (filled < head + length) {
      filled += read(filled);
    }
    return Integer.parseInt(text.substring(STATUS_AT, STATUS_AT + 3));
  }

  private int read(int filled) throws IOException {
    int read = filled < answer.length ? in.read(answer, filled, answer.length - filled) : -1;
    if (read < 0) {
      throw new IOException("the answer broke off");
    }
    return read;
  }

  private static int contentLength(String head) throws IOException {
    Matcher length = CONTENT_LENGTH.matcher(head);
    if (!length.find()) {
      throw new IOException("expected an answer with a length, found " + head);
    }
    return Integer.parseInt(length.group(1));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
