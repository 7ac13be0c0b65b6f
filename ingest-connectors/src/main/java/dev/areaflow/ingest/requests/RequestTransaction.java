package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.topics.TopicAdmin;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** What is written and how far requests were read, together or not at all. */
final class RequestTransaction {
  /** Of what one writes; one record may have more. */
  static final long MOST_BYTES = 8L * 1024 * 1024;

  /** Leaves room for headers and the batch around a record. */
  private static final int MOST_RECORD_BYTES = TopicAdmin.MAX_MESSAGE_BYTES - 64 * 1024;

  private RequestTransaction() {}

  /** Of key and value, in bytes. */
  static int size(ProducerRecord<byte[], byte[]> record) {
    return (record.key() == null ? 0 : record.key().length)
        + (record.value() == null ? 0 : record.value().length);
  }

  static boolean isTooLarge(ProducerRecord<byte[], byte[]> record) {
    return size(record) > MOST_RECORD_BYTES;
  }

  /**
   * Commits both. Fails where the partitions are another member's by now, so that what two of them
   * take for theirs is written by one.
   *
   * @param reached the next offsets of the requests to read
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the commit fails where one of them did
  static void commit(
      List<ProducerRecord<byte[], byte[]>> written,
      Map<TopicPartition, OffsetAndMetadata> reached,
      Consumer<?, ?> consumer,
      Producer<byte[], byte[]> producer) {
    producer.beginTransaction();
    try {
      written.forEach(producer::send);
      producer.sendOffsetsToTransaction(Map.copyOf(reached), consumer.groupMetadata());
      producer.commitTransaction();
    } catch (RuntimeException e) {
      abort(producer, e);
      throw e;
    }
  }

  /** What stays open holds up whoever reads what is committed, until it ends by itself. */
  private static void abort(Producer<byte[], byte[]> producer, RuntimeException failure) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      failure.addSuppressed(e);
    }
  }
}
