package dev.areaflow.topology;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.clients.admin.internals.CoordinatorKey;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;

/** A broker as far as the conditions of a start ask: its topics, and the offsets of one group. */
final class FakeBroker {
  private final Map<String, Topic> topics = new TreeMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();

  private record Topic(int partitions, long first, long end) {}

  /** Each partition holds the records from {@code first} to before {@code end}. */
  void topic(String name, int partitions, long first, long end) {
    topics.put(name, new Topic(partitions, first, end));
  }

  void commit(String topic, int partition, long offset) {
    committed.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset));
  }

  Map<TopicPartition, Long> committed() {
    return committed.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  Admin admin() {
    return (Admin)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Admin.class},
            (proxy, method, arguments) -> answer(method, arguments));
  }

  @SuppressWarnings("unchecked") // the arguments are those of the methods of Admin
  private Object answer(Method method, Object[] arguments) throws ReflectiveOperationException {
    return switch (method.getName()) {
      case "listTopics" -> make(ListTopicsResult.class, done(listings()));
      case "describeTopics" -> new Descriptions(descriptions((Collection<String>) arguments[0]));
      case "listOffsets" -> offsets((Map<TopicPartition, OffsetSpec>) arguments[0]);
      case "listConsumerGroupOffsets" ->
          make(
              ListConsumerGroupOffsetsResult.class,
              Map.of(CoordinatorKey.byGroupId((String) arguments[0]), done(Map.copyOf(committed))));
      case "alterConsumerGroupOffsets" -> {
        committed.putAll((Map<TopicPartition, OffsetAndMetadata>) arguments[1]);
        yield make(AlterConsumerGroupOffsetsResult.class, done(Map.of()));
      }
      default -> throw new UnsupportedOperationException(method.getName());
    };
  }

  private Map<String, TopicListing> listings() {
    return topics.keySet().stream()
        .collect(
            Collectors.toMap(
                Function.identity(), name -> new TopicListing(name, Uuid.ZERO_UUID, false)));
  }

  private Map<String, KafkaFuture<TopicDescription>> descriptions(Collection<String> names) {
    return names.stream()
        .collect(Collectors.toMap(Function.identity(), name -> done(description(name))));
  }

  private TopicDescription description(String name) {
    List<TopicPartitionInfo> partitions =
        IntStream.range(0, topic(name).partitions())
            .mapToObj(p -> new TopicPartitionInfo(p, null, List.of(), List.of()))
            .toList();
    return new TopicDescription(name, false, partitions);
  }

  private ListOffsetsResult offsets(Map<TopicPartition, OffsetSpec> asked) {
    Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> offsets = new HashMap<>();
    asked.forEach(
        (partition, spec) -> {
          Topic topic = topic(partition.topic());
          long offset = spec instanceof OffsetSpec.EarliestSpec ? topic.first() : topic.end();
          offsets.put(partition, done(new ListOffsetsResultInfo(offset, -1, Optional.empty())));
        });
    return new ListOffsetsResult(offsets);
  }

  private Topic topic(String name) {
    return Optional.ofNullable(topics.get(name)).orElseThrow();
  }

  private static <T> KafkaFuture<T> done(T value) {
    return KafkaFuture.completedFuture(value);
  }

  /** Kafka's results have no constructors for others. */
  private static <T> T make(Class<T> result, Object argument) throws ReflectiveOperationException {
    Constructor<?> constructor = result.getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    return result.cast(constructor.newInstance(argument));
  }

  private static final class Descriptions extends DescribeTopicsResult {
    Descriptions(Map<String, KafkaFuture<TopicDescription>> byName) {
      super(null, Collections.unmodifiableMap(byName));
    }
  }
}
