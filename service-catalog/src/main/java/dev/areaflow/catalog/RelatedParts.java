package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.io.ByteArrayOutputStream;
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

  /** Its head, its content, and the end of its last line. */
  private static final int LINES_OF_PART = 3;

  /**
   * Notes what keeps the parts from being sent.
   *
   * @param parts each a {@code content}: JSON, or with its media {@code type} a text, whose {@code
   *     encoding} says which bytes it stands for
   * @param written as the manifest has them, whose references tell the input of a problem
   * @param rendered whether the inputs hold no templates any more; what holds one is not judged
   */
  static void check(JsonNode parts, JsonNode written, boolean rendered, List<Problem> problems) {
    for (int i = 0; i < parts.size(); i++) {
      JsonNode type = parts.get(i).path("type");
      if (type.isMissingNode()) {
        continue;
      }
      boolean isMedia = type.isTextual() && MEDIA_TYPE.matcher(type.textValue()).matches();
      if (!isMedia && (rendered || !Templates.isOne(type))) {
        problems.add(
            new Problem(
                References.pointer(written.get(i).path("type")),
                "expected a media type, e.g. text/plain"));
      }
      JsonNode content = parts.get(i).path("content");
      JsonNode encoding = parts.get(i).path("encoding");
      if (rendered || (!Templates.isOne(content) && !Templates.isOne(encoding))) {
        EncodedText.bytes(
            content, encoding, References.pointer(written.get(i).path("content")), problems);
      }
    }
  }

  /** Writes parts that {@code check} has no problem with. */
  static RelatedParts of(JsonNode parts) {
    List<byte[]> all = new ArrayList<>();
    for (JsonNode part : parts) {
      JsonNode type = part.path("type");
      all.add(
          ("Content-Type: "
                  + (type.isMissingNode() ? "application/json" : withCharset(part))
                  + LINE_END
                  + LINE_END)
              .getBytes(UTF_8));
      all.add(
          type.isMissingNode()
              ? RequestBody.json(part.path("content"))
              : EncodedText.bytes(
                  part.path("content"), part.path("encoding"), "", new ArrayList<>()));
      all.add(LINE_END.getBytes(UTF_8));
    }
    // made of what it must not be in: nobody can write a content that has its own hash in it
    String boundary = "areaflow-" + hash(all);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < all.size(); i++) {
      if (i % LINES_OF_PART == 0) {
        body.writeBytes(("--" + boundary + LINE_END).getBytes(UTF_8));
      }
      body.writeBytes(all.get(i));
    }
    body.writeBytes(("--" + boundary + "--" + LINE_END).getBytes(UTF_8));
    return new RelatedParts("multipart/related; boundary=" + boundary, body.toByteArray());
  }

  private static String withCharset(JsonNode part) {
    String type = part.path("type").asText();
    boolean isOurs =
        type.toLowerCase(Locale.ROOT).startsWith("text/")
            && !part.path("encoding").asText().equals(EncodedText.BASE64);
    return isOurs && !type.contains(";") ? type + "; charset=UTF-8" : type;
  }

  private static String hash(List<byte[]> content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      content.forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest(), 0, BOUNDARY_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
