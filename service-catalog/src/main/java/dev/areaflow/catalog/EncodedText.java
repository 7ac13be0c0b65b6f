package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.util.Base64;
import java.util.List;

/** Bytes that a text stands for: its own in UTF-8, or those that it is the Base64 of. */
final class EncodedText {
  static final String TEXT = "text";
  static final String BASE64 = "base64";

  private EncodedText() {}

  /**
   * The bytes; none where a problem was noted.
   *
   * @param encoding {@code text} or {@code base64}; missing is {@code text}
   * @param pointer where the text is within the inputs
   */
  static byte[] bytes(JsonNode text, JsonNode encoding, String pointer, List<Problem> problems) {
    if (!text.isTextual()) {
      problems.add(new Problem(pointer, "expected a text"));
    } else if (!encoding.isMissingNode() && encoding.asText().equals(BASE64)) {
      try {
        return Base64.getDecoder().decode(text.textValue().strip());
      } catch (IllegalArgumentException e) {
        problems.add(
            new Problem(
                pointer,
                "expected Base64 (RFC 4648, section 4) on one line, because the encoding"
                    + " is base64"));
      }
    } else if (!encoding.isMissingNode() && !encoding.asText().equals(TEXT)) {
      problems.add(new Problem(pointer, "expected the encoding text or base64"));
    } else {
      return text.textValue().getBytes(UTF_8);
    }
    return new byte[0];
  }
}
