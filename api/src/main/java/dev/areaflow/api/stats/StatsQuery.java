package dev.areaflow.api.stats;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What figures are asked for.
 *
 * @param from the beginning of the first hour or day
 * @param to the end of the last one
 * @param area of this AREA
 * @param service of events of this service
 */
record StatsQuery(
    By by, Group group, Instant from, Instant to, Optional<UUID> area, Optional<String> service) {

  /** What figures are added up over. */
  enum By {
    HOUR(ChronoUnit.HOURS, Duration.ofDays(1), Duration.ofDays(31)),
    DAY(ChronoUnit.DAYS, Duration.ofDays(30), Stats.KEPT);

    private final ChronoUnit unit;
    private final Duration usual;
    private final Duration longest;

    /**
     * @param usual how long a time is shown where nothing else is asked for
     * @param longest how long a time is shown at most
     */
    By(ChronoUnit unit, Duration usual, Duration longest) {
      this.unit = unit;
      this.usual = usual;
      this.longest = longest;
    }

    Duration usual() {
      return usual;
    }

    Duration longest() {
      return longest;
    }

    /** The beginning of the hour or day, in UTC, of a time. */
    Instant floor(Instant time) {
      return time.truncatedTo(unit);
    }

    /** The end of the hour or day of a time; of one between two the end of the first. */
    Instant ceiling(Instant time) {
      Instant floor = floor(time);
      return floor.equals(time) ? time : floor.plus(1, unit);
    }

    /** The beginning of that of a row, in SQL. */
    String sql() {
      return "date_trunc('" + (this == HOUR ? "hour" : "day") + "', f.hour, 'UTC')";
    }
  }

  /** What figures are told apart by. */
  enum Group {
    NONE("''"),
    AREA("f.area_id"),
    SERVICE("f.service");

    private final String sql;

    Group(String sql) {
      this.sql = sql;
    }

    /** That of a row, in SQL. */
    String sql() {
      return sql;
    }
  }

  /** The condition on rows f, in SQL. */
  String condition() {
    return " f.owner_id = :owner AND f.hour >= :from AND f.hour < :to"
        + (area.isPresent() ? " AND f.area_id = :area" : "")
        + (service.isPresent() ? " AND f.service = :service" : "");
  }

  /** What {@link #condition} names, but for the owner. */
  Map<String, Object> parameters() {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("from", Stats.column(from));
    parameters.put("to", Stats.column(to));
    area.ifPresent(id -> parameters.put("area", id));
    service.ifPresent(id -> parameters.put("service", id));
    return parameters;
  }
}
