package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id that a thing has whether it was delivered or found by a poll: text with values of the
 * event in it, as <code>issue:${issue/id}:opened</code>. Immutable and safe for several threads.
 */
final class CanonicalId {
  /** What ids of events are made of. */
  static final Pattern VALID = Pattern.compile("[!-~]{1,255}");

  private static final Pattern VALUE = Pattern.compile("\\$\\{([^}]*)}");

  private final List<String> texts = new ArrayList<>();
  private final List<JsonPointer> values = new ArrayList<>();

  /**
   * @param template as the manifest's schema takes it
   */
  CanonicalId(String template) {
    Matcher value = VALUE.matcher(template);
    int from = 0;
    while (value.find()) {
      texts.add(template.substring(from, value.start()));
      values.add(JsonPointer.compile("/" + value.group(1)));
      from = value.end();
    }
    texts.add(template.substring(from));
  }

  /** Where an event has the values that it is made of. */
  List<JsonPointer> values() {
    return values;
  }

  /** The id of an event; empty where one of its values is missing or no part of an id. */
  Optional<String> of(JsonNode event) {
    return of(values.stream().map(event::at).toList());
  }

  /**
   * The id of an event as above.
   *
   * @param found what it has at {@link #values}, in that order
   */
  Optional<String> of(List<JsonNode> found) {
    StringBuilder id = new StringBuilder(texts.getFirst());
    for (int i = 0; i < found.size(); i++) {
      JsonNode value = found.get(i);
      if ((!value.isTextual() && !value.isIntegralNumber()) || value.asText().isEmpty()) {
        return Optional.empty();
      }
      id.append(value.asText()).append(texts.get(i + 1));
    }
    return Optional.of(id.toString()).filter(text -> VALID.matcher(text).matches());
  }
}
