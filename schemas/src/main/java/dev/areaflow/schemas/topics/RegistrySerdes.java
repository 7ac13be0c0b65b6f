package dev.areaflow.schemas.topics;

import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import io.apicurio.registry.serde.strategy.TopicIdStrategy;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Avro through Apicurio's serde: a magic byte, the schema's 4-byte content id, the record. A
 * registry that cannot be reached is a {@link RegistryUnavailableException} from the serde, never a
 * skipped record. The schemas of a topic are the versions of one artifact, whose rule of
 * compatibility is set before the first record is written; a schema that it refuses is an {@link
 * RefusedSchemaException}.
 */
public final class RegistrySerdes implements TopicSerdes {
  private static final Duration SCHEMAS_KNOWN_FOR = Duration.ofDays(36_500);

  private final String registryUrl;
  private final Map<String, Object> configuration;

  /**
   * @param registryUrl the registry's API, for example {@code
   *     http://127.0.0.1:8081/apis/registry/v3}
   */
  public RegistrySerdes(String registryUrl) {
    this.registryUrl = registryUrl;
    this.configuration = configuration(registryUrl);
  }

  static Map<String, Object> configuration(String registryUrl) {
    return Map.of(
        "apicurio.registry.url",
        registryUrl,
        "apicurio.registry.auto-register",
        true,
        "apicurio.registry.auto-register.if-exists",
        "FIND_OR_CREATE_VERSION",
        "apicurio.registry.artifact-resolver-strategy",
        TopicIdStrategy.class.getName(),
        "apicurio.registry.avro-datum-provider",
        SpecificDatums.class.getName(),
        // by default every schema is asked for again after 30 s, in the thread that has a record
        // in hand; but a schema keeps its id, so what is known once does not need the registry
        "apicurio.registry.check-period-ms",
        SCHEMAS_KNOWN_FOR);
  }

  @Override
  public <V> Serde<V> values(Topic<V> topic) {
    if (!SpecificRecord.class.isAssignableFrom(topic.value())) {
      return new JsonRowSerde<>(topic);
    }
    Serializer<V> serializer = new AvroKafkaSerializer<>();
    Deserializer<V> deserializer = new AvroKafkaDeserializer<>();
    serializer.configure(configuration, false);
    deserializer.configure(configuration, false);
    return Serdes.serdeFrom(
        new RegistrySerializer<>(serializer, new CompatibilityRule(registryUrl, topic.name())),
        new RegistryDeserializer<>(deserializer, topic.value()));
  }
}
