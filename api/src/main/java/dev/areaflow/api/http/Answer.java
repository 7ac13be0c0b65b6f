package dev.areaflow.api.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a handler answers, before the frame adds what every answer has.
 *
 * @param status HTTP status
 * @param headers by name; {@code Content-Type} where there is a body
 * @param body empty for none
 * @param stream writes the body bit by bit instead; null where it is whole already
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; copying each answer would be waste
public record Answer(
    int status, Map<String, String> headers, byte[] body, @Nullable Stream stream) {
  public Answer {
    headers = Map.copyOf(headers);
  }

  /** Writes a body; it is called once for each answer that is made. */
  @FunctionalInterface
  public interface Stream {
    /**
     * @throws IOException if the other side does not take it any more
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /** An answer with a whole body. */
  public Answer(int status, Map<String, String> headers, byte[] body) {
    this(status, headers, body, null);
  }

  /** 200 with what is written while it comes. */
  public static Answer streamed(String mediaType, Stream stream) {
    return new Answer(200, Map.of("Content-Type", mediaType), new byte[0], stream);
  }

  /** JSON with a status. */
  public static Answer json(int status, Object body) {
    return new Answer(status, Map.of("Content-Type", "application/json"), Json.write(body));
  }

  /** 200 with JSON. */
  public static Answer ok(Object body) {
    return json(200, body);
  }

  /** 201 with JSON and where the new thing is. */
  public static Answer created(String location, Object body) {
    return json(201, body).header("Location", location);
  }

  /** 204. */
  public static Answer noContent() {
    return new Answer(204, Map.of(), new byte[0]);
  }

  /** 303: look there. */
  public static Answer seeOther(String location) {
    return new Answer(303, Map.of("Location", location), new byte[0]);
  }

  /** 200 with bytes of some media type. */
  public static Answer bytes(String mediaType, byte[] body) {
    return new Answer(200, Map.of("Content-Type", mediaType), body);
  }

  /** This answer with a header more, or another value of it. */
  public Answer header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, more, body, stream);
  }

  /** This answer with the version as its entity tag, as {@code If-Match} takes it. */
  public Answer version(long version) {
    return header("ETag", "\"" + version + "\"");
  }
}
