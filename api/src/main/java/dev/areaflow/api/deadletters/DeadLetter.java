package dev.areaflow.api.deadletters;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A record that could not be processed, without what it holds.
 *
 * @param id where the letter is
 * @param topic where the record was read
 * @param partition of that topic
 * @param offset in that partition
 * @param at when it was given up
 * @param cause what went wrong
 * @param where the application and node that gave up
 * @param decidedAt when it was retried or discarded; null while it is open
 * @param decidedBy which admin did so
 */
record DeadLetter(
    Id id,
    String topic,
    int partition,
    long offset,
    Instant at,
    String cause,
    String where,
    State state,
    @Nullable Instant decidedAt,
    @Nullable UUID decidedBy) {

  /** What was decided on it. */
  enum State {
    OPEN,
    RETRIED,
    DISCARDED
  }

  /** The place of a letter among the dead letters. */
  record Id(int partition, long offset) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})-([0-9]{1,18})");

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if the text is none
     */
    static Id parse(String text) {
      Matcher id = TEXT.matcher(text);
      if (!id.matches()) {
        throw new IllegalArgumentException("expected the place of a letter, e.g. 0-17");
      }
      return new Id(Integer.parseInt(id.group(1)), Long.parseLong(id.group(2)));
    }

    @Override
    public String toString() {
      return partition + "-" + offset;
    }
  }

  static DeadLetter of(ResultSet row) throws SQLException {
    @Nullable OffsetDateTime decidedAt = row.getObject("decided_at", OffsetDateTime.class);
    return new DeadLetter(
        new Id(row.getInt("letter_partition"), row.getLong("letter_offset")),
        row.getString("topic"),
        row.getInt("record_partition"),
        row.getLong("record_offset"),
        row.getObject("at", OffsetDateTime.class).toInstant(),
        row.getString("cause"),
        row.getString("given_up_by"),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        decidedAt == null ? null : decidedAt.toInstant(),
        row.getObject("decided_by", UUID.class));
  }

  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id.toString());
    json.put("topic", topic);
    json.put("partition", partition);
    json.put("offset", offset);
    json.put("at", at);
    json.put("cause", cause);
    json.put("where", where);
    json.put("state", state.name().toLowerCase(Locale.ROOT));
    json.put("decidedAt", decidedAt);
    json.put("decidedBy", decidedBy);
    return json;
  }
}
