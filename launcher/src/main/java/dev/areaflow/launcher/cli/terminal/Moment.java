package dev.areaflow.launcher.cli.terminal;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as people write it: {@code -7d}, {@code now}, a date, or a time of RFC 3339. */
public final class Moment {
  private static final Pattern AGO = Pattern.compile("-(\\d{1,6})([smhdw])");

  private Moment() {}

  /**
   * The time, to the second where it is counted from now.
   *
   * @param option whose value it is, for what is said of it
   * @throws CommandFailure where the text is no time
   */
  public static Instant of(String option, String text, Clock clock) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    if (text.equals("now")) {
      return now;
    }
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      return now.minus(unit(ago.group(2)).multipliedBy(Long.parseLong(ago.group(1))));
    }
    try {
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw CommandFailure.usage(
          option
              + ": expected -7d, -12h, -30m, now, 2026-03-01 or 2026-03-01T12:00:00Z, found "
              + text);
    }
  }

  private static Duration unit(String letter) {
    return switch (letter) {
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      case "d" -> Duration.ofDays(1);
      default -> Duration.ofDays(7);
    };
  }
}
