package dev.areaflow.ingest.schedules;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Makes dead letters of records that cannot be processed. */
final class DeadLetters {
  private static final int MOST_CAUSE = 2_000;
  private static final int MOST_DEAD_BYTES = 2 * 1024 * 1024;

  private DeadLetters() {}

  /** The letter of the record at hand. */
  static Record<String, SpecificRecord> of(
      ProcessorContext<?, ?> context, String node, Record<String, byte[]> record, Exception cause) {
    RecordMetadata at = context.recordMetadata().orElseThrow();
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setTopic(at.topic())
            .setPartition(at.partition())
            .setOffset(at.offset())
            .setTimestamp(Instant.ofEpochMilli(record.timestamp()))
            .setKey(
                record.key() == null
                    ? null
                    : ByteBuffer.wrap(record.key().getBytes(StandardCharsets.UTF_8)))
            .setValue(kept(record.value()))
            .setCause(cause(cause))
            .setWhere(SchedulesTopology.APPLICATION + "/" + node)
            .setAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
            .build();
    String source = at.topic() + "-" + at.partition() + "-" + at.offset();
    return new Record<>(source, letter, record.timestamp());
  }

  /** Whether a failure is of Kafka, the stores or the registry: another hook fares no better. */
  static boolean comesFromOutside(RuntimeException failure) {
    return (failure instanceof KafkaException && !(failure instanceof SerializationException))
        || RegistryUnavailableException.isCauseOf(failure);
  }

  /** A cause can quote the inputs, which are long where somebody wants them to be. */
  static String cause(Exception cause) {
    String text = cause.toString();
    return text.length() <= MOST_CAUSE ? text : text.substring(0, MOST_CAUSE);
  }

  /** Little enough that the dead letter can be written, too. */
  private static @Nullable ByteBuffer kept(byte @Nullable [] value) {
    return value == null
        ? null
        : ByteBuffer.wrap(value, 0, Math.min(value.length, MOST_DEAD_BYTES));
  }
}
