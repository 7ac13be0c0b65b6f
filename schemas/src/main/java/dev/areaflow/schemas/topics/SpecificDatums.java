package dev.areaflow.schemas.topics;

import io.apicurio.registry.serde.avro.AvroDatumProvider;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Decoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Writers and readers of generated records, one for each schema. Apicurio's own provider computes
 * the fingerprint of the whole schema for each record, which costs more than the record itself.
 * Made by the serde, by its class. Safe for several threads.
 *
 * @param <T> the records
 */
public final class SpecificDatums<T> implements AvroDatumProvider<T> {
  private final ConcurrentMap<Schema, DatumWriter<T>> writers = new ConcurrentHashMap<>();
  private final ConcurrentMap<Schema, DatumReader<T>> readers = new ConcurrentHashMap<>();

  @Override
  public DatumWriter<T> createDatumWriter(T datum, Schema schema) {
    return writers.computeIfAbsent(schema, wanted -> new SpecificDatumWriter<>(wanted));
  }

  @Override
  public DatumReader<T> createDatumReader(Schema written) {
    return readers.computeIfAbsent(
        written, schema -> new Reader<>(new SpecificDatumReader<>(schema, expected(schema))));
  }

  /** The schema of the generated class, which may be newer or older than what was written. */
  private static Schema expected(Schema written) {
    Class<?> generated = SpecificData.get().getClass(written);
    if (generated == null) {
      throw new IllegalArgumentException(
          "expected a record of this platform, found " + written.getFullName());
    }
    return SpecificData.get().getSchema(generated);
  }

  @Override
  public Schema toSchema(T datum) {
    return ((SpecificRecord) datum).getSchema();
  }

  /** A record's bytes do not fit its schema. */
  static final class UnreadableRecordException extends SerializationException {
    UnreadableRecordException(Throwable cause) {
      super("the record does not fit its schema: " + cause, cause);
    }
  }

  /**
   * What fails once the schema is there is the record's own fault, whatever Avro throws: some of it
   * are I/O exceptions, as the registry's failures are.
   */
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
