package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Makes replays: an event as it came, with a generation, for one AREA. One that a replay of many
 * wrote is by itself now: what a person asks for of one run is carried out whole.
 */
final class Reruns {
  private final Deserializer<Event> reader;
  private final Serializer<Event> writer;

  Reruns(TopicSerdes serdes) {
    this.reader = serdes.values(Topics.EVENTS).deserializer();
    this.writer = serdes.values(Topics.EVENTS).serializer();
  }

  Answer answer(RequestRow request, KeptRecords records) {
    RequestBody.Rerun body = RequestBody.parse(request.body(), RequestBody.Rerun.class);
    String topic = Topics.EVENTS.name();
    String place = topic + "-" + body.partition() + "@" + body.offset();
    Optional<ConsumerRecord<byte[], byte[]>> kept =
        records.at(topic, body.partition(), body.offset());
    if (kept.isEmpty()) {
      return new Answer.Gone(place);
    }
    Event event = reader.deserialize(topic, kept.get().headers(), kept.get().value());
    if (!event.getHookId().equals(body.hookId()) || !event.getId().equals(body.eventId())) {
      return new Answer.Gone(place + ", where another event is now");
    }
    if (!event.getOwnerId().equals(request.ownerId())) {
      return new Answer.Refused("the event at " + place + " is of another owner");
    }
    Event replay =
        Event.newBuilder(event)
            .setGeneration(body.generation())
            .setOnlyArea(body.areaId())
            .setReplayId(null)
            .setForced(false)
            .setOf("")
            .build();
    return new Answer.Write(record(replay.getHookId(), replay, writer));
  }

  /**
   * What is written of an event that is decided on again.
   *
   * @param home where it is decided
   */
  static ProducerRecord<byte[], byte[]> record(
      String home, Event replay, Serializer<Event> writer) {
    String topic = Topics.EVENTS.name();
    return new ProducerRecord<>(
        topic,
        null,
        home.getBytes(StandardCharsets.UTF_8),
        writer.serialize(topic, replay),
        CloudEvents.headers(replay));
  }
}
