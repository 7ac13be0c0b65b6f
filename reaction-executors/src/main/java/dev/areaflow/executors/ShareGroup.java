package dev.areaflow.executors;

import dev.areaflow.schemas.topics.ShareGroups;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.clients.admin.ShareMemberDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The share group of all executors: its consumers, its members. */
final class ShareGroup {
  static final String ID = "areaflow-executors";

  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** A batch is at most as large as the largest record; one record always comes. */
  private static final int MOST_BATCH_BYTES = 4 * 1024 * 1024;

  private final String bootstrapServers;

  /** Of all consumers made here, and of no other process: the group has the members of all. */
  private final String clientIdPrefix = "area-executors-" + UUID.randomUUID() + "-";

  private final AtomicInteger made = new AtomicInteger();

  ShareGroup(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /** How many of the consumers made here have partitions. */
  long membersAtWork(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    try {
      Map<String, ShareGroupDescription> groups =
          admin
              .describeShareGroups(List.of(ID))
              .all()
              .get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      return groups.values().stream()
          .flatMap(group -> group.members().stream())
          .filter(this::isAtWork)
          .count();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw e;
    }
  }

  /** Whether a member is a consumer made here, and has partitions. */
  boolean isAtWork(ShareMemberDescription member) {
    return member.clientId().startsWith(clientIdPrefix)
        && !member.assignment().topicPartitions().isEmpty();
  }

  String nextClientId() {
    return clientIdPrefix + made.incrementAndGet();
  }

  /** A consumer that acknowledges each record and gets at most so many at once. */
  ShareConsumer<byte[], byte[]> consumer(int batch) {
    Map<String, Object> configuration =
        ShareGroups.consumer(bootstrapServers, ID, nextClientId(), batch);
    configuration.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, MOST_BATCH_BYTES);
    return new KafkaShareConsumer<>(
        configuration, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
