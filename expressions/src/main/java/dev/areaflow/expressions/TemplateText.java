package dev.areaflow.expressions;

import java.util.ArrayList;
import java.util.List;

/**
 * A text with expressions in it: <code>${…}</code> is an expression, <code>$${</code> a literal
 * <code>${</code>. An expression ends at its closing brace, not at one in a map or a text of CEL.
 */
final class TemplateText {
  private static final String OPENING = "${";
  private static final String ESCAPED = "$${";

  private TemplateText() {}

  /** A part of the text. */
  sealed interface Part {
    /** Text as it stands. */
    record Literal(String text) implements Part {}

    /** CEL between <code>${</code> and <code>}</code>. */
    record Source(String cel) implements Part {}
  }

  /**
   * The parts in their order; neighbours are never both literal.
   *
   * @throws InvalidExpressionException if an expression has no end
   */
  static List<Part> split(String text) {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      if (text.startsWith(ESCAPED, at)) {
        literal.append(OPENING);
        at += ESCAPED.length();
      } else if (text.startsWith(OPENING, at)) {
        int start = at + OPENING.length();
        int end = end(text, start);
        if (!literal.isEmpty()) {
          parts.add(new Part.Literal(literal.toString()));
          literal.setLength(0);
        }
        parts.add(new Part.Source(text.substring(start, end)));
        at = end + 1;
      } else {
        literal.append(text.charAt(at));
        at++;
      }
    }
    if (!literal.isEmpty()) {
      parts.add(new Part.Literal(literal.toString()));
    }
    return parts;
  }

  /** The index of the brace that ends the expression starting at {@code start}. */
  private static int end(String text, int start) {
    int open = 0;
    int at = start;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\'' || c == '"') {
        at = afterText(text, at);
      } else if (text.startsWith("//", at)) {
        int line = text.indexOf('\n', at);
        at = line < 0 ? text.length() : line;
      } else if (c == '}' && open == 0) {
        return at;
      } else {
        open += c == '{' ? 1 : c == '}' ? -1 : 0;
        at++;
      }
    }
    throw new InvalidExpressionException(
        List.of(
            new Problem(
                "",
                "the ${ at character "
                    + (start - OPENING.length() + 1)
                    + " has no closing }; write $${ for the characters themselves")));
  }

  /** The index after CEL's text literal that starts at {@code quote}; the end where it has none. */
  private static int afterText(String text, int quote) {
    String once = text.substring(quote, quote + 1);
    String delimiter = text.startsWith(once.repeat(3), quote) ? once.repeat(3) : once;
    boolean raw = isRaw(text, quote);
    int at = quote + delimiter.length();
    while (at < text.length()) {
      if (text.charAt(at) == '\\' && !raw) {
        at += 2;
      } else if (text.startsWith(delimiter, at)) {
        return at + delimiter.length();
      } else {
        at++;
      }
    }
    return text.length();
  }

  /** Whether the quote follows the prefix {@code r}, with {@code b} or without: no escapes then. */
  private static boolean isRaw(String text, int quote) {
    int start = quote;
    while (start > 0 && Character.isLetterOrDigit(text.charAt(start - 1))) {
      start--;
    }
    String prefix = text.substring(start, quote);
    return prefix.length() <= 2
        && (prefix.equalsIgnoreCase("r")
            || prefix.equalsIgnoreCase("br")
            || prefix.equalsIgnoreCase("rb"));
  }
}
