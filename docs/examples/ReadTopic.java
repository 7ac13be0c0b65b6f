import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Prints what a topic of Areaflow has until now: {@code java -cp "lib/*" ReadTopic.java KAFKA
 * REGISTRY TOPIC}. It needs kafka-clients and apicurio-registry-avro-serde-kafka alone.
 */
final class ReadTopic {
  public static void main(String[] arguments) {
    Map<String, Object> configuration =
        Map.of(
            "bootstrap.servers", arguments[0],
            "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "value.deserializer", "io.apicurio.registry.serde.avro.AvroKafkaDeserializer",
            "apicurio.registry.url", arguments[1],
            // what the topology did not commit never happened
            "isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<String, GenericRecord>(configuration)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(arguments[2]).stream()
              .map(found -> new TopicPartition(found.topic(), found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<String, GenericRecord> record : consumer.poll(Duration.ofSeconds(1))) {
          print(record);
        }
      }
    }
  }

  private static void print(ConsumerRecord<String, GenericRecord> record) {
    GenericRecord value = record.value();
    if (value.hasField("payload")) {
      ByteBuffer payload = (ByteBuffer) value.get("payload");
      System.out.printf(
          "%d@%d  %s.%s  %s  %s%n",
          record.partition(),
          record.offset(),
          value.get("service"),
          value.get("action"),
          value.get("id"),
          StandardCharsets.UTF_8.decode(payload));
    } else {
      System.out.printf("%d@%d  %s%n", record.partition(), record.offset(), value);
    }
  }
}
