package dev.areaflow.api.stats;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.stats.Figures.Deliveries;
import dev.areaflow.api.stats.Figures.Latency;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * The figures by the hour, read. They are added up as the run log and what is delivered are
 * projected, and kept longer than both. Every query is by owner.
 */
public final class Stats {
  /** How long figures are kept. */
  static final Duration KEPT = Duration.ofDays(400);

  private static final String OF_AREA =
      "(SELECT unnest(area_hooks(a.hook_id, a.listens)) FROM areas a"
          + " WHERE a.id = :area AND a.owner_id = :owner)";

  /** An AREA's deliveries are those to the hooks that it listens to now. */
  private static final String HOOKS_OF_AREAS =
      "(SELECT h.*, a.id AS area_id FROM areas a"
          + " CROSS JOIN unnest(area_hooks(a.hook_id, a.listens)) k(id)"
          + " JOIN hook_hours h ON h.hook_id = k.id AND h.owner_id = a.owner_id"
          + " WHERE a.owner_id = :owner)";

  /** What is added up is added up in memory. */
  private static final String ROOM = "SET LOCAL work_mem = '32MB'";

  private final Database database;
  private final Clock clock;

  public Stats(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * The figures of an owner, oldest first.
   *
   * @param most how many are wanted; one more is given where there are more
   */
  SortedMap<Figures.Key, Figures> read(UUID owner, StatsQuery query, int most) {
    SortedMap<Figures.Key, Figures> figures = new TreeMap<>();
    database
        .jdbi()
        .useTransaction(
            handle -> {
              handle.execute(ROOM);
              Reading reading = new Reading(handle, owner, query, most + 1);
              reading.runs().forEach(row -> figures.put(row.key(), row.value()));
              reading
                  .deliveries()
                  .forEach(
                      row ->
                          figures.merge(
                              row.key(),
                              Figures.NONE.with(row.value()),
                              (known, _) -> known.with(row.value())));
              if (figures.size() <= most) {
                reading
                    .latencies()
                    .forEach(
                        row ->
                            figures.computeIfPresent(
                                row.key(), (_, known) -> known.with(row.value())));
              }
            });
    return figures;
  }

  private record Row<V>(Figures.Key key, V value) {}

  private record Reading(Handle handle, UUID owner, StatsQuery query, int limit) {

    List<Row<Figures>> runs() {
      return rows(
          "SELECT "
              + key()
              + ", sum(events) AS events, sum(matches) AS matches, sum(queued) AS queued,"
              + " sum(running) AS running, sum(succeeded) AS succeeded, sum(failed) AS failed,"
              + " sum(cancelled) AS cancelled FROM run_hours f WHERE"
              + query.condition()
              + " GROUP BY 1, 2 LIMIT :limit",
          (row, context) -> new Row<>(Figures.Key.of(row), Figures.ofRuns(row)));
    }

    List<Row<Latency>> latencies() {
      return rows(
          "SELECT at, whose, max(total) AS runs, "
              + percentile("0.5", "p50")
              + ", "
              + percentile("0.95", "p95")
              + ", "
              + percentile("0.99", "p99")
              + " FROM (SELECT at, whose, bucket,"
              + " sum(runs) OVER (PARTITION BY at, whose ORDER BY bucket) AS upto,"
              + " sum(runs) OVER (PARTITION BY at, whose) AS total FROM (SELECT "
              + key()
              + ", bucket, sum(runs) AS runs FROM run_latencies f WHERE"
              + query.condition()
              + " GROUP BY 1, 2, 3 HAVING sum(runs) > 0) b) c GROUP BY at, whose"
              + " LIMIT :limit",
          (row, context) -> new Row<>(Figures.Key.of(row), Latency.of(row)));
    }

    private static String percentile(String part, String name) {
      return "min(bucket) FILTER (WHERE upto >= " + part + " * total) AS " + name;
    }

    List<Row<Deliveries>> deliveries() {
      boolean byArea = query.group() == StatsQuery.Group.AREA;
      return rows(
          "SELECT "
              + key()
              + ", sum(accepted) AS accepted, sum(ignored) AS ignored, sum(refused) AS refused"
              + " FROM "
              + (byArea ? HOOKS_OF_AREAS : "hook_hours")
              + " f WHERE"
              + (byArea
                  ? query.condition()
                  : query.condition().replace("f.area_id = :area", "f.hook_id IN " + OF_AREA))
              + " GROUP BY 1, 2 LIMIT :limit",
          (row, context) ->
              new Row<>(
                  Figures.Key.of(row),
                  new Deliveries(
                      row.getLong("accepted"), row.getLong("ignored"), row.getLong("refused"))));
    }

    private String key() {
      return query.by().sql() + " AS at, " + query.group().sql() + " AS whose";
    }

    private <V> List<Row<V>> rows(String sql, RowMapper<Row<V>> mapper) {
      return handle
          .createQuery(sql)
          .bindMap(query.parameters())
          .bind("owner", owner)
          .bind("limit", limit)
          .map(mapper)
          .list();
    }
  }

  /** Removes what is not kept any more; to be called now and then. */
  public void forgetOld() {
    Instant before = clock.instant().minus(KEPT).minus(Duration.ofDays(1));
    for (String table : List.of("run_hours", "run_latencies", "hook_hours")) {
      database.forget(table, "hour", before);
    }
  }

  static OffsetDateTime column(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
