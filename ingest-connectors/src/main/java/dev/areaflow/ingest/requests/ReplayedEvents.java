package dev.areaflow.ingest.requests;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which events of a hook one replay writes again, and what it writes. For one thread. */
final class ReplayedEvents {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayedEvents.class);

  private final ReplayProgress asked;
  private final Optional<Condition> when;
  private final Set<String> sought;
  private final Deserializer<Event> reader;
  private final Serializer<Event> writer;

  /** What becomes of a record. */
  sealed interface Fate {
    /** It is written again. */
    record Written(ProducerRecord<byte[], byte[]> record) implements Fate {}

    /** It is an event that was asked for, and what must hold does not. */
    record Skipped() implements Fate {}

    /** It is none that was asked for. */
    record Ignored() implements Fate {}
  }

  /**
   * @throws InvalidExpressionException if the condition is none
   */
  ReplayedEvents(ReplayProgress asked, Expressions expressions, TopicSerdes serdes) {
    this.asked = asked;
    this.when = asked.getWhen().map(cel -> expressions.ofArea().condition(cel));
    this.sought = new HashSet<>(asked.getEventIds());
    this.reader = serdes.values(Topics.EVENTS).deserializer();
    this.writer = serdes.values(Topics.EVENTS).serializer();
  }

  /** Whether events were asked for by their ids, and all have been found. */
  boolean isComplete() {
    return !asked.getEventIds().isEmpty() && sought.isEmpty();
  }

  /**
   * @param record of the hook
   */
  Fate fate(ConsumerRecord<byte[], byte[]> record) {
    if (record.headers().lastHeader(CloudEvents.GENERATION_HEADER) != null || isOther(record)) {
      return new Fate.Ignored();
    }
    try {
      Event event = reader.deserialize(record.topic(), record.headers(), record.value());
      boolean isAsked = asked.getEventIds().isEmpty() || sought.remove(event.getId());
      if (event.getGeneration() > 0 || !isAsked) {
        return new Fate.Ignored();
      }
      return event.getOwnerId().equals(asked.getOwnerId()) && holds(event)
          ? written(event)
          : new Fate.Skipped();
    } catch (EvaluationException e) {
      return new Fate.Skipped();
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the event
      Outages.rethrow(e);
      LOG.error(
          "replay {}: {}-{}@{} cannot be read and is left out",
          asked.getReplayId(),
          record.topic(),
          record.partition(),
          record.offset(),
          e);
      return new Fate.Skipped();
    }
  }

  /** Whether its header says that another event was asked for. */
  private boolean isOther(ConsumerRecord<byte[], byte[]> record) {
    return !asked.getEventIds().isEmpty()
        && id(record.headers()).filter(id -> !sought.contains(id)).isPresent();
  }

  private static Optional<String> id(Headers headers) {
    return Optional.ofNullable(headers.lastHeader(CloudEvents.ID_HEADER))
        .map(Header::value)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private boolean holds(Event event) {
    return when.isEmpty()
        || when.get()
            .matches(
                Bindings.of(
                    bytes(event.getPayload()),
                    new Meta(
                        event.getId(),
                        event.getTime(),
                        event.getService(),
                        event.getAction(),
                        "")));
  }

  private Fate written(Event event) {
    ProducerRecord<byte[], byte[]> record =
        Reruns.record(
            event.getHookId(),
            Event.newBuilder(event)
                .setGeneration(asked.getGeneration())
                .setOnlyArea(asked.getAreaId())
                .setReplayId(asked.getReplayId())
                .setForced(asked.getForced())
                .build(),
            writer);
    return RequestTransaction.isTooLarge(record) ? new Fate.Skipped() : new Fate.Written(record);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
