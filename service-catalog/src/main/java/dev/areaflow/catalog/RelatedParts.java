package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A body of several parts (multipart/related, RFC 2387), the first of them the root. The same parts
 * always make the same bytes.
 *
 * @param contentType with the boundary
 * @param bytes not copied
 */
@SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
record RelatedParts(String contentType, byte[] bytes) {
  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          "[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}(; ?[a-z]+=[A-Za-z0-9._-]{1,40})?");

  private static final int BOUNDARY_BYTES = 16;
  private static final String LINE_END = "\r\n";

  /**
   * Notes what keeps the parts from being sent.
   *
   * @param parts each a {@code content}, a text with its media {@code type}, or JSON without one
   * @param written as the manifest has them, whose references tell the input of a problem
   * @param rendered whether the inputs hold no templates any more; what holds one is not judged
   */
  static void check(JsonNode parts, JsonNode written, boolean rendered, List<Problem> problems) {
    for (int i = 0; i < parts.size(); i++) {
      JsonNode type = parts.get(i).path("type");
      JsonNode content = parts.get(i).path("content");
      boolean isMedia = type.isTextual() && MEDIA_TYPE.matcher(type.textValue()).matches();
      if (!type.isMissingNode() && (rendered || !Templates.isOne(type)) && !isMedia) {
        problems.add(
            new Problem(
                RequestTemplate.pointer(written.get(i).path("type")),
                "expected a media type, e.g. text/plain"));
      }
      if (!type.isMissingNode() && !content.isTextual()) {
        problems.add(
            new Problem(
                RequestTemplate.pointer(written.get(i).path("content")), "expected a text"));
      }
    }
  }

  /** Writes parts that {@code check} has no problem with. */
  static RelatedParts of(JsonNode parts) {
    List<String> all = new ArrayList<>();
    for (JsonNode part : parts) {
      JsonNode type = part.path("type");
      JsonNode content = part.path("content");
      all.add(
          "Content-Type: "
              + (type.isMissingNode() ? "application/json" : withCharset(type.asText()))
              + LINE_END
              + LINE_END
              + (type.isMissingNode()
                  ? new String(RequestTemplate.json(content), UTF_8)
                  : content.asText())
              + LINE_END);
    }
    // made of what it must not be in: nobody can write a content that has its own hash in it
    String boundary = "areaflow-" + hash(String.join("", all));
    StringBuilder body = new StringBuilder();
    all.forEach(part -> body.append("--").append(boundary).append(LINE_END).append(part));
    body.append("--").append(boundary).append("--").append(LINE_END);
    return new RelatedParts(
        "multipart/related; boundary=" + boundary, body.toString().getBytes(UTF_8));
  }

  private static String withCharset(String type) {
    boolean text = type.toLowerCase(Locale.ROOT).startsWith("text/");
    return text && !type.contains(";") ? type + "; charset=UTF-8" : type;
  }

  private static String hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest, 0, BOUNDARY_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
