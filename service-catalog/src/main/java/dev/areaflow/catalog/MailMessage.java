package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mail (RFC 5322, MIME) that the inputs {@code to}, {@code cc}, {@code bcc}, {@code subject},
 * {@code body}, {@code bodyType} and {@code inReplyTo} describe; {@code subject} and {@code body}
 * are needed. It has no sender and no date: the account's mail server adds them. The same inputs
 * always make the same bytes.
 *
 * <p>No input can add a header: what does not fit on one line is refused, other than ASCII is
 * encoded (RFC 2047).
 */
final class MailMessage {
  /** The inputs that a manifest has to have. */
  static final Set<String> NEEDED = Set.of("subject", "body");

  private static final Map<String, String> RECIPIENTS = recipients();
  private static final Pattern ADDRESS =
      Pattern.compile(
          "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
              + "@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*");
  private static final Pattern NAMED = Pattern.compile("([^<>]*)<([^<>]*)>");
  private static final Pattern MESSAGE_ID =
      Pattern.compile("<[\\x21-\\x3b\\x3d\\x3f-\\x7e]{3,900}>");

  /** Everything but line ends and other control characters. */
  private static final Pattern LINE = Pattern.compile("[^\\p{Cc}\\u2028\\u2029]*");

  private static final Pattern PLAIN = Pattern.compile("(?!.*=\\?)[\\x20-\\x7e]{0,60}");
  private static final Pattern ATOMS = Pattern.compile("[A-Za-z0-9 !#$%&'*+/^_`{|}~-]{0,60}");

  /** What fits into an encoded word, =?UTF-8?B?…?=, on a line of 76 behind "Subject: ". */
  private static final int WORD_BYTES = 39;

  private static final int LONGEST_ADDRESS = 254;
  private static final int MOST_ADDRESSES = 500;
  private static final String LINE_END = "\r\n";

  private MailMessage() {}

  private static Map<String, String> recipients() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("to", "To");
    headers.put("cc", "Cc");
    headers.put("bcc", "Bcc");
    return headers;
  }

  /**
   * Notes what keeps the mail from being written.
   *
   * @param rendered whether the inputs hold no templates any more; what holds one is not judged
   */
  static void check(JsonNode inputs, boolean rendered, List<Problem> problems) {
    for (String key : RECIPIENTS.keySet()) {
      JsonNode given = inputs.path(key);
      if (given.isArray() && given.size() > MOST_ADDRESSES) {
        problems.add(new Problem("/" + key, "expected " + MOST_ADDRESSES + " addresses at most"));
      }
      for (int i = 0; given.isArray() && i < given.size(); i++) {
        if (judged(given.get(i), rendered) && recipient(given.get(i)).isEmpty()) {
          problems.add(
              new Problem(
                  "/" + key + "/" + i,
                  "expected one mail address, such as ann@example.org or Ann <ann@example.org>, in"
                      + " ASCII but for the name"));
        }
      }
      if (!given.isArray() && !given.isMissingNode() && judged(given, rendered)) {
        problems.add(new Problem("/" + key, "expected a list of mail addresses"));
      }
    }
    JsonNode subject = inputs.path("subject");
    if (judged(subject, rendered)
        && (!subject.isTextual() || !LINE.matcher(subject.textValue()).matches())) {
      problems.add(
          new Problem("/subject", "expected a text on one line, without control characters"));
    }
    if (!inputs.path("body").isTextual()) {
      problems.add(new Problem("/body", "expected a text"));
    }
    JsonNode answered = inputs.path("inReplyTo");
    if (!answered.isMissingNode()
        && judged(answered, rendered)
        && !MESSAGE_ID.matcher(answered.asText()).matches()) {
      problems.add(
          new Problem(
              "/inReplyTo",
              "expected the header Message-ID of the mail that is answered, with < and >"));
    }
  }

  private static boolean judged(JsonNode value, boolean rendered) {
    return rendered || !Templates.isOne(value);
  }

  /**
   * The mail in Base64 for URLs, which {@code check} has no problem with.
   *
   * @throws IllegalArgumentException if it has
   */
  static String base64url(JsonNode inputs) {
    StringBuilder mail = new StringBuilder();
    RECIPIENTS.forEach(
        (key, name) -> {
          List<String> all = new ArrayList<>();
          for (JsonNode each : inputs.path(key)) {
            all.add(recipient(each).orElseThrow(() -> new IllegalArgumentException("/" + key)));
          }
          if (!all.isEmpty()) {
            // an address on a line of its own: a line has at most 998 characters
            header(mail, name, String.join("," + LINE_END + " ", all));
          }
        });
    header(mail, "Subject", text(inputs.path("subject").asText()));
    if (inputs.has("inReplyTo")) {
      header(mail, "In-Reply-To", inputs.path("inReplyTo").asText());
      header(mail, "References", inputs.path("inReplyTo").asText());
    }
    header(mail, "MIME-Version", "1.0");
    String kind = inputs.path("bodyType").asText().equals("html") ? "text/html" : "text/plain";
    header(mail, "Content-Type", kind + "; charset=UTF-8");
    header(mail, "Content-Transfer-Encoding", "base64");
    mail.append(LINE_END)
        .append(
            Base64.getMimeEncoder().encodeToString(inputs.path("body").asText().getBytes(UTF_8)))
        .append(LINE_END);
    return Base64.getUrlEncoder().encodeToString(mail.toString().getBytes(US_ASCII));
  }

  private static void header(StringBuilder mail, String name, String value) {
    mail.append(name).append(": ").append(value).append(LINE_END);
  }

  /** An address as it stands in a header; empty where it is none. */
  private static Optional<String> recipient(JsonNode given) {
    String text = given.isTextual() ? given.textValue().strip() : "";
    Matcher named = NAMED.matcher(text);
    String address = named.matches() ? named.group(2).strip() : text;
    String name = named.matches() ? unquoted(named.group(1).strip()) : "";
    if (address.length() > LONGEST_ADDRESS
        || !ADDRESS.matcher(address).matches()
        || !LINE.matcher(name).matches()) {
      return Optional.empty();
    }
    if (name.isEmpty()) {
      return Optional.of(address);
    }
    if (ATOMS.matcher(name).matches()) {
      return Optional.of(name + " <" + address + ">");
    }
    return PLAIN.matcher(name).matches()
        ? Optional.of(quoted(name) + " <" + address + ">")
        : Optional.of(words(name) + LINE_END + " <" + address + ">");
  }

  private static String unquoted(String name) {
    boolean quoted = name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"");
    return quoted ? name.substring(1, name.length() - 1).replaceAll("\\\\(.)", "$1") : name;
  }

  private static String quoted(String name) {
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String text(String text) {
    return PLAIN.matcher(text).matches() && text.equals(text.strip()) ? text : words(text);
  }

  /** Encoded words on lines of their own, none of which cuts a character. */
  private static String words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      String character = Character.toString(text.codePointAt(i));
      int more = character.getBytes(UTF_8).length;
      if (bytes + more > WORD_BYTES) {
        words.add(word(word));
        word.setLength(0);
        bytes = 0;
      }
      word.append(character);
      bytes += more;
    }
    words.add(word(word));
    return String.join(LINE_END + " ", words);
  }

  private static String word(CharSequence text) {
    return "=?UTF-8?B?"
        + Base64.getEncoder().encodeToString(text.toString().getBytes(UTF_8))
        + "?=";
  }
}
