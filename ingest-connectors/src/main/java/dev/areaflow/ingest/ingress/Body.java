package dev.areaflow.ingest.ingress;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.OptionalLong;

/** The body of one request, read with bounds on its size and time. */
final class Body {
  private static final int PIECE = 16 * 1024;

  private final ServerRequest request;
  private final int mostBytes;
  private final SlowBodies slow;
  private InputStream stream = InputStream.nullInputStream();
  private boolean asked;

  /** A body of more bytes than allowed. */
  static final class TooLargeException extends Exception {
    TooLargeException() {
      super("body too large", null, false, false);
    }
  }

  /** A body that is not what HTTP says it should be, for example with chunks of no size. */
  static final class MalformedException extends Exception {
    MalformedException(Throwable cause) {
      super("malformed body", cause);
    }
  }

  Body(ServerRequest request, int mostBytes, SlowBodies slow) {
    this.request = request;
    this.mostBytes = mostBytes;
    this.slow = slow;
  }

  /** What the sender says; empty where it comes in chunks. */
  OptionalLong declaredBytes() {
    return request.headers().contains(HeaderNames.TRANSFER_ENCODING)
        ? OptionalLong.empty()
        : OptionalLong.of(request.headers().contentLength().orElse(0));
  }

  /** Most bytes that reading it will hold. */
  long reservedBytes() {
    return declaredBytes().orElse(mostBytes);
  }

  /** All of it. */
  byte[] read() throws TooLargeException, MalformedException {
    OptionalLong declared = declaredBytes();
    if (declared.orElse(0) > mostBytes) {
      throw new TooLargeException();
    }
    byte[] bytes = new byte[(int) declared.orElse(PIECE)];
    int size = 0;
    try (SlowBodies.Reading _ = slow.reading()) {
      while (true) {
        if (size == bytes.length) {
          int one = stream().read();
          if (one < 0) {
            return bytes;
          }
          bytes = Arrays.copyOf(bytes, Math.min(2 * size + PIECE, mostBytes + 1));
          bytes[size++] = (byte) one;
        }
        int read = stream().read(bytes, size, bytes.length - size);
        if (read < 0) {
          return Arrays.copyOf(bytes, size);
        }
        size += read;
        if (size > mostBytes) {
          throw new TooLargeException();
        }
      }
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
  }

  /** Whether nothing of it is left to be read. */
  boolean wholly() {
    return request.content().consumed() || declaredBytes().orElse(1) == 0;
  }

  /** Reads over it, holding nothing. */
  void skip() throws TooLargeException, MalformedException {
    OptionalLong declared = declaredBytes();
    if (declared.orElse(0) > mostBytes || skip(mostBytes) > mostBytes) {
      throw new TooLargeException();
    }
  }

  /**
   * After a refusal, takes in what the sender is still sending, up to a bound: closing at once
   * would reset the connection, and the sender might never see the answer.
   */
  void drain(long most) {
    if (request.headers().containsToken(HeaderValues.EXPECT_100) && !asked) {
      return;
    }
    try {
      skip(most);
    } catch (TooLargeException | MalformedException e) {
      throw new CloseConnectionException("more than is worth waiting for", e);
    }
  }

  /** Reads until more than {@code most} bytes came, or the end; answers how many. */
  private long skip(long most) throws TooLargeException, MalformedException {
    byte[] piece = new byte[PIECE];
    long size = 0;
    try (SlowBodies.Reading _ = slow.reading()) {
      int read;
      while (size <= most && (read = stream().read(piece)) >= 0) {
        size += read;
      }
      return size;
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
  }

  private InputStream stream() {
    if (!asked) {
      asked = true;
      stream = request.content().inputStream();
    }
    return stream;
  }

  /**
   * Helidon finds its own limit, and chunks that are none, in the middle of a body; the rest is a
   * connection that broke.
   */
  private static RuntimeException failed(Exception e) throws TooLargeException, MalformedException {
    return switch (e) {
      case RequestException refusal
          when refusal.status().equals(Status.REQUEST_ENTITY_TOO_LARGE_413) ->
          throw new TooLargeException();
      case RequestException _, NumberFormatException _ -> throw new MalformedException(e);
      default -> new CloseConnectionException("the body did not arrive", e);
    };
  }
}
