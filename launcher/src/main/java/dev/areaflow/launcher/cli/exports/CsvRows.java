package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values (RFC 4180, lines end with a line feed) under a heading. Nothing between
 * two commas is no value, {@code ""} an empty text; a text may be quoted without need.
 */
final class CsvRows implements RowWriter {
  private final List<Column> columns;
  private final ObjectWriter rows;

  CsvRows(Exported what) {
    this.columns = what.columns();
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.forEach(column -> schema.addColumn(column.name()));
    this.rows =
        CsvMapper.builder()
            .enable(CsvGenerator.Feature.ALWAYS_QUOTE_EMPTY_STRINGS)
            .build()
            .writer(schema.build());
  }

  @Override
  public byte[] heading() throws IOException {
    return rows.writeValueAsBytes(columns.stream().map(Column::name).toList());
  }

  @Override
  public byte[] rows(List<JsonNode> items) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (JsonNode item : items) {
      List<@Nullable Object> values = new ArrayList<>();
      columns.forEach(column -> values.add(value(column, item)));
      lines.write(rows.writeValueAsBytes(values));
    }
    return lines.toByteArray();
  }

  private static @Nullable Object value(Column column, JsonNode item) {
    if (column.isEmptyIn(item)) {
      return null;
    }
    JsonNode value = column.of(item);
    return switch (column.kind()) {
      case TEXT, TIME -> value.asText();
      case WHOLE_NUMBER -> value.asLong();
      case JSON -> value.toString();
    };
  }
}
