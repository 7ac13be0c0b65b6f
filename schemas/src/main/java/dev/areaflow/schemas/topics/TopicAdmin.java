package dev.areaflow.schemas.topics;

import dev.areaflow.schemas.topics.Topic.Cleanup;
import dev.areaflow.schemas.topics.Topic.Timestamps;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Makes the topics of the catalogue, with explicit settings. Every role calls it at start; those
 * that are there already are left as they are, but their partitions must agree with the settings.
 */
public final class TopicAdmin {
  /** Largest record batch on any topic: an event of the largest size, and its envelope. */
  public static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** From so many copies on, one may be missing while records are acknowledged by two. */
  private static final int COPIES_FOR_TWO_IN_SYNC = 3;

  private final Admin admin;
  private final TopicSettings settings;

  /**
   * @param admin the caller's to close
   */
  public TopicAdmin(Admin admin, TopicSettings settings) {
    this.admin = admin;
    this.settings = settings;
  }

  /**
   * Creates what is missing.
   *
   * @throws IllegalStateException if a topic stands with another number of partitions, or the
   *     broker refuses
   * @throws InterruptedException if interrupted while waiting for the broker
   */
  public void createMissing() throws InterruptedException {
    try {
      Set<String> existing = admin.listTopics().names().get();
      List<NewTopic> missing =
          Topics.all().stream()
              .filter(topic -> !existing.contains(topic.name()))
              .map(this::newTopic)
              .toList();
      for (var creation : admin.createTopics(missing).values().values()) {
        try {
          creation.get();
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
        }
      }
      verifyPartitions();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "topics could not be made at " + settings.bootstrapServers() + ": " + e.getCause(),
          e.getCause());
    }
  }

  private void verifyPartitions() throws ExecutionException, InterruptedException {
    Set<String> names = Topics.all().stream().map(Topic::name).collect(Collectors.toSet());
    Map<String, TopicDescription> descriptions = describe(names);
    Set<String> wrong = new TreeSet<>();
    descriptions.forEach(
        (name, description) -> {
          if (description.partitions().size() != settings.partitions()) {
            wrong.add(name + " has " + description.partitions().size());
          }
        });
    if (!wrong.isEmpty()) {
      throw new IllegalStateException(
          "topics.partitions is "
              + settings.partitions()
              + ", but "
              + String.join(", ", wrong)
              + "; set it to what the topics have");
    }
  }

  /**
   * A topic just made may not be known to every broker yet, so unknown topics are asked for again.
   */
  private Map<String, TopicDescription> describe(Set<String> names)
      throws ExecutionException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return admin.describeTopics(names).allTopicNames().get();
      } catch (ExecutionException e) {
        boolean unknown =
            e.getCause() instanceof org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
        if (!unknown || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  NewTopic newTopic(Topic<?> topic) {
    Map<String, String> configuration = new HashMap<>();
    configuration.put(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        topic.cleanup() == Cleanup.COMPACT
            ? TopicConfig.CLEANUP_POLICY_COMPACT
            : TopicConfig.CLEANUP_POLICY_DELETE);
    topic
        .retention()
        .ifPresent(
            retention ->
                configuration.put(
                    TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis())));
    if (topic.equals(Topics.EVENTS)) {
      configuration.put(
          TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(settings.retentionBytes()));
    }
    configuration.put(
        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
        topic.timestamps() == Timestamps.LOG_APPEND ? "LogAppendTime" : "CreateTime");
    configuration.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_MESSAGE_BYTES));
    if (settings.replicationFactor() >= COPIES_FOR_TWO_IN_SYNC) {
      configuration.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return new NewTopic(
            topic.name(),
            Optional.of(settings.partitions()),
            Optional.of((short) settings.replicationFactor()))
        .configs(configuration);
  }
}
