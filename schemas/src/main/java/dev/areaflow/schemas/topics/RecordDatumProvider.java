package dev.areaflow.schemas.topics;

import io.apicurio.registry.serde.avro.DefaultAvroDatumProvider;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Readers of records whose failures are the records': everything that fails once the schema is
 * there is a {@link UnreadableRecordException}, whatever Avro throws (some of it are I/O
 * exceptions, as the registry's failures are).
 *
 * <p>Public with a public constructor because the serde makes it by its name.
 */
public final class RecordDatumProvider<T> extends DefaultAvroDatumProvider<T> {

  @Override
  public DatumReader<T> createDatumReader(Schema schema) {
    return new Reader<>(super.createDatumReader(schema));
  }

  /** A record's bytes do not fit its schema. */
  static final class UnreadableRecordException extends SerializationException {
    UnreadableRecordException(Throwable cause) {
      super("the record does not fit its schema: " + cause, cause);
    }
  }

  private record Reader<T>(DatumReader<T> avro) implements DatumReader<T> {
    @Override
    public void setSchema(Schema schema) {
      avro.setSchema(schema);
    }

    @Override
    public T read(T reuse, Decoder in) {
      try {
        return avro.read(reuse, in);
      } catch (IOException | RuntimeException e) {
        throw new UnreadableRecordException(e);
      }
    }
  }
}
