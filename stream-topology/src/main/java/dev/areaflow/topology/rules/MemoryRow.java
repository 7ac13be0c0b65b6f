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
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** How a memory is written in its store. */
public final class MemoryRow {
  /** Of the values of the memories' store. */
  public static final Serde<Memory> SERDE =
      Serdes.serdeFrom(
          (topic, memory) -> memory == null ? null : write(memory),
          (topic, bytes) -> bytes == null ? null : read(bytes));

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FORMAT = 1;

  private MemoryRow() {}

  private static byte[] write(Memory memory) {
    RowWriter row = new RowWriter(FORMAT);
    switch (memory) {
      case Passed(var times, var until) ->
          row.number(1).instant(until).rows(times, (time, each) -> each.instant(time));
      case Collected(var kept, var until) ->
          row.number(2).instant(until).rows(kept, MemoryRow::write);
      case Begun(var beginnings, var until) ->
          row.number(3)
              .instant(until)
              .rows(beginnings, (beginning, each) -> each.rows(beginning, MemoryRow::write));
      case Last(var value) -> row.number(4).text(value.toString());
    }
    return row.toBytes();
  }

  private static Memory read(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    int kind = row.integer();
    return switch (kind) {
      case 1 -> {
        var until = row.instant();
        yield new Passed(row.rows(RowReader::instant), until);
      }
      case 2 -> {
        var until = row.instant();
        yield new Collected(kept(row), until);
      }
      case 3 -> {
        var until = row.instant();
        yield new Begun(row.rows(MemoryRow::kept), until);
      }
      case 4 -> new Last(json(row.text()));
      default -> throw new IllegalArgumentException("expected a memory from 1 to 4, found " + kind);
    };
  }

  private static void write(Kept event, RowWriter row) {
    row.text(event.id())
        .text(event.of())
        .instant(event.at())
        .instant(event.time())
        .text(event.hookId())
        .number(event.partition())
        .number(event.offset());
  }

  private static List<Kept> kept(RowReader list) {
    return list.rows(
        row ->
            new Kept(
                row.text(),
                row.text(),
                row.instant(),
                row.instant(),
                row.text(),
                row.integer(),
                row.number()));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON, found " + e.getOriginalMessage(), e);
    }
  }
}
