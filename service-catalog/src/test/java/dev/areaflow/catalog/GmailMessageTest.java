package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import org.junit.jupiter.api.Test;

final class GmailMessageTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ObjectNode mail = JSON.objectNode();
  private final ArrayNode parts = mail.putObject("payload").putArray("parts");

  private static ObjectNode add(ArrayNode to, String type, byte[] content) {
    ObjectNode part = to.addObject().put("mimeType", type).put("filename", "");
    part.putObject("body")
        .put("size", content.length)
        .put("data", Base64.getUrlEncoder().encodeToString(content));
    return part;
  }

  @Test
  void theFirstTextAndTheFirstHtmlThatAreNoAttachmentsAreTheMails() {
    // given
    add(parts, "text/plain", "attached".getBytes(UTF_8)).put("filename", "a.txt");
    ArrayNode inner = parts.addObject().put("mimeType", "multipart/alternative").putArray("parts");
    add(inner, "text/plain", "Grüße ??>".getBytes(UTF_8));
    add(inner, "text/html", "<p>".getBytes(UTF_8));
    add(inner, "text/plain", "second".getBytes(UTF_8));

    // when
    JsonNode decoded = GmailMessage.decoded(mail);

    // then
    assertThat(decoded.path("text").asText()).isEqualTo("Grüße ??>");
    assertThat(decoded.path("html").asText()).isEqualTo("<p>");
    assertThat(decoded.findValues("data")).isEmpty();
    assertThat(decoded.at("/payload/parts/0/filename").asText()).isEqualTo("a.txt");
    assertThat(mail.findValues("data")).hasSize(4);
  }

  @Test
  void anotherCharsetCountsWhereItIsNoUtf8() {
    // given
    ObjectNode part = add(parts, "text/plain", "Grüße".getBytes(ISO_8859_1));
    part.putArray("headers")
        .addObject()
        .put("name", "Content-Type")
        .put("value", "text/plain; charset=\"iso-8859-1\"");

    assertThat(GmailMessage.decoded(mail).path("text").asText()).isEqualTo("Grüße");
  }

  @Test
  void aLongTextIsCutBetweenCharacters() {
    add(parts, "text/plain", ("x" + "😀".repeat(60_000)).getBytes(UTF_8));

    assertThat(GmailMessage.decoded(mail).path("text").asText())
        .hasSize(GmailMessage.MOST_CHARACTERS - 1)
        .endsWith("😀");
  }

  @Test
  void whatIsNoBase64AndWhatIsNoMailIsLeftOut() {
    // given
    parts.addObject().put("mimeType", "text/plain").putObject("body").put("data", "?");
    ObjectNode deep = mail.withObject("/payload");
    for (int i = 0; i < 200; i++) {
      deep = deep.withArray("/parts").addObject();
    }

    assertThat(GmailMessage.decoded(mail).has("text")).isFalse();
    assertThat(GmailMessage.decoded(JSON.textNode("x"))).isEqualTo(JSON.textNode("x"));
  }
}
