package dev.areaflow.expressions.clock;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fires at the minutes of a cron expression in a time zone.
 *
 * <p>The library only ever sees local time, where no hour is missing or doubled; this class walks
 * the stretches of constant offset between the zone's changes and decides what happens at those.
 */
final class CronClock implements ClockSchedule {
  /** An expression that finds nothing in so many stretches (about 15 years) never fires. */
  private static final int MOST_STRETCHES = 30;

  /** What five fields are made of; the library would take more, alternatives with | for example. */
  private static final Pattern FIVE_FIELDS =
      Pattern.compile("[0-9A-Za-z*/,-]+(\\s+[0-9A-Za-z*/,-]+){4}");

  private final ExecutionTime local;
  private final ZoneRules rules;
  private final boolean everyHour;
  private final CatchUp catchUp;

  private CronClock(ExecutionTime local, ZoneRules rules, boolean everyHour, CatchUp catchUp) {
    this.local = local;
    this.rules = rules;
    this.everyHour = everyHour;
    this.catchUp = catchUp;
  }

  static CronClock of(JsonNode inputs) {
    String cron = inputs.path("cron").asText().strip();
    if (!FIVE_FIELDS.matcher(cron).matches()) {
      throw new IllegalArgumentException(
          "cron: expected five fields of numbers, names, *, ranges (1-5), steps (*/5) and lists"
              + " (0,30), e.g. \"30 9 * * 1-5\", found \""
              + cron
              + "\"");
    }
    ExecutionTime local;
    try {
      local =
          ExecutionTime.forCron(
              new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                  .parse(cron)
                  .validate());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "cron: expected five fields, e.g. \"30 9 * * 1-5\", found \""
              + cron
              + "\": "
              + e.getMessage(),
          e);
    }
    if (nextLocal(local, LocalDateTime.of(2000, 1, 1, 0, 0)).isEmpty()) {
      throw new IllegalArgumentException(
          "cron: \"" + cron + "\" names a date that no year has, so it would never fire");
    }
    return new CronClock(
        local,
        zone(inputs.path("timezone").asText("UTC")).getRules(),
        cron.split("\\s+", -1)[1].startsWith("*"),
        catchUp(inputs.path("catchUp").asText("last")));
  }

  private static ZoneId zone(String text) {
    try {
      if (ZoneId.getAvailableZoneIds().contains(text)) {
        return ZoneId.of(text);
      }
    } catch (DateTimeException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(
        "timezone: expected a name of the IANA time zone database, e.g. Europe/Berlin, found \""
            + text
            + "\"");
  }

  private static CatchUp catchUp(String text) {
    return switch (text) {
      case "last" -> CatchUp.LAST;
      case "none" -> CatchUp.NONE;
      default ->
          throw new IllegalArgumentException(
              "catchUp: expected last or none, found \"" + text + "\"");
    };
  }

  @Override
  public Optional<Instant> next(Instant after) {
    @Nullable ZoneOffsetTransition start = changeAtOrBefore(after);
    Instant inside = after;
    Instant from = after;
    for (int i = 0; i < MOST_STRETCHES; i++) {
      Optional<Instant> found = firstIn(start, from);
      @Nullable ZoneOffsetTransition end = rules.nextTransition(inside);
      if (end == null || (found.isPresent() && found.get().isBefore(end.getInstant()))) {
        return found;
      }
      start = end;
      inside = end.getInstant();
      from = inside.minusNanos(1);
    }
    return Optional.empty();
  }

  @Override
  public Optional<Instant> newest(Instant afterExclusive, Instant untilInclusive) {
    Instant until = untilInclusive;
    while (until.isAfter(afterExclusive)) {
      @Nullable ZoneOffsetTransition start = changeAtOrBefore(until);
      Optional<Instant> found = lastIn(start, until);
      if (found.isPresent()) {
        return found.filter(instant -> instant.isAfter(afterExclusive));
      }
      if (start == null) {
        return Optional.empty();
      }
      until = start.getInstant().minusNanos(1);
    }
    return Optional.empty();
  }

  private @Nullable ZoneOffsetTransition changeAtOrBefore(Instant instant) {
    return rules.previousTransition(instant.plusNanos(1));
  }

  /**
   * The first instant after {@code from}, as if the stretch that begins with a change never ended.
   */
  private Optional<Instant> firstIn(@Nullable ZoneOffsetTransition start, Instant from) {
    if (start != null && start.getInstant().isAfter(from) && firesForSkipped(start)) {
      return Optional.of(start.getInstant());
    }
    ZoneOffset offset = offset(start, from);
    LocalDateTime after =
        LocalDateTime.ofInstant(from, ZoneOffset.UTC).plusSeconds(offset.getTotalSeconds());
    @Nullable LocalDateTime repeatedUntil = repeatedUntil(start);
    if (repeatedUntil != null && after.isBefore(repeatedUntil)) {
      after = repeatedUntil.minusNanos(1);
    }
    return nextLocal(local, after).map(found -> found.toInstant(offset));
  }

  /** The last instant up to {@code until} within the stretch that begins with a change. */
  private Optional<Instant> lastIn(@Nullable ZoneOffsetTransition start, Instant until) {
    ZoneOffset offset = offset(start, until);
    LocalDateTime upTo = LocalDateTime.ofInstant(until, offset);
    Optional<Instant> found =
        local
            .lastExecution(
                upTo.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1).atZone(ZoneOffset.UTC))
            .map(time -> time.toLocalDateTime())
            .filter(time -> start == null || !time.isBefore(start.getDateTimeAfter()))
            .filter(
                time -> {
                  @Nullable LocalDateTime repeatedUntil = repeatedUntil(start);
                  return repeatedUntil == null || !time.isBefore(repeatedUntil);
                })
            .map(time -> time.toInstant(offset));
    if (found.isEmpty() && start != null && firesForSkipped(start)) {
      return Optional.of(start.getInstant());
    }
    return found;
  }

  private ZoneOffset offset(@Nullable ZoneOffsetTransition start, Instant within) {
    return start == null ? rules.getOffset(within) : start.getOffsetAfter();
  }

  /** Whether a change skips a local time at which this clock wants to fire once. */
  private boolean firesForSkipped(ZoneOffsetTransition start) {
    return !everyHour
        && start.isGap()
        && nextLocal(local, start.getDateTimeBefore().minusNanos(1))
            .filter(skipped -> skipped.isBefore(start.getDateTimeAfter()))
            .isPresent();
  }

  /**
   * Until when the stretch that begins with a change repeats local times that have fired already.
   */
  private @Nullable LocalDateTime repeatedUntil(@Nullable ZoneOffsetTransition start) {
    return start != null && start.isOverlap() && !everyHour ? start.getDateTimeBefore() : null;
  }

  /** The first matching local time after another. */
  private static Optional<LocalDateTime> nextLocal(ExecutionTime local, LocalDateTime after) {
    return local.nextExecution(after.atZone(ZoneOffset.UTC)).map(time -> time.toLocalDateTime());
  }

  @Override
  public CatchUp catchUp() {
    return catchUp;
  }
}
