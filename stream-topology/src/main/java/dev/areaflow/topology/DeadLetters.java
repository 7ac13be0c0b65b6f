package dev.areaflow.topology;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes records that cannot be processed into the dead letters. Safe for several threads. */
final class DeadLetters {
  /** Under this key the handlers find it among the application's properties. */
  static final String PROPERTY = "areaflow.dead-letters";

  // A letter that is itself too large to be written would stop the application for good.
  private static final int MAX_KEY_BYTES = 64 * 1024;
  private static final int MAX_VALUE_BYTES = 2 * 1024 * 1024;
  private static final int MAX_CAUSE_CHARACTERS = 16 * 1024;

  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

  private final Serializer<DeadLetter> serializer;
  private final Clock clock;
  private final TopologyMetrics metrics;

  DeadLetters(TopicSerdes serdes, Clock clock, TopologyMetrics metrics) {
    this.serializer = serdes.values(Topics.DEAD_LETTERS).serializer();
    this.clock = clock;
    this.metrics = metrics;
  }

  static DeadLetters of(Map<String, ?> properties) {
    if (properties.get(PROPERTY) instanceof DeadLetters deadLetters) {
      return deadLetters;
    }
    throw new IllegalStateException("expected the dead letters under " + PROPERTY);
  }

  /**
   * The dead letter of the record in hand.
   *
   * @param key as it was read, where it is known; its first 64 KiB are kept
   * @param value as it was read, where it is known; its first 2 MiB are kept
   */
  ProducerRecord<byte[], byte[]> letter(
      ErrorHandlerContext context,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Exception cause) {
    String topic = context.topic() == null ? "" : context.topic();
    String place = topic + "-" + context.partition() + "-" + context.offset();
    String node = AreaflowTopology.APPLICATION + "/" + context.processorNodeId();
    log.error("{} cannot be processed at {} and goes to the dead letters", place, node, cause);
    metrics.deadLetter();
    DeadLetter letter =
        new DeadLetter(
            topic,
            context.partition(),
            context.offset(),
            Instant.ofEpochMilli(context.timestamp()),
            kept(key, MAX_KEY_BYTES),
            kept(value, MAX_VALUE_BYTES),
            describe(cause),
            node,
            clock.instant());
    String name = Topics.DEAD_LETTERS.name();
    return new ProducerRecord<>(
        name, place.getBytes(StandardCharsets.UTF_8), serializer.serialize(name, letter));
  }

  private static @Nullable ByteBuffer kept(byte @Nullable [] bytes, int most) {
    return bytes == null ? null : ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, most));
  }

  /** Each cause in the chain, outermost first, at most {@link #MAX_CAUSE_CHARACTERS} of it. */
  private static String describe(Throwable cause) {
    StringBuilder text = new StringBuilder(cause.toString());
    Throwable next = cause.getCause();
    for (int depth = 0; next != null && depth < 8; depth++, next = next.getCause()) {
      text.append("; because of ").append(next);
    }
    return text.substring(0, Math.min(text.length(), MAX_CAUSE_CHARACTERS));
  }
}
