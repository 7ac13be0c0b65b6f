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
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes outcomes and dead letters, and tells what became of them. What cannot be written now is
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
   * Registers the schemas of what is written, so that no command waits for that.
   *
   * @throws RuntimeException of the registry, if it is away or refuses; it may be called again
   */
  void prepare() {
    outcomes.serializer().serialize(Topics.OUTCOMES.name(), Outcome.newBuilder().build());
    deadLetters.serializer().serialize(Topics.DEAD_LETTERS.name(), DeadLetter.newBuilder().build());
  }

  /** What became of a message. */
  enum Fate {
    /** Kafka has it. */
    WRITTEN,
    /** Kafka does not have it, and nobody tries any longer. */
    GIVEN_UP
  }

  /**
   * Writes an outcome.
   *
   * @param done told once, on any thread, when Kafka has it or it was given up
   */
  void publish(Outcome outcome, Consumer<Fate> done) {
    send(new Message<>(Topics.OUTCOMES, outcomes, outcome.getHome(), outcome, done), FIRST_PAUSE);
  }

  /** Writes a dead letter; {@code done} as for outcomes. */
  void publish(DeadLetter letter, Consumer<Fate> done) {
    String key = letter.getTopic() + "-" + letter.getPartition() + "-" + letter.getOffset();
    send(new Message<>(Topics.DEAD_LETTERS, deadLetters, key, letter, done), FIRST_PAUSE);
  }

  private record Message<V>(
      Topic<V> topic, Serde<V> serde, String key, V value, Consumer<Fate> done, long firstNanos) {
    private Message(Topic<V> topic, Serde<V> serde, String key, V value, Consumer<Fate> done) {
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
              message.done().accept(Fate.WRITTEN);
            } else {
              sendAgain(message, pause, failure);
            }
          });
    } catch (RuntimeException | Error e) { // an unwritten error would keep its command in hand
      sendAgain(message, pause, e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // send() handles what goes wrong in it
  private void sendAgain(Message<?> message, Duration pause, Throwable failure) {
    boolean mayHelp =
        failure instanceof RetriableException || RegistryUnavailableException.isCauseOf(failure);
    boolean late = System.nanoTime() - message.firstNanos() > PATIENCE.toNanos();
    if (!mayHelp || late) {
      LOG.error(
          "gave up writing to {}, key {}: Kafka does not have it; a command whose outcome this is"
              + " comes again after its deadline",
          message.topic().name(),
          message.key(),
          failure);
      message.done().accept(Fate.GIVEN_UP);
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
      message.done().accept(Fate.GIVEN_UP);
    }
  }

  /** Writes what is in hand within some seconds, and gives up the rest. */
  @Override
  public void close() {
    int unwritten = retries.shutdownNow().size();
    if (unwritten > 0) {
      LOG.warn("closed before writing {} messages that Kafka had not taken", unwritten);
    }
    producer.close(CLOSE);
    outcomes.close();
    deadLetters.close();
  }
}
