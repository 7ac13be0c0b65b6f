package dev.areaflow.expressions.clock;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Fires at the multiples of an interval since the epoch. */
record IntervalClock(long everySeconds) implements ClockSchedule {
  private static final Duration LONGEST = Duration.ofDays(366);

  static IntervalClock of(JsonNode inputs) {
    String text = inputs.path("every").asText();
    try {
      Duration every = Duration.parse(text);
      if (every.equals(every.truncatedTo(ChronoUnit.SECONDS))
          && every.compareTo(Duration.ofSeconds(1)) >= 0
          && every.compareTo(LONGEST) <= 0) {
        return new IntervalClock(every.toSeconds());
      }
    } catch (DateTimeParseException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(
        "every: expected an ISO-8601 duration of whole seconds from PT1S to P366D, e.g. PT5M,"
            + " found \""
            + text
            + "\"");
  }

  @Override
  public Optional<Instant> next(Instant after) {
    return Optional.of(multiple(Math.floorDiv(after.getEpochSecond(), everySeconds) + 1));
  }

  @Override
  public Optional<Instant> newest(Instant afterExclusive, Instant untilInclusive) {
    return Optional.of(multiple(Math.floorDiv(untilInclusive.getEpochSecond(), everySeconds)))
        .filter(instant -> instant.isAfter(afterExclusive));
  }

  private Instant multiple(long count) {
    return Instant.ofEpochSecond(Math.multiplyExact(count, everySeconds));
  }

  @Override
  public CatchUp catchUp() {
    return CatchUp.LAST;
  }
}
