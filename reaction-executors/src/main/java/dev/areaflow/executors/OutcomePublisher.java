package dev.areaflow.executors;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes outcomes and dead letters, and tells when Kafka has them. What cannot be written now is
 * tried again for some minutes, then given up: the topology asks again at the command's deadline.
 * Safe for several threads.
 */
final class OutcomePublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutcomePublisher.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Producer<String, byte[]> producer;
  private final Serde<Outcome> outcomes;
  private final Serde<DeadLetter> deadLetters;
  private final ExecutorMetrics metrics;
  private final ScheduledExecutorService retries =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("executors-outcome-retries").factory());

  /** The producer is closed with this. */
  OutcomePublisher(Producer<String, byte[]> producer, TopicSerdes serdes, ExecutorMetrics metrics) {
    this.producer = producer;
    this.outcomes = serdes.values(Topics.OUTCOMES);
    this.deadLetters = serdes.values(Topics.DEAD_LETTERS);
    this.metrics = metrics;
  }

  /**
   * Writes an outcome.
   *
   * @param done runs once, on any thread, when Kafka has it or it was given up
   */
  void publish(Outcome outcome, Runnable done) {
    send(new Message<>(Topics.OUTCOMES, outcomes, outcome.getHome(), outcome, done), FIRST_PAUSE);
  }

  /** Writes a dead letter; {@code done} as for outcomes. */
  void publish(DeadLetter letter, Runnable done) {
    String key = letter.getTopic() + "-" + letter.getPartition() + "-" + letter.getOffset();
    send(new Message<>(Topics.DEAD_LETTERS, deadLetters, key, letter, done), FIRST_PAUSE);
  }

  private record Message<V>(
      Topic<V> topic, Serde<V> serde, String key, V value, Runnable done, long firstNanos) {
    private Message(Topic<V> topic, Serde<V> serde, String key, V value, Runnable done) {
      this(topic, serde, key, value, done, System.nanoTime());
    }

    private ProducerRecord<String, byte[]> written() {
      return new ProducerRecord<>(
          topic.name(), key, serde.serializer().serialize(topic.name(), value));
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback tells how it went
  private void send(Message<?> message, Duration pause) {
    try {
      producer.send(
          message.written(),
          (metadata, failure) -> {
            if (failure == null) {
              message.done().run();
            } else {
              sendAgain(message, pause, failure);
            }
          });
    } catch (RuntimeException e) {
      sendAgain(message, pause, e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // send() handles what goes wrong in it
  private void sendAgain(Message<?> message, Duration pause, Exception failure) {
    boolean mayHelp =
        failure instanceof RetriableException || RegistryUnavailableException.isCauseOf(failure);
    boolean late = System.nanoTime() - message.firstNanos() > PATIENCE.toNanos();
    if (!mayHelp || late) {
      LOG.error("gave up writing to {}, key {}", message.topic().name(), message.key(), failure);
      message.done().run();
      return;
    }
    metrics.outcomeRetried();
    Duration next = pause.multipliedBy(2);
    try {
      retries.schedule(
          () -> send(message, next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next),
          pause.toMillis(),
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.warn(
          "closed before writing to {}, key {}: {}",
          message.topic().name(),
          message.key(),
          failure.toString());
      message.done().run();
    }
  }

  /** Writes what is in hand within some seconds, and gives up the rest. */
  @Override
  public void close() {
    retries.shutdownNow();
    producer.close(CLOSE);
    outcomes.close();
    deadLetters.close();
  }
}
