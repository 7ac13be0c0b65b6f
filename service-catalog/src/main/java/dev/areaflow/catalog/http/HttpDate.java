package dev.areaflow.catalog.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** A date of HTTP, in any of the three forms that RFC 9110 (5.6.7) has recipients read. */
final class HttpDate {
  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH);

  private HttpDate() {}

  /**
   * Reads it.
   *
   * @param now a year of two digits is at most 50 years after it
   * @throws DateTimeException if it is none of the three
   */
  static Instant parse(String text, Instant now) {
    int comma = text.indexOf(',');
    if (comma < 0) {
      return LocalDateTime.parse(text, ASCTIME).toInstant(ZoneOffset.UTC);
    }
    if (text.indexOf('-') < 0) {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
    }
    // without the day of the week, which may not be that of the century that is meant
    return rfc850(now)
        .parse(text.substring(comma + 1).strip(), LocalDateTime::from)
        .toInstant(ZoneOffset.UTC);
  }

  private static DateTimeFormatter rfc850(Instant now) {
    LocalDate first = now.atZone(ZoneOffset.UTC).toLocalDate().minusYears(49);
    return new DateTimeFormatterBuilder()
        .appendPattern("dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, first)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.ENGLISH);
  }
}
