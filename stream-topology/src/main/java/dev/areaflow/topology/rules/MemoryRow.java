package dev.areaflow.topology.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.rules.Memory.Begun;
import dev.areaflow.topology.rules.Memory.Collected;
import dev.areaflow.topology.rules.Memory.Last;
import dev.areaflow.topology.rules.Memory.Passed;
import java.time.Instant;
import java.util.List;

/** How a memory is written within its row. */
final class MemoryRow {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MemoryRow() {}

  static void write(Memory memory, RowWriter row) {
    switch (memory) {
      case Passed(var times, var until) ->
          row.number(1).instant(until).rows(times, (time, each) -> each.instant(time));
      case Collected(var kept, var until) -> row.number(2).instant(until).rows(kept, Kept::write);
      case Begun(var beginnings, var until) ->
          row.number(3)
              .instant(until)
              .rows(beginnings, (beginning, each) -> each.rows(beginning, Kept::write));
      case Last(var value) -> row.number(4).text(value.toString());
    }
  }

  static Memory read(RowReader row) {
    int kind = row.integer();
    return switch (kind) {
      case 1 -> {
        Instant until = row.instant();
        yield new Passed(row.rows(RowReader::instant), until);
      }
      case 2 -> {
        Instant until = row.instant();
        yield new Collected(kept(row), until);
      }
      case 3 -> {
        Instant until = row.instant();
        yield new Begun(row.rows(MemoryRow::kept), until);
      }
      case 4 -> new Last(json(row.text()));
      default -> throw new IllegalArgumentException("expected a memory from 1 to 4, found " + kind);
    };
  }

  private static List<Kept> kept(RowReader row) {
    return row.rows(Kept::read);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON, found " + e.getOriginalMessage(), e);
    }
  }
}
