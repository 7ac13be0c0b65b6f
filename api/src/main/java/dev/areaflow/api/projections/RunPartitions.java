package dev.areaflow.api.projections;

import dev.areaflow.api.database.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of the run log, one a day (UTC): made before rows need them, dropped whole when
 * their time is over. Used by one thread.
 */
final class RunPartitions {
  private static final Logger LOG = LoggerFactory.getLogger(RunPartitions.class);
  private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'runs_'yyyyMMdd");
  private static final String NAMES = "runs_20______";
  private static final int DAYS_AHEAD = 3;

  private final Database database;
  private final Clock clock;
  private final Duration retention;
  private final Set<LocalDate> known = new HashSet<>();

  /**
   * @param retention how long runs are kept; whole days are dropped
   */
  RunPartitions(Database database, Clock clock, Duration retention) {
    this.database = database;
    this.clock = clock;
    this.retention = retention;
  }

  /** Makes the partitions of these instants and of the days to come, where they are missing. */
  void ensure(List<Instant> instants) {
    LocalDate today = day(clock.instant());
    Set<LocalDate> missing = new HashSet<>();
    for (int ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
      missing.add(today.plusDays(ahead));
    }
    LocalDate first = oldest();
    for (Instant instant : instants) {
      LocalDate day = day(instant);
      if (!day.isBefore(first) && !day.isAfter(today.plusDays(DAYS_AHEAD))) {
        missing.add(day);
      }
    }
    missing.removeAll(known);
    for (LocalDate day : missing) {
      database.jdbi().useTransaction(handle -> create(handle, day));
      known.add(day);
    }
  }

  private static void create(Handle handle, LocalDate day) {
    // One at a time over all instances; the plain "if not exists" races with itself.
    handle.execute("SELECT pg_advisory_xact_lock(hashtext('runs partitions'))");
    String from = day + "T00:00:00Z";
    String to = day.plusDays(1) + "T00:00:00Z";
    boolean inDefault =
        handle
            .createQuery(
                "SELECT EXISTS (SELECT 1 FROM runs_default WHERE started_at >="
                    + " CAST(:from AS timestamptz) AND started_at < CAST(:to AS timestamptz))")
            .bind("from", from)
            .bind("to", to)
            .mapTo(Boolean.class)
            .one();
    if (inDefault) {
      LOG.warn("runs of {} stay in the default partition: some are there already", day);
      return;
    }
    // Room in each page lets a run move on within its page.
    handle.execute(
        "CREATE TABLE IF NOT EXISTS "
            + NAME.format(day)
            + " PARTITION OF runs FOR VALUES FROM ('"
            + from
            + "') TO ('"
            + to
            + "') WITH (fillfactor = 80)");
  }

  /** Drops the days whose time is over. */
  void dropOld() {
    String first = NAME.format(oldest());
    List<String> old =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            "SELECT c.relname FROM pg_inherits i JOIN pg_class c"
                                + " ON c.oid = i.inhrelid WHERE i.inhparent ="
                                + " CAST('runs' AS regclass) AND c.relname LIKE :names"
                                + " AND c.relname < :first ORDER BY c.relname")
                        .bind("names", NAMES)
                        .bind("first", first)
                        .mapTo(String.class)
                        .list());
    for (String partition : old) {
      database.jdbi().useHandle(handle -> handle.execute("DROP TABLE " + partition));
      LOG.info("dropped {}: runs are kept for {}", partition, retention);
    }
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate("DELETE FROM runs_default WHERE started_at < :before")
                    .bind("before", oldest().atStartOfDay().atOffset(ZoneOffset.UTC))
                    .execute());
    known.removeIf(day -> day.isBefore(oldest()));
  }

  private LocalDate oldest() {
    return day(clock.instant().minus(retention));
  }

  private static LocalDate day(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC).toLocalDate();
  }
}
