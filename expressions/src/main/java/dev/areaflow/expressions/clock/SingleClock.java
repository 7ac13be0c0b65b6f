package dev.areaflow.expressions.clock;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Fires at one instant. */
record SingleClock(Instant time) implements ClockSchedule {

  static SingleClock of(JsonNode inputs) {
    String text = inputs.path("time").asText();
    try {
      return new SingleClock(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "time: expected a time with its offset, e.g. 2030-01-31T09:00:00Z, found \""
              + text
              + "\"",
          e);
    }
  }

  @Override
  public Optional<Instant> next(Instant after) {
    return Optional.of(time).filter(instant -> instant.isAfter(after));
  }

  @Override
  public Optional<Instant> newest(Instant afterExclusive, Instant untilInclusive) {
    return next(afterExclusive).filter(instant -> !instant.isAfter(untilInclusive));
  }

  @Override
  public CatchUp catchUp() {
    return CatchUp.LAST;
  }
}
