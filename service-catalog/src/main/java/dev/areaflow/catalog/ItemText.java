package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text about an item of a list: {@code ${item}} is the item, {@code ${item.owner.login}} what it
 * has there.
 */
record ItemText(String template) {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{item((?:\\.[A-Za-z0-9_@-]{1,64}){0,8})}");

  /** What the manifest's author did wrong. */
  List<Problem> lint() {
    Matcher reference = REFERENCE.matcher(template);
    return !reference.find() || reference.replaceAll("").contains("${")
        ? List.of(new Problem("", "expected a text with ${item} or ${item.FIELD} in it"))
        : List.of();
  }

  /** The text; empty where the item lacks a part of it. */
  Optional<String> of(JsonNode item) {
    Matcher reference = REFERENCE.matcher(template);
    StringBuilder text = new StringBuilder();
    while (reference.find()) {
      JsonNode value = item.at(pointer(reference.toMatchResult()));
      if (!value.isValueNode() || value.isNull()) {
        return Optional.empty();
      }
      reference.appendReplacement(text, Matcher.quoteReplacement(value.asText()));
    }
    return Optional.of(reference.appendTail(text).toString());
  }

  private static String pointer(MatchResult reference) {
    return reference.group(1).replace('.', '/');
  }
}
