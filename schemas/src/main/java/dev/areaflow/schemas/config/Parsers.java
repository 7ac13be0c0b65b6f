package dev.areaflow.schemas.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Readers of a setting's text; each throws {@link IllegalArgumentException} saying what it
 * expected.
 */
public final class Parsers {
  private Parsers() {}

  /** The text as it stands. */
  public static String text(String text) {
    return text;
  }

  /** A text that never shows. */
  public static Secret secret(String text) {
    return new Secret(text);
  }

  /** A path, relative to where the program was started. */
  public static Path path(String text) {
    return Path.of(text);
  }

  /** A whole number from {@code least} to {@code most}, both included. */
  public static Function<String, Integer> integer(int least, int most) {
    return text -> {
      try {
        int value = Integer.parseInt(text.strip());
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException e) {
        // falls through to the one message below
      }
      throw new IllegalArgumentException(
          "expected a whole number from " + least + " to " + most + ", e.g. " + least);
    };
  }

  /** A TCP port, 0 for any free one. */
  public static Integer port(String text) {
    return integer(0, 65_535).apply(text);
  }

  /** {@code true} or {@code false}, in any case. */
  public static Boolean bool(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }

  /** A positive ISO-8601 duration. */
  public static Duration duration(String text) {
    try {
      Duration value = Duration.parse(text.strip());
      if (value.isPositive()) {
        return value;
      }
    } catch (DateTimeParseException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException("expected a positive ISO-8601 duration, e.g. PT5S");
  }

  /**
   * An absolute http or https address, kept without a trailing slash, its scheme in lower case.
   * Paths are appended to it, so it has neither query nor fragment, and it is shown, so it has no
   * user name and password.
   */
  public static URI httpAddress(String text) {
    try {
      URI uri = new URI(text.strip().replaceAll("/+$", ""));
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https"))
          && uri.getHost() != null
          && uri.getPort() <= 65_535
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return new URI(scheme + uri.toString().substring(scheme.length()));
      }
    } catch (URISyntaxException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(
        "expected an http or https address without user name, query and fragment, e.g."
            + " https://area.example.org");
  }

  /** Comma-separated texts, blanks around them ignored. */
  public static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** One of the constants of an enum, written in kebab-case. */
  public static <E extends Enum<E>> Function<String, E> oneOf(Class<E> type) {
    return text ->
        Arrays.stream(type.getEnumConstants())
            .filter(constant -> word(constant).equals(text.strip().toLowerCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "expected one of "
                            + String.join(
                                ", ",
                                Arrays.stream(type.getEnumConstants())
                                    .map(Parsers::word)
                                    .toList())));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
