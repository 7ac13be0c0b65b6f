package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableFileInput;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/** An Avro container file, deflated; a block for each call. */
final class AvroRows implements RowWriter {
  private static final String NAMESPACE = "dev.areaflow.exports";

  private final Exported what;
  private final Schema schema;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final DataFileWriter<GenericRecord> file;

  private AvroRows(Exported what) {
    this.what = what;
    this.schema = schema(what);
    this.file = new DataFileWriter<>(new GenericDatumWriter<>(schema));
  }

  /** For a new file. */
  static AvroRows begun(Exported what) throws IOException {
    AvroRows rows = new AvroRows(what);
    rows.file.setCodec(CodecFactory.deflateCodec(CodecFactory.DEFAULT_DEFLATE_LEVEL));
    rows.file.create(rows.schema, rows.written);
    return rows;
  }

  /** For a file that has its heading: blocks are told apart by what is in there. */
  static AvroRows continued(Exported what, Path path) throws IOException {
    AvroRows rows = new AvroRows(what);
    try (SeekableFileInput heading = new SeekableFileInput(path.toFile())) {
      rows.file.appendTo(heading, rows.written);
    }
    return rows;
  }

  /** The schema of the rows. */
  static Schema schema(Exported what) {
    SchemaBuilder.FieldAssembler<Schema> fields =
        SchemaBuilder.record(what.schema()).namespace(NAMESPACE).fields();
    for (Column column : what.columns()) {
      Schema type =
          switch (column.kind()) {
            case TEXT, JSON -> Schema.create(Schema.Type.STRING);
            case WHOLE_NUMBER -> Schema.create(Schema.Type.LONG);
            case TIME ->
                LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
          };
      fields =
          column.isNullable()
              ? fields
                  .name(column.name())
                  .type(Schema.createUnion(Schema.create(Schema.Type.NULL), type))
                  .withDefault(null)
              : fields.name(column.name()).type(type).noDefault();
    }
    return fields.endRecord();
  }

  @Override
  public byte[] heading() throws IOException {
    return taken();
  }

  @Override
  public byte[] rows(List<JsonNode> items) throws IOException {
    for (JsonNode item : items) {
      GenericRecord row = new GenericData.Record(schema);
      for (Column column : what.columns()) {
        if (!column.isEmptyIn(item)) {
          row.put(column.name(), value(column, item));
        }
      }
      file.append(row);
    }
    return taken();
  }

  /** Ends the block, and takes it out. */
  private byte[] taken() throws IOException {
    file.flush();
    byte[] bytes = written.toByteArray();
    written.reset();
    return bytes;
  }

  private static Object value(Column column, JsonNode item) {
    JsonNode value = column.of(item);
    return switch (column.kind()) {
      case TEXT -> value.asText();
      case WHOLE_NUMBER -> value.asLong();
      case TIME -> ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(value.asText()));
      case JSON -> value.toString();
    };
  }
}
