package dev.areaflow.topology.rules;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.time.Instant;

/**
 * An event that a rule keeps; its payload is kept beside the memory.
 *
 * @param id the event's id
 * @param at when it arrived, by its record: the time of rules
 * @param time when it happened, as its source says
 * @param hookId its hook
 * @param partition in {@code area.events}
 * @param offset in {@code area.events}
 */
public record Kept(String id, Instant at, Instant time, String hookId, int partition, long offset) {

  /** As {@link #read} reads it. */
  public void write(RowWriter row) {
    row.text(id).instant(at).instant(time).text(hookId).number(partition).number(offset);
  }

  /** As {@link #write} wrote it. */
  public static Kept read(RowReader row) {
    return new Kept(
        row.text(), row.instant(), row.instant(), row.text(), row.integer(), row.number());
  }
}
