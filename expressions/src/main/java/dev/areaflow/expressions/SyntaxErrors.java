package dev.areaflow.expressions;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What CEL's parser says, in words for the person who wrote the expression. */
final class SyntaxErrors {
  private static final Pattern UNKNOWN =
      Pattern.compile("token recognition error at: '(.*)'", Pattern.DOTALL);
  private static final Pattern MISSING = Pattern.compile("missing '(.*?)' at '.*'", Pattern.DOTALL);
  private static final Pattern UNEXPECTED =
      Pattern.compile("(?:mismatched|extraneous) input '(.*)' expecting .*", Pattern.DOTALL);
  private static final Pattern UNREADABLE =
      Pattern.compile("no viable alternative at input '(.*)'", Pattern.DOTALL);

  /** How CEL says what other languages say otherwise. */
  private static final ImmutableMap<String, String> OPERATORS =
      ImmutableMap.of(
          "=", "== compares",
          "&", "&& is and",
          "and", "&& is and",
          "|", "|| is or",
          "or", "|| is or",
          "not", "! is not");

  private SyntaxErrors() {}

  /** The message in other words; empty where it is none of the parser. */
  static Optional<String> words(String message) {
    Matcher missing = MISSING.matcher(message);
    if (missing.matches()) {
      return Optional.of("a '" + missing.group(1) + "' is missing here");
    }
    return found(UNKNOWN, message)
        .or(() -> found(UNEXPECTED, message))
        .or(() -> found(UNREADABLE, message))
        .map(SyntaxErrors::unexpected);
  }

  private static Optional<String> found(Pattern pattern, String message) {
    Matcher matcher = pattern.matcher(message);
    return matcher.matches() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
  }

  private static String unexpected(String found) {
    String operator = OPERATORS.get(found);
    if (operator != null) {
      return "'" + found + "' is no operator of CEL; " + operator;
    }
    if (found.equals("<EOF>")) {
      return "the expression ends too early";
    }
    return found.startsWith("'") || found.startsWith("\"")
        ? "the text that begins here has no closing quote"
        : "'" + found + "' is not expected here";
  }
}
