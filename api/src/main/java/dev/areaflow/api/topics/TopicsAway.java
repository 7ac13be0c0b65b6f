package dev.areaflow.api.topics;

import dev.areaflow.api.http.Problem;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What clients are told where Kafka or the registry does not answer. */
public final class TopicsAway {
  private static final Logger LOG = LoggerFactory.getLogger(TopicsAway.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private TopicsAway() {}

  /**
   * Reads from topics.
   *
   * @throws Problem 503 where they cannot be read now
   */
  public static <T> T asProblem(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (KafkaException | SlowTopicException | RegistryUnavailableException e) {
      LOG.warn("events cannot be read now: {}", e.getMessage());
      throw Problem.unavailable("The kept events cannot be read right now.", RETRY);
    }
  }
}
