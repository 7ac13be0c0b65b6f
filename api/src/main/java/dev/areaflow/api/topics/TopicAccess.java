package dev.areaflow.api.topics;

import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Access to Kafka. Safe for several threads. */
public final class TopicAccess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicAccess.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CALL = Duration.ofSeconds(10);

  /** Most records that one poll of a {@link #consumer} gives. */
  public static final int MOST_RECORDS_A_POLL = 2_000;

  private final TopicSettings settings;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable String missing = "the topics are not made yet";

  public TopicAccess(TopicSettings settings) {
    this.settings = settings;
  }

  /**
   * Makes the topics that are missing, on a thread of its own, until it succeeds.
   *
   * @param whenMade what may begin then
   */
  public void start(Runnable whenMade) {
    Thread.ofVirtual().name("api-topics").start(() -> makeTopics(whenMade));
  }

  private void makeTopics(Runnable whenMade) {
    try {
      do {
        try (Admin admin = Admin.create(clientSettings())) {
          new TopicAdmin(admin, settings).createMissing();
          missing = null;
          whenMade.run();
          return;
        } catch (KafkaException | IllegalStateException e) {
          missing = "the topics cannot be made: " + e.getMessage();
          LOG.warn("{}; trying again", missing);
        }
      } while (!closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, Object> clientSettings() {
    return Map.of(
        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
        settings.bootstrapServers(),
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) CALL.toMillis(),
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        (int) CALL.toMillis());
  }

  /**
   * A new consumer that belongs to no group, sees what is committed, and never moves by itself:
   * offsets out of range are an exception. The caller closes it.
   */
  public Consumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            settings.bootstrapServers(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            false,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            MOST_RECORDS_A_POLL,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            100,
            ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            (int) CALL.toMillis(),
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            (int) CALL.toMillis()),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }

  /** What is still missing; empty when the topics are there. */
  public List<String> notReady() {
    String reason = missing;
    return reason == null ? List.of() : List.of(reason);
  }

  /** Gives up making topics. */
  @Override
  public void close() {
    closed.countDown();
  }
}
