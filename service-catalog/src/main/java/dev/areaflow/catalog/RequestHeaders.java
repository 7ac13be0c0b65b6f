package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The headers of a request, none of which can frame it, lead it elsewhere or add another one. */
final class RequestHeaders {
  static final String CONTENT_TYPE = "Content-Type";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** Visible characters, blanks and tabs: no CR, LF, NUL, nothing that a header cannot carry. */
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");

  /** Headers that frame the message, that name its target, or that a command is known by. */
  private static final Set<String> RESERVED =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "expect",
          "host",
          "idempotency-key",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final int MOST_BYTES = 16 * 1024;

  private RequestHeaders() {}

  /**
   * Puts headers in the place of those of the same names, whatever the case of their letters.
   *
   * @param given an object of them, or missing
   * @param pointer where it is within the inputs
   * @param fields get them
   */
  static void put(
      JsonNode given, String pointer, Map<String, String> fields, List<Problem> problems) {
    if (given.isMissingNode()) {
      return;
    }
    if (!given.isObject()) {
      problems.add(new Problem(pointer, "expected an object of headers"));
      return;
    }
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    int bytes = 0;
    for (Map.Entry<String, JsonNode> field : given.properties()) {
      String name = field.getKey();
      Optional<String> wrong = wrong(name, field.getValue(), names);
      if (wrong.isPresent()) {
        problems.add(new Problem(pointer + "/" + References.escaped(name), wrong.get()));
      } else {
        put(fields, name, field.getValue().asText().strip());
        bytes += name.length() + field.getValue().asText().length() + 4;
      }
    }
    if (bytes > MOST_BYTES) {
      problems.add(new Problem(pointer, "expected headers of " + MOST_BYTES + " bytes at most"));
    }
  }

  private static Optional<String> wrong(String name, JsonNode value, Set<String> names) {
    if (!NAME.matcher(name).matches()) {
      return Optional.of("is not a header's name");
    }
    if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
      return Optional.of("is set by Areaflow; leave it out");
    }
    if (!names.add(name)) {
      return Optional.of("is given twice; header names differ by more than case");
    }
    if (!value.isValueNode() || value.isNull()) {
      return Optional.of("expected a text, a number, true or false");
    }
    return VALUE.matcher(value.asText()).matches()
        ? Optional.empty()
        : Optional.of("expected visible ASCII characters and blanks, on one line");
  }

  /** Puts a header in the place of one of the same name, whatever the case of its letters. */
  static void put(Map<String, String> fields, String name, String value) {
    fields.keySet().removeIf(name::equalsIgnoreCase);
    fields.put(name, value);
  }

  /** The content type among headers. */
  static Optional<String> contentType(Map<String, String> fields) {
    return fields.entrySet().stream()
        .filter(field -> field.getKey().equalsIgnoreCase(CONTENT_TYPE))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
