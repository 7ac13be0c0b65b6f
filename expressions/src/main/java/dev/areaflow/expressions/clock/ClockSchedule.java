package dev.areaflow.expressions.clock;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * The instants at which a clock fires. They follow from the inputs alone, not from when a hook was
 * made, so that clocks with the same inputs can be shared and a restart changes nothing.
 *
 * <ul>
 *   <li>{@code cron}: the minutes of a five-field unix expression in a time zone. Around changes of
 *       summer time it does what unix cron does: an expression whose hour is {@code *} or {@code
 *       *}{@code /n} fires at each minute whose local time matches, repeated ones included; any
 *       other fires once for each local time, at the moment of the change where the change skips
 *       it.
 *   <li>{@code interval}: the multiples of the interval since 1970-01-01T00:00:00Z; {@code PT5M} is
 *       every minute that divides by five.
 *   <li>{@code at}: one instant.
 * </ul>
 *
 * Immutable and safe for several threads.
 */
public sealed interface ClockSchedule permits CronClock, IntervalClock, SingleClock {

  /**
   * The schedule of a {@code timer} action.
   *
   * @param action {@code cron}, {@code interval} or {@code at}
   * @param inputs the hook's
   * @throws IllegalArgumentException naming the input that is wrong
   */
  static ClockSchedule of(String action, JsonNode inputs) {
    return switch (action) {
      case "cron" -> CronClock.of(inputs);
      case "interval" -> IntervalClock.of(inputs);
      case "at" -> SingleClock.of(inputs);
      default -> throw new IllegalArgumentException("no clock is called " + action);
    };
  }

  /** The first instant after this one; empty if there is none any more. */
  Optional<Instant> next(Instant after);

  /** The newest instant within the range; empty if there is none. */
  Optional<Instant> newest(Instant afterExclusive, Instant untilInclusive);

  /** What fires for instants that passed while nothing ran. */
  CatchUp catchUp();
}
