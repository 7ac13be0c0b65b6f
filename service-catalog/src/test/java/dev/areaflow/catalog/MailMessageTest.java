package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mails made of inputs. */
final class MailMessageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern WORD = Pattern.compile("=\\?UTF-8\\?B\\?([^?]*)\\?=");

  @Test
  void aPlainMailHasItsHeadersAndItsTextInBase64() {
    assertThat(mail(inputs("Hello", "Hi Bob\n").put("inReplyTo", "<7@example.org>")))
        .isEqualTo(
            """
            To: bob@example.org,
             Ann Lee <ann@example.org>
            Subject: Hello
            In-Reply-To: <7@example.org>
            References: <7@example.org>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=UTF-8
            Content-Transfer-Encoding: base64

            SGkgQm9iCg==
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void aMailInHtmlSaysSo() {
    assertThat(mail(inputs("Hello", "<b>Hi</b>").put("bodyType", "html")))
        .contains("Content-Type: text/html; charset=UTF-8\r\n");
  }

  @Test
  void copiesGoToTheirOwnHeaders() {
    ObjectNode inputs = inputs("Hello", "");
    inputs.putArray("cc").add("c@example.org");
    inputs.putArray("bcc").add("d@example.org");

    assertThat(mail(inputs)).contains("\r\nCc: c@example.org\r\nBcc: d@example.org\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Grüße",
        "日本語の件名がとても長い場合でも文字は途中で切れない。日本語の件名がとても長い場合でも文字は途中で切れない。",
        "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
        "a very long subject that would not fit on the line of a header without being folded somewhere",
        "=?UTF-8?Q?looks_encoded?=",
        " blanks around ",
      })
  void aSubjectThatIsNotPlainIsEncodedInWordsOfWholeCharacters(String subject) {
    // when
    String mail = mail(inputs(subject, "x"));

    // then
    String header = mail.substring(mail.indexOf("Subject: "), mail.indexOf("MIME-Version"));
    assertThat(mail.lines()).allMatch(line -> line.length() <= 76);
    assertThat(US_ASCII.newEncoder().canEncode(mail)).isTrue();
    assertThat(
            WORD.matcher(header)
                .results()
                .map(word -> new String(Base64.getDecoder().decode(word.group(1)), UTF_8))
                .collect(Collectors.joining()))
        .isEqualTo(subject);
  }

  @Test
  void aLongTextIsWrapped() {
    // given
    String text = "ä".repeat(5_000);

    // when
    String mail = mail(inputs("Hello", text));

    // then
    assertThat(mail.lines()).allMatch(line -> line.length() <= 76);
    String body = mail.substring(mail.indexOf("\r\n\r\n") + 4);
    assertThat(new String(Base64.getMimeDecoder().decode(body), UTF_8)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bob@example.org | bob@example.org",
        "<bob@example.org> | bob@example.org",
        "Bob <bob+x@mail.example.org> | Bob <bob+x@mail.example.org>",
        "Lee, Bob <bob@example.org> | \"Lee, Bob\" <bob@example.org>",
        "\"Lee, Bob\" <bob@example.org> | \"Lee, Bob\" <bob@example.org>",
        "Bob \"the\" Lee <bob@example.org> | \"Bob \\\"the\\\" Lee\" <bob@example.org>",
      })
  void anAddressMayHaveAName(String given, String expected) {
    ObjectNode inputs = inputs("Hello", "x");
    inputs.putArray("to").add(given);

    assertThat(mail(inputs)).startsWith("To: " + expected + "\r\nSubject");
  }

  @Test
  void aNameMayHaveAnyLetters() {
    ObjectNode inputs = inputs("Hello", "x");
    inputs.putArray("to").add("Jürg <j@example.org>");

    assertThat(mail(inputs)).startsWith("To: =?UTF-8?B?SsO8cmc=?=\r\n <j@example.org>\r\nSubject");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bob",
        "bob@",
        "@example.org",
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "Bob\r\nBcc: c@example.org <b@example.org>",
        "Bob\nX: y <b@example.org>",
        "Bob\u0085 <b@example.org>",
        "<a@example.org> <b@example.org>",
        "jürg@example.org",
        "a b@example.org",
        "${x}",
      })
  void whatIsNotOneAddressIsRefused(String given) {
    ObjectNode inputs = inputs("Hello", "x");
    inputs.putArray("to").add("ok@example.org").add(given);

    assertThat(problems(inputs, true)).containsExactly("/to/1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"subject\":\"a\\r\\nBcc: x@example.org\",\"body\":\"\"} | /subject",
        "{\"subject\":\"a\\nb\",\"body\":\"\"} | /subject",
        "{\"subject\":\"a\\u0000\",\"body\":\"\"} | /subject",
        "{\"subject\":\"a\\u2028b\",\"body\":\"\"} | /subject",
        "{\"subject\":7,\"body\":\"\"} | /subject",
        "{\"body\":\"\"} | /subject",
        "{\"subject\":\"a\"} | /body",
        "{\"subject\":\"a\",\"body\":7} | /body",
        "{\"subject\":\"a\",\"body\":\"\",\"to\":\"a@example.org\"} | /to",
        "{\"subject\":\"a\",\"body\":\"\",\"inReplyTo\":\"7@example.org\"} | /inReplyTo",
        "{\"subject\":\"a\",\"body\":\"\",\"inReplyTo\":\"<7@e.org>\\r\\nX: y\"} | /inReplyTo",
        "{\"subject\":\"a\",\"body\":\"\",\"inReplyTo\":\"<a@e.org> <b@e.org>\"} | /inReplyTo",
      })
  void noInputCanAddAHeader(String given, String pointer) throws JsonProcessingException {
    assertThat(problems(JSON.readTree(given), true)).containsExactly(pointer);
  }

  @Test
  void aTemplateIsNotJudgedBeforeItIsRendered() {
    // given
    ObjectNode inputs = inputs("${event.a}", "${event.b}").put("inReplyTo", "${event.c}");
    inputs.putArray("to").add("${event.d}");

    // when, then
    assertThat(problems(inputs, false)).isEmpty();
    assertThat(problems(inputs, true)).containsExactly("/to/0", "/inReplyTo");
  }

  @Test
  void tooManyAddressesAreRefused() {
    ObjectNode inputs = inputs("Hello", "x");
    inputs.putArray("to").addAll(Arrays.asList(many(501)));

    assertThat(problems(inputs, true)).containsExactly("/to");
  }

  private static JsonNode[] many(int count) {
    JsonNode[] addresses = new JsonNode[count];
    Arrays.fill(addresses, JsonNodeFactory.instance.textNode("a@example.org"));
    return addresses;
  }

  private static ObjectNode inputs(String subject, String body) {
    ObjectNode inputs = JsonNodeFactory.instance.objectNode();
    inputs.putArray("to").add("bob@example.org").add("Ann Lee <ann@example.org>");
    return inputs.put("subject", subject).put("body", body);
  }

  private static List<String> problems(JsonNode inputs, boolean rendered) {
    List<Problem> problems = new ArrayList<>();
    MailMessage.check(inputs, rendered, problems);
    return problems.stream().map(Problem::pointer).toList();
  }

  private static String mail(ObjectNode inputs) {
    assertThat(problems(inputs, true)).isEmpty();
    return new String(Base64.getUrlDecoder().decode(MailMessage.base64url(inputs)), US_ASCII);
  }
}
