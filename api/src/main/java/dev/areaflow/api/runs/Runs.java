package dev.areaflow.api.runs;

import dev.areaflow.api.database.Database;
import dev.areaflow.schemas.runs.RunId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table of runs, read. Every query is by owner. */
public final class Runs {
  private final Database database;

  public Runs(Database database) {
    this.database = database;
  }

  /**
   * What a list of runs is narrowed to.
   *
   * @param version of that AREA, which is given then
   * @param from included
   * @param to not included
   */
  record Filter(
      Optional<UUID> area,
      Optional<Long> version,
      Optional<String> status,
      Optional<Instant> from,
      Optional<Instant> to,
      Optional<UUID> replay) {}

  /** By the AREA and the time of the replay, by which runs are found. */
  private static final String OF_REPLAY =
      " AND replay_id = :replay"
          + " AND area_id = (SELECT p.area_id FROM replays p WHERE p.id = :replay)"
          + " AND started_at >= (SELECT p.created_at - interval '1 minute'"
          + " FROM replays p WHERE p.id = :replay)";

  /** A page of an owner's runs, newest first. */
  List<Run> list(UUID owner, Filter filter, Optional<RunId> after, int limit) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM runs WHERE owner_id = :owner"
                            + (filter.area().isPresent() ? " AND area_id = :area" : "")
                            + (filter.version().isPresent() ? " AND area_version = :version" : "")
                            + (filter.status().isPresent() ? " AND status = :status" : "")
                            + (filter.from().isPresent() ? " AND started_at >= :from" : "")
                            + (filter.to().isPresent() ? " AND started_at < :to" : "")
                            + (filter.replay().isPresent() ? OF_REPLAY : "")
                            + (after.isPresent()
                                ? " AND (started_at, id) < (:afterTime, :afterId)"
                                    + " AND started_at <= :afterTime"
                                : "")
                            + " ORDER BY started_at DESC, id DESC LIMIT :limit")
                    .bindMap(parameters(filter, after))
                    .bind("owner", owner)
                    .bind("limit", limit)
                    .map((row, context) -> Run.of(row))
                    .list());
  }

  private static Map<String, Object> parameters(Filter filter, Optional<RunId> after) {
    Map<String, Object> parameters = new HashMap<>();
    filter.area().ifPresent(area -> parameters.put("area", area));
    filter.version().ifPresent(version -> parameters.put("version", version));
    filter.status().ifPresent(status -> parameters.put("status", status));
    filter.from().ifPresent(from -> parameters.put("from", column(from)));
    filter.to().ifPresent(to -> parameters.put("to", column(to)));
    filter.replay().ifPresent(replay -> parameters.put("replay", replay));
    after.ifPresent(
        run -> {
          parameters.put("afterTime", column(run.startedAt()));
          parameters.put("afterId", run.value());
        });
    return parameters;
  }

  /** One run; its id leads to its partition. */
  Optional<Run> find(UUID owner, RunId id) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM runs WHERE started_at = :startedAt AND id = :id"
                            + " AND owner_id = :owner")
                    .bind("startedAt", column(id.startedAt()))
                    .bind("id", id.value())
                    .bind("owner", owner)
                    .map((row, context) -> Run.of(row))
                    .findOne());
  }

  /**
   * The runs that an event made, oldest first.
   *
   * @param hook the hook of the event; null for any
   */
  public List<Run> ofEvent(UUID owner, String eventId, @Nullable UUID hook) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM runs WHERE owner_id = :owner AND event_id = :event"
                            + " AND (CAST(:hook AS uuid) IS NULL OR hook_id = :hook)"
                            + " ORDER BY started_at, id LIMIT 200")
                    .bind("owner", owner)
                    .bind("event", eventId)
                    .bind("hook", hook)
                    .map((row, context) -> Run.of(row))
                    .list());
  }

  /**
   * How many runs each event made, by the offset of the event.
   *
   * @param eventIds events of one hook
   * @param from record time of the oldest of them
   * @param to record time of the newest of them
   */
  public Map<Long, Integer> countByOffset(
      UUID owner, UUID hook, Collection<String> eventIds, Instant from, Instant to) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT event_offset, count(*) AS runs FROM runs WHERE owner_id = :owner"
                            + " AND hook_id = :hook AND event_id = ANY(:events)"
                            + " AND started_at BETWEEN :from AND :to GROUP BY event_offset")
                    .bind("owner", owner)
                    .bind("hook", hook)
                    .bindArray("events", String.class, eventIds.toArray())
                    .bind("from", column(from))
                    .bind("to", column(to))
                    .reduceRows(
                        new HashMap<Long, Integer>(),
                        (counts, row) -> {
                          counts.put(
                              row.getColumn("event_offset", Long.class),
                              row.getColumn("runs", Integer.class));
                          return counts;
                        }));
  }

  /** What there is to do about the steps of an owner's runs that failed. */
  RunAdvice advice(UUID owner, List<Run> found) {
    List<UUID> areas = found.stream().filter(RunAdvice::asksForNames).map(Run::areaId).toList();
    return areas.isEmpty() ? RunAdvice.WITHOUT_NAMES : new RunAdvice(connections(owner, areas));
  }

  /** The names of the connections that steps use, by AREA and step, as the AREAs are now. */
  private Map<RunAdvice.Place, String> connections(UUID owner, List<UUID> areas) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT a.id AS area, p->>'id' AS step, c.name FROM areas a, LATERAL"
                            + " (SELECT json_array_elements(a.plan->'steps') AS p UNION ALL"
                            + " SELECT json_array_elements(a.plan->'onError')) s JOIN connections c"
                            + " ON CAST(c.id AS text) = p->>'connectionId'"
                            + " WHERE a.id = ANY(:areas) AND a.owner_id = :owner"
                            + " AND c.owner_id = :owner")
                    .bindArray("areas", UUID.class, areas.toArray())
                    .bind("owner", owner)
                    .reduceRows(
                        new HashMap<RunAdvice.Place, String>(),
                        (names, row) -> {
                          names.put(
                              new RunAdvice.Place(
                                  row.getColumn("area", UUID.class),
                                  row.getColumn("step", String.class)),
                              row.getColumn("name", String.class));
                          return names;
                        }));
  }

  private static OffsetDateTime column(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
