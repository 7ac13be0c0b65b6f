package dev.areaflow.launcher.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Text of others made fit for a terminal: what would move its cursor or change it is written out.
 */
public final class Printable {
  private static final int MOST_CHARACTERS = 120;

  private Printable() {}

  /** The text, with its control characters written out. */
  public static String of(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder printable = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                printable.append("\\u%04x".formatted(c));
              } else {
                printable.append((char) c);
              }
            });
    return printable.toString();
  }

  /** A value on one line, cut where it is long. */
  public static String brief(JsonNode value) {
    String text = value.isMissingNode() ? "nothing" : of(value.toString());
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS - 1) + "…";
  }
}
