package dev.areaflow.topology;

import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What must hold in Kafka before the application starts: topics that share tasks have equally many
 * partitions, and the application knows where it stopped reading events and outcomes.
 *
 * <p>Offsets are never reset by themselves: reading from the beginning would match a month of
 * events again, from the end would lose those that wait. Only an application that has neither
 * offsets nor state begins at the beginning.
 */
final class StartConditions {
  private static final List<Topic<?>> BY_HOME =
      List.of(Topics.EVENTS, Topics.OUTCOMES, Topics.TICKS, Topics.REQUESTS);
  private static final List<Topic<?>> READ_ONCE = List.of(Topics.EVENTS, Topics.OUTCOMES);

  private final Admin admin;

  StartConditions(Admin admin) {
    this.admin = admin;
  }

  /**
   * Checks them, and commits the first offsets of a new application.
   *
   * @param forgetState removes what earlier lives left on this machine's disk; called before the
   *     first offsets are committed, for stores that know what the topics do not would be believed
   * @throws RefusedStartException if one does not hold
   * @throws ExecutionException if Kafka does not answer
   */
  void establish(Runnable forgetState) throws ExecutionException, InterruptedException {
    Set<String> topics = admin.listTopics().names().get();
    verifyCopartitioning(topics);
    Set<TopicPartition> read = partitions(READ_ONCE.stream().map(Topic::name).toList());
    Map<TopicPartition, Long> committed = committed(read);
    Set<TopicPartition> missing = new HashSet<>(read);
    missing.removeAll(committed.keySet());
    if (missing.isEmpty()) {
      verifyInRange(committed);
    } else if (committed.isEmpty() && !hasState(topics)) {
      forgetState.run();
      commitBeginnings(read);
    } else {
      throw new RefusedStartException(
          "the consumer group "
              + AreaflowTopology.APPLICATION
              + " has lost its offsets of "
              + sorted(missing)
              + " while its state is there; to go on, set them with kafka-consumer-groups"
              + " --reset-offsets to where it stopped, or, to rebuild from all kept events, delete"
              + " the group, its internal topics and what lies in state.dir on every machine");
    }
  }

  private void verifyCopartitioning(Set<String> topics)
      throws ExecutionException, InterruptedException {
    List<String> names = new ArrayList<>(BY_HOME.stream().map(Topic::name).toList());
    Stream.of(AreaflowTopology.REPARTITION_TOPIC, AreaflowTopology.FORWARDED_TOPIC)
        .filter(topics::contains)
        .forEach(names::add);
    Map<String, Long> counts =
        partitions(names).stream()
            .collect(Collectors.groupingBy(TopicPartition::topic, Collectors.counting()));
    if (new HashSet<>(counts.values()).size() > 1) {
      throw new RefusedStartException(
          "topics that meet in one task must have equally many partitions, found "
              + new TreeMap<>(counts)
              + "; make them again with the same number");
    }
  }

  private void verifyInRange(Map<TopicPartition, Long> committed)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> first = offsets(committed.keySet(), OffsetSpec.earliest());
    Map<TopicPartition, Long> end = offsets(committed.keySet(), OffsetSpec.latest());
    Set<String> wrong = new TreeSet<>();
    committed.forEach(
        (partition, offset) -> {
          long from = Objects.requireNonNull(first.get(partition));
          long to = Objects.requireNonNull(end.get(partition));
          if (offset < from || offset > to) {
            wrong.add(partition + " at " + offset + " of " + from + " to " + to);
          }
        });
    if (!wrong.isEmpty()) {
      throw new RefusedStartException(
          "the consumer group "
              + AreaflowTopology.APPLICATION
              + " stopped at offsets that are not kept: "
              + String.join(", ", wrong)
              + "; what is missing is lost; to go on with the rest, set the offsets with"
              + " kafka-consumer-groups --reset-offsets --to-earliest");
    }
  }

  private void commitBeginnings(Set<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> beginnings = new HashMap<>();
    offsets(partitions, OffsetSpec.earliest())
        .forEach((partition, offset) -> beginnings.put(partition, new OffsetAndMetadata(offset)));
    admin.alterConsumerGroupOffsets(AreaflowTopology.APPLICATION, beginnings).all().get();
  }

  private Map<TopicPartition, Long> committed(Set<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> committed = new HashMap<>();
    admin
        .listConsumerGroupOffsets(AreaflowTopology.APPLICATION)
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach(
            (partition, offset) -> {
              if (offset != null && partitions.contains(partition)) {
                committed.put(partition, offset.offset());
              }
            });
    return committed;
  }

  /** Whether a store was ever written. */
  private boolean hasState(Set<String> topics) throws ExecutionException, InterruptedException {
    List<String> changelogs =
        topics.stream()
            .filter(name -> name.startsWith(AreaflowTopology.APPLICATION + "-"))
            .filter(name -> name.endsWith("-changelog"))
            .toList();
    return offsets(partitions(changelogs), OffsetSpec.latest()).values().stream()
        .anyMatch(end -> end > 0);
  }

  private Set<TopicPartition> partitions(Collection<String> names)
      throws ExecutionException, InterruptedException {
    return admin.describeTopics(names).allTopicNames().get().values().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(partition -> new TopicPartition(topic.name(), partition.partition())))
        .collect(Collectors.toSet());
  }

  private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, ListOffsetsResultInfo> found =
        admin
            .listOffsets(
                partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> spec)))
            .all()
            .get();
    Map<TopicPartition, Long> offsets = new HashMap<>();
    found.forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  private static Set<String> sorted(Set<TopicPartition> partitions) {
    return partitions.stream()
        .map(TopicPartition::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
