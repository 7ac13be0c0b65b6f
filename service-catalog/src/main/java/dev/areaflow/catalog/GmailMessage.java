package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A mail as Gmail answers it, whose parts have their content in Base64. The first part of plain
 * text and the first of HTML become the fields {@code text} and {@code html} of the mail, each of
 * at most {@value #MOST_CHARACTERS} characters; the parts keep what they are, without their
 * content.
 */
final class GmailMessage {
  /** What is longer is cut: an event is no mailbox. */
  static final int MOST_CHARACTERS = 100_000;

  private static final int DEEPEST = 50;
  private static final Pattern CHARSET =
      Pattern.compile("(?i)charset\\s*=\\s*\"?([A-Za-z0-9._:-]{1,40})");

  private final ObjectNode mail;

  private GmailMessage(ObjectNode mail) {
    this.mail = mail;
  }

  /** The mail with its text; what is no mail stays as it is. */
  static JsonNode decoded(JsonNode answer) {
    if (!(answer instanceof ObjectNode mail)) {
      return answer;
    }
    GmailMessage message = new GmailMessage(mail.deepCopy());
    message.read(message.mail.path("payload"), 0);
    return message.mail;
  }

  private void read(JsonNode part, int depth) {
    if (part.path("body") instanceof ObjectNode body) {
      @Nullable JsonNode data = body.remove("data");
      if (data != null && part.path("filename").asText().isEmpty()) {
        switch (part.path("mimeType").asText()) {
          case "text/plain" -> put("text", data, part);
          case "text/html" -> put("html", data, part);
          default -> {}
        }
      }
    }
    if (depth < DEEPEST) {
      part.path("parts").forEach(child -> read(child, depth + 1));
    }
  }

  private void put(String field, JsonNode data, JsonNode part) {
    if (!mail.has(field)) {
      bytes(data.asText()).map(bytes -> text(bytes, part)).ifPresent(text -> mail.put(field, text));
    }
  }

  private static Optional<byte[]> bytes(String base64url) {
    try {
      return Optional.of(Base64.getUrlDecoder().decode(base64url));
    } catch (IllegalArgumentException e) {
      return Optional
          .empty(); // a slip of the provider's must not keep the mail from being an event
    }
  }

  /** Gmail makes UTF-8 of most texts and leaves what their headers say. */
  private static String text(byte[] bytes, JsonNode part) {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      text = new String(bytes, charset(part));
    }
    if (text.length() <= MOST_CHARACTERS) {
      return text;
    }
    boolean inPair = Character.isHighSurrogate(text.charAt(MOST_CHARACTERS - 1));
    return text.substring(0, inPair ? MOST_CHARACTERS - 1 : MOST_CHARACTERS);
  }

  private static Charset charset(JsonNode part) {
    for (JsonNode header : part.path("headers")) {
      Matcher charset = CHARSET.matcher(header.path("value").asText());
      if (header.path("name").asText().equalsIgnoreCase("content-type") && charset.find()) {
        try {
          return Charset.forName(charset.group(1));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
          return UTF_8;
        }
      }
    }
    return UTF_8;
  }
}
