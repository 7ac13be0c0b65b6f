package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.helidon.http.Status;
import java.util.Map;

/**
 * What a delivery is answered with: the body as bytes, so that one that is given again and again is
 * written once.
 *
 * @param contentType empty where there is no content
 * @param result what it counts as, one of a few words
 * @param retryAfterSeconds 0 where coming again would not help
 */
@SuppressWarnings("ArrayRecordComponent") // written to the connection uncopied, nobody compares it
record Answer(
    Status status, String contentType, byte[] body, String result, int retryAfterSeconds) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The result of an answer with an event id. */
  static final String ACCEPTED = "accepted";

  /** The result of a verified delivery that makes its hook be polled now. */
  static final String WAKES = "woken";

  /** The result of a verified delivery that is not the hook's action. */
  static final String IGNORED = "ignored";

  /** The result of a provider's question whether the hook is there. */
  static final String CHALLENGED = "challenged";

  private static final int COME_AGAIN_SECONDS = 2;

  /** The one answer to a token that names no hook and to a signature that does not fit. */
  static final Answer UNAUTHORIZED =
      problem(
          Status.UNAUTHORIZED_401,
          "signature",
          "No such hook, or the delivery is not signed with its secret.");

  static final Answer NOT_COMPLETE =
      unavailable("not-ready", "The hooks are still being read; send it again.");
  static final Answer UNKNOWN_YET =
      unavailable("unknown-hook", "This hook is not known here yet; send it again.");
  static final Answer UNSERVED =
      unavailable("unserved", "This hook's action is not served here now; send it again.");
  static final Answer OVERLOADED =
      unavailable("overload", "Too many deliveries are being worked on; send it again.");
  static final Answer NOT_KEPT =
      unavailable(
          "unavailable", "The event could not be kept; send it again with the same delivery id.");
  static final Answer TOO_LARGE_TO_KEEP =
      problem(
          Status.REQUEST_ENTITY_TOO_LARGE_413,
          "size",
          "The event is larger than this installation can keep.");
  static final Answer MALFORMED =
      problem(Status.BAD_REQUEST_400, "protocol", "The body's chunks were not understood.");
  static final Answer ONLY_POST =
      problem(Status.METHOD_NOT_ALLOWED_405, "method", "A hook takes POST only.");

  /** To a HEAD request that asks whether the hook is there. */
  static final Answer PRESENT =
      new Answer(Status.OK_200, "text/plain; charset=utf-8", new byte[0], CHALLENGED, 0);

  static final Answer PONG = new Answer(Status.NO_CONTENT_204, "", new byte[0], CHALLENGED, 0);

  static Answer tooLarge(long mostBytes) {
    return problem(
        Status.REQUEST_ENTITY_TOO_LARGE_413,
        "size",
        "A delivery may have " + mostBytes + " bytes at most.");
  }

  static Answer mediaType(String detail) {
    return problem(Status.UNSUPPORTED_MEDIA_TYPE_415, "media-type", detail);
  }

  static Answer json(String detail) {
    return problem(Status.BAD_REQUEST_400, "json", detail);
  }

  static Answer rate(int retryAfterSeconds) {
    return problem(
        Status.TOO_MANY_REQUESTS_429,
        "rate",
        "This hook takes no more deliveries for now; send it again.",
        retryAfterSeconds);
  }

  /** To a delivery that is no event. */
  static final Answer WOKEN = taken(Map.of("poll", "now"), WAKES);

  static Answer accepted(String eventId) {
    return taken(Map.of("eventId", eventId), ACCEPTED);
  }

  static Answer ignored(String reason) {
    return taken(Map.of("ignored", reason), IGNORED);
  }

  /** A text that the sender wants back. */
  static Answer echo(String text) {
    return new Answer(
        Status.OK_200, "text/plain; charset=utf-8", text.getBytes(UTF_8), CHALLENGED, 0);
  }

  /** Fields that the sender wants back. */
  static Answer echo(Map<String, String> fields) {
    return new Answer(Status.OK_200, "application/json", bytes(fields), CHALLENGED, 0);
  }

  /** A problem outside the deliveries' own path, for example of the HTTP protocol. */
  static Answer problem(Status status, String result, String detail) {
    return problem(status, result, detail, 0);
  }

  private static Answer unavailable(String result, String detail) {
    return problem(Status.SERVICE_UNAVAILABLE_503, result, detail, COME_AGAIN_SECONDS);
  }

  private static Answer taken(Map<String, String> body, String result) {
    return new Answer(Status.ACCEPTED_202, "application/json", bytes(body), result, 0);
  }

  private static Answer problem(Status status, String result, String detail, int retryAfter) {
    var body =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "about:blank")
            .put("title", status.reasonPhrase())
            .put("status", status.code())
            .put("detail", detail);
    return new Answer(status, "application/problem+json", bytes(body), result, retryAfter);
  }

  private static byte[] bytes(Object body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always writable as JSON", e);
    }
  }
}
