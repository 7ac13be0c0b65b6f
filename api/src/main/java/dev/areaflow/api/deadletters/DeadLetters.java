package dev.areaflow.api.deadletters;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.deadletters.DeadLetter.State;
import dev.areaflow.schemas.topics.Redelivery;
import dev.areaflow.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * The table of dead letters. They are of all users: whoever asks is an admin. What is retried is
 * written where change data capture takes it from, in the same transaction.
 */
public final class DeadLetters {
  /** Letters that one request may change. */
  static final int MOST_AT_ONCE = 10_000;

  private final Database database;
  private final Clock clock;
  private final int mostAtOnce;

  public DeadLetters(Database database, Clock clock) {
    this(database, clock, MOST_AT_ONCE);
  }

  /**
   * @param mostAtOnce letters that one request may change
   */
  DeadLetters(Database database, Clock clock, int mostAtOnce) {
    this.database = database;
    this.clock = clock;
    this.mostAtOnce = mostAtOnce;
  }

  /**
   * What a list is narrowed to.
   *
   * @param cause a part of the cause, in any case
   */
  record Filter(Optional<String> topic, Optional<State> state, Optional<String> cause) {

    private String sql() {
      return (topic.isPresent() ? " AND topic = :topic" : "")
          + (state.isPresent() ? " AND state = :state" : "")
          + (cause.isPresent() ? " AND strpos(lower(cause), lower(:cause)) > 0" : "");
    }

    private Map<String, Object> parameters() {
      Map<String, Object> parameters = new HashMap<>();
      topic.ifPresent(name -> parameters.put("topic", name));
      state.ifPresent(in -> parameters.put("state", text(in)));
      cause.ifPresent(part -> parameters.put("cause", part));
      return parameters;
    }
  }

  /** A page of them, newest first. */
  List<DeadLetter> list(Filter filter, Optional<DeadLetter.Id> after, int limit) {
    Map<String, Object> parameters = filter.parameters();
    after.ifPresent(
        id -> {
          parameters.put("partition", id.partition());
          parameters.put("offset", id.offset());
        });
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM dead_letters WHERE true"
                            + filter.sql()
                            + (after.isPresent()
                                ? " AND (at, letter_partition, letter_offset) <"
                                    + " ((SELECT at FROM dead_letters WHERE letter_partition ="
                                    + " :partition AND letter_offset = :offset), :partition,"
                                    + " :offset)"
                                : "")
                            + " ORDER BY at DESC, letter_partition DESC, letter_offset DESC"
                            + " LIMIT :limit")
                    .bindMap(parameters)
                    .bind("limit", limit)
                    .map((row, context) -> DeadLetter.of(row))
                    .list());
  }

  Optional<DeadLetter> find(DeadLetter.Id id) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM dead_letters WHERE letter_partition = :partition"
                            + " AND letter_offset = :offset")
                    .bind("partition", id.partition())
                    .bind("offset", id.offset())
                    .map((row, context) -> DeadLetter.of(row))
                    .findOne());
  }

  /** Decides on one letter; empty where something else was decided meanwhile. */
  Optional<DeadLetter> decide(UUID admin, DeadLetter letter, State state) {
    return database
            .jdbi()
            .inTransaction(
                handle ->
                    decide(
                            handle,
                            admin,
                            state,
                            "letter_partition = :partition AND letter_offset = :offset"
                                + " AND state = :before",
                            Map.of(
                                "partition", letter.id().partition(),
                                "offset", letter.id().offset(),
                                "before", text(letter.state())),
                            1)
                        == 1)
        ? find(letter.id())
        : Optional.empty();
  }

  /**
   * What was decided on many.
   *
   * @param more whether some are left
   */
  record Decided(int changed, boolean more) {}

  /** Decides on all that are open and of a filter, the oldest first, as many as may be at once. */
  Decided decideAll(UUID admin, Filter filter, State state) {
    String selected =
        "state = 'open'" + (state == State.RETRIED ? " AND topic = ANY(:safe)" : "") + filter.sql();
    Map<String, Object> parameters = filter.parameters();
    parameters.put("safe", Redelivery.safe().toArray(String[]::new));
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              int changed = decide(handle, admin, state, selected, parameters, mostAtOnce);
              boolean more =
                  changed == mostAtOnce
                      && handle
                          .createQuery(
                              "SELECT EXISTS (SELECT 1 FROM dead_letters WHERE " + selected + ")")
                          .bindMap(parameters)
                          .mapTo(Boolean.class)
                          .one();
              return new Decided(changed, more);
            });
  }

  private int decide(
      Handle handle,
      UUID admin,
      State state,
      String selected,
      Map<String, Object> parameters,
      int limit) {
    return handle
        .createQuery(
            "WITH chosen AS MATERIALIZED (SELECT letter_partition, letter_offset FROM dead_letters"
                + " WHERE "
                + selected
                + " ORDER BY at, letter_partition, letter_offset LIMIT :limit FOR UPDATE),"
                + " decided AS (UPDATE dead_letters d SET state = :decision, decided_at = :now,"
                + " decided_by = :admin FROM chosen c WHERE d.letter_partition = c.letter_partition"
                + " AND d.letter_offset = c.letter_offset RETURNING d.*),"
                + " asked AS (INSERT INTO requests (owner_id, home, kind, body, created_at)"
                + " SELECT :admin, topic || '-' || record_partition, 'redeliver',"
                + " jsonb_build_object('letterPartition', letter_partition,"
                + " 'letterOffset', letter_offset), :now FROM decided"
                + " WHERE :decision = 'retried' ORDER BY at, letter_partition, letter_offset)"
                + " SELECT count(*) FROM decided")
        .bindMap(parameters)
        .bind("decision", text(state))
        .bind("admin", admin)
        .bind("now", column(clock.instant()))
        .bind("limit", limit)
        .mapTo(Integer.class)
        .one();
  }

  /** Removes the rows of letters that Kafka does not keep any more; to be called now and then. */
  public void forgetOld() {
    Duration kept = Topics.DEAD_LETTERS.retention().orElseThrow();
    database.forget("dead_letters", "at", clock.instant().minus(kept));
  }

  private static String text(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static OffsetDateTime column(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
