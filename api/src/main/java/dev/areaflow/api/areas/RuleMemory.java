package dev.areaflow.api.areas;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * How much the rule of an AREA remembers, and what it made of events, as it was told seconds ago.
 *
 * @param keys how many keys it remembers
 * @param events how many events it keeps for them
 * @param bytes of the payloads of those
 * @param kept how many events it kept, since then
 * @param dropped how many it dropped, since then
 * @param refused how many it could not take, since then
 * @param since when it began to count: as it is now, the rule began then
 * @param problem why it can take no more; null where it can
 */
record RuleMemory(
    long keys,
    long events,
    long bytes,
    long kept,
    long dropped,
    long refused,
    Instant since,
    @JsonIgnore @Nullable String problem) {
  /** The columns that {@link #of} reads, of the table {@code area_rules} under the name m. */
  static final String COLUMNS =
      "m.keys AS rule_keys, m.events AS rule_events, m.bytes AS rule_bytes, m.kept AS rule_kept,"
          + " m.dropped AS rule_dropped, m.refused AS rule_refused, m.since AS rule_since,"
          + " m.problem AS rule_problem";

  /** Reads {@link #COLUMNS}; null where nothing was told yet. */
  static @Nullable RuleMemory of(ResultSet row) throws SQLException {
    OffsetDateTime since = row.getObject("rule_since", OffsetDateTime.class);
    return since == null
        ? null
        : new RuleMemory(
            row.getLong("rule_keys"),
            row.getLong("rule_events"),
            row.getLong("rule_bytes"),
            row.getLong("rule_kept"),
            row.getLong("rule_dropped"),
            row.getLong("rule_refused"),
            since.toInstant(),
            row.getString("rule_problem"));
  }
}
