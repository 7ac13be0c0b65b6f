package dev.areaflow.topology.decision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Meta;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.Materials;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run comes from: the AREA as it was, and the events. It is kept as long as the run, so that
 * neither an edit of the AREA nor the events' retention changes what later steps do.
 *
 * @param plan a {@code Plan} in JSON
 * @param collected whether a rule collected the events; else there is one
 * @param events in the order in which they came
 * @param change what a rule about one saw
 */
public record Origin(
    String plan,
    boolean collected,
    List<Bindings.Collected> events,
    Bindings.@Nullable Changed change) {
  /** Payloads that one run keeps, together. */
  static final int MOST_BYTES = 8 * 1024 * 1024;

  private static final String ROW = "p";
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  public Origin {
    events = List.copyOf(events);
  }

  /** An event that makes a run by itself. */
  static Origin of(String plan, byte[] payload, Meta meta) {
    return new Origin(plan, false, List.of(new Bindings.Collected(meta, payload)), null);
  }

  Bindings bindings() {
    return collected
        ? Bindings.of(events, change)
        : Bindings.of(events.getFirst().payload(), events.getFirst().meta());
  }

  /** Of the payloads together. */
  long bytes() {
    return events.stream().mapToLong(event -> event.payload().length).sum();
  }

  /** What is kept of it, by names; each payload by itself, so that none outgrows a message. */
  public Map<String, byte[]> toMaterials() {
    Map<String, byte[]> materials = new LinkedHashMap<>();
    RowWriter row = new RowWriter(FORMAT).text(plan).bool(collected).bool(change != null);
    if (change != null) {
      row.text(change.old().toString()).text(change.now().toString());
    }
    row.rows(events, Origin::writeMeta);
    materials.put(ROW, row.toBytes());
    for (int i = 0; i < events.size(); i++) {
      materials.put(payload(i), events.get(i).payload());
    }
    return materials;
  }

  /**
   * As {@link #toMaterials} gave it.
   *
   * @throws IllegalStateException if it is not there
   */
  static Origin of(Materials materials) {
    RowReader row = new RowReader(required(materials, ROW), FORMAT);
    String plan = row.text();
    boolean collected = row.bool();
    Bindings.@Nullable Changed change =
        row.bool() ? new Bindings.Changed(json(row.text()), json(row.text())) : null;
    List<Meta> metas = row.rows(Origin::readMeta);
    List<Bindings.Collected> events = new ArrayList<>();
    for (int i = 0; i < metas.size(); i++) {
      events.add(new Bindings.Collected(metas.get(i), required(materials, payload(i))));
    }
    return new Origin(plan, collected, events, change);
  }

  /** The plan alone. */
  static String plan(Materials materials) {
    return new RowReader(required(materials, ROW), FORMAT).text();
  }

  private static byte[] required(Materials materials, String part) {
    byte[] found = materials.find(part);
    if (found == null) {
      throw new IllegalStateException("expected what a run comes from, found no " + part);
    }
    return found;
  }

  private static String payload(int event) {
    return "e\0" + event;
  }

  private static void writeMeta(Bindings.Collected event, RowWriter row) {
    Meta meta = event.meta();
    row.text(meta.id())
        .instant(meta.time())
        .text(meta.service())
        .text(meta.action())
        .text(meta.of());
  }

  private static Meta readMeta(RowReader row) {
    return new Meta(row.text(), row.instant(), row.text(), row.text(), row.text());
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON that was written here", e);
    }
  }
}
