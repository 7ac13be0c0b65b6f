package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.Redelivery;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a dead letter the record that it was. The record itself is taken where it is still kept:
 * a letter has no headers, and of a large record only the beginning.
 */
final class Redeliveries {
  /** From these sizes on a letter may hold no more than the beginning. */
  private static final int WHOLE_KEY_BYTES = 64 * 1024;

  private static final int WHOLE_VALUE_BYTES = 2 * 1024 * 1024;

  private final Deserializer<DeadLetter> letters;

  Redeliveries(TopicSerdes serdes) {
    this.letters = serdes.values(Topics.DEAD_LETTERS).deserializer();
  }

  Answer answer(RequestRow request, KeptRecords records) {
    RequestBody.Redeliver body = RequestBody.parse(request.body(), RequestBody.Redeliver.class);
    String topic = Topics.DEAD_LETTERS.name();
    Optional<ConsumerRecord<byte[], byte[]>> kept =
        records.at(topic, body.letterPartition(), body.letterOffset());
    if (kept.isEmpty()) {
      return new Answer.Gone(topic + "-" + body.letterPartition() + "@" + body.letterOffset());
    }
    DeadLetter letter = letters.deserialize(topic, kept.get().headers(), kept.get().value());
    Optional<String> objection = Redelivery.objection(letter.getTopic());
    if (objection.isPresent()) {
      return new Answer.Refused(objection.get());
    }
    String place = letter.getTopic() + "-" + letter.getPartition() + "@" + letter.getOffset();
    return records
        .at(letter.getTopic(), letter.getPartition(), letter.getOffset())
        .filter(record -> isOf(record, letter))
        .map(record -> again(record.headers().toArray(), record.key(), record.value(), letter))
        .or(() -> whole(letter))
        .<Answer>map(
            record -> {
              record.headers().add(Redelivery.HEADER, place.getBytes(StandardCharsets.UTF_8));
              return new Answer.Write(record);
            })
        .orElseGet(() -> new Answer.Gone(place));
  }

  /** A topic that was made anew has other records at the same places. */
  private static boolean isOf(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
    return beginsWith(record.key(), letter.getKey())
        && beginsWith(record.value(), letter.getValue());
  }

  private static boolean beginsWith(byte @Nullable [] bytes, Optional<ByteBuffer> beginning) {
    if (beginning.isEmpty()) {
      return true;
    }
    ByteBuffer first = beginning.get();
    return bytes != null
        && bytes.length >= first.remaining()
        && ByteBuffer.wrap(bytes, 0, first.remaining()).equals(first);
  }

  private static Optional<ProducerRecord<byte[], byte[]>> whole(DeadLetter letter) {
    Optional<byte[]> value =
        letter
            .getValue()
            .filter(all -> all.remaining() < WHOLE_VALUE_BYTES)
            .map(Redeliveries::bytes);
    Optional<byte[]> key =
        letter.getKey().filter(all -> all.remaining() < WHOLE_KEY_BYTES).map(Redeliveries::bytes);
    return value.flatMap(
        whole -> key.map(of -> again(new RecordHeaders().toArray(), of, whole, letter)));
  }

  private static ProducerRecord<byte[], byte[]> again(
      Header[] headers, byte @Nullable [] key, byte @Nullable [] value, DeadLetter letter) {
    return new ProducerRecord<>(
        letter.getTopic(), letter.getPartition(), key, value, new RecordHeaders(headers));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
