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
          "or", "|| is or");

  private SyntaxErrors() {}

  /** The message in other words; empty where it is none of the parser. */
  static Optional<String> words(String message) {
    return found(UNKNOWN, message)
        .map(SyntaxErrors::unknown)
        .or(() -> found(MISSING, message).map(missing -> "a '" + missing + "' is missing here"))
        .or(() -> found(UNEXPECTED, message).map(SyntaxErrors::unexpected))
        .or(
            () ->
                found(UNREADABLE, message)
                    .map(before -> "after '" + before + "' something else is expected here"));
  }

  private static Optional<String> found(Pattern pattern, String message) {
    Matcher matcher = pattern.matcher(message);
    return matcher.matches() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
  }

  /** A token that there is not, with the character at which that shows: {@code =1}. */
  private static String unknown(String found) {
    return found.startsWith("'") || found.startsWith("\"")
        ? "the text that begins here has no closing quote"
        : unexpected(found.substring(0, Math.min(1, found.length())));
  }

  private static String unexpected(String found) {
    if (found.equals("<EOF>")) {
      return "the expression ends too early";
    }
    String operator = OPERATORS.get(found);
    return operator == null
        ? "'" + found + "' is not expected here"
        : "'" + found + "' is no operator of CEL; " + operator;
  }
}
