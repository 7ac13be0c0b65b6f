package dev.areaflow.ingest.polls;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.ShareGroups;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the share group of all poll workers. It takes polls, carries each out on a virtual
 * thread, and accepts its record when Kafka has the result, or after two seconds if the call still
 * runs: a poll that is lost then is issued again at its deadline. Start and close are called once
 * each.
 */
public final class PollWorker implements AutoCloseable {
  static final String GROUP = "areaflow-polls";

  private static final Logger LOG = LoggerFactory.getLogger(PollWorker.class);
  private static final Duration STOP = Duration.ofSeconds(10);

  /** Together with {@link #ACCEPT_AFTER} below the 30 s for which the broker locks a record. */
  private static final Duration WAIT_FOR_ROOM = Duration.ofSeconds(10);

  private static final Duration ACCEPT_AFTER = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final int BATCH = 50;
  private static final int MOST_IN_FLIGHT = 512;

  private final String bootstrapServers;
  private final GuardedHttpClient client;
  private final PollCall calls;
  private final Deserializer<Poll> polls;
  private final Serializer<PollResult> results;
  private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable ShareConsumer<byte[], byte[]> current;
  private volatile @Nullable Producer<String, byte[]> producer;

  /** Connects nothing yet; {@link #start} does. */
  public PollWorker(
      String bootstrapServers,
      HttpClientConfig http,
      ServiceCatalog catalog,
      TopicSerdes serdes,
      Credentials credentials,
      CallBudgets budgets) {
    this.bootstrapServers = bootstrapServers;
    this.client = new GuardedHttpClient(http);
    this.calls = new PollCall(catalog, client, credentials, budgets, Clock.systemUTC());
    this.polls = serdes.values(Topics.POLLS).deserializer();
    this.results = serdes.values(Topics.POLL_RESULTS).serializer();
    this.thread = Thread.ofPlatform().name("poll-worker").unstarted(this::run);
  }

  /**
   * Sets the group's settings, which must stand before its first consumer polls.
   *
   * @throws KafkaException if the broker does not take them
   */
  public static void configure(Admin admin) throws InterruptedException {
    try {
      ShareGroups.configure(admin, GROUP);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("share group " + GROUP + " cannot be configured", e);
    }
  }

  /** Begins to take polls; the topics and the group's settings must stand. */
  public void start() {
    producer = producer();
    thread.start();
  }

  private void run() {
    try {
      while (closing.getCount() > 0) {
        try {
          consume();
        } catch (WakeupException e) {
          LOG.debug("woken up to stop");
        } catch (RuntimeException e) {
          LOG.warn("poll worker failed and is made again in {}", PAUSE, e);
          closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void consume() throws InterruptedException {
    ShareConsumer<byte[], byte[]> consumer = consumer();
    try {
      consumer.setAcknowledgementCommitCallback(
          (offsets, failure) -> {
            if (failure != null) {
              LOG.warn("polls {} will come again: {}", offsets, failure.toString());
            }
          });
      consumer.subscribe(List.of(Topics.POLLS.name()));
      current = consumer;
      while (closing.getCount() > 0) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(ShareGroups.POLL);
        if (!records.isEmpty()) {
          accept(consumer, begin(records));
        }
      }
    } finally {
      current = null;
      consumer.close(CLOSE);
    }
  }

  /** One record and what becomes of it. */
  private record Work(
      ConsumerRecord<byte[], byte[]> source, CompletableFuture<AcknowledgeType> outcome) {}

  private void accept(ShareConsumer<byte[], byte[]> consumer, List<Work> batch)
      throws InterruptedException {
    long deadline = System.nanoTime() + ACCEPT_AFTER.toNanos();
    for (Work work : batch) {
      long left = Math.max(0, deadline - System.nanoTime());
      AcknowledgeType outcome;
      try {
        outcome = work.outcome().get(left, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        outcome = AcknowledgeType.ACCEPT; // goes on; its deadline covers it
      } catch (ExecutionException e) {
        // Not released: a record handed out five times is dropped, at its deadline it comes anew.
        LOG.warn("poll comes again at its deadline: its result was not kept", e);
        outcome = AcknowledgeType.ACCEPT;
      }
      consumer.acknowledge(work.source(), outcome);
    }
  }

  /**
   * Begins the polls of a batch, once there is room for all of them. Those for which there is none
   * in time come again at their deadlines.
   */
  private List<Work> begin(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
    List<Work> batch = new ArrayList<>(records.count());
    List<Task> tasks = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> source : records) {
      Work work = new Work(source, new CompletableFuture<>());
      batch.add(work);
      try {
        tasks.add(new Task(polls.deserialize(source.topic(), source.value()), work.outcome()));
      } catch (RuntimeException e) {
        if (RegistryUnavailableException.isCauseOf(e)) {
          throw new KafkaException("polls cannot be read while the schema registry is away", e);
        }
        LOG.error("poll at {}-{} cannot be read", source.partition(), source.offset(), e);
        work.outcome().complete(AcknowledgeType.REJECT);
      }
    }
    if (room.tryAcquire(tasks.size(), WAIT_FOR_ROOM.toMillis(), TimeUnit.MILLISECONDS)) {
      tasks.forEach(this::begin);
    } else {
      LOG.warn("{} polls come again at their deadlines: too many run", tasks.size());
      tasks.forEach(task -> task.outcome().complete(AcknowledgeType.ACCEPT));
    }
    return batch;
  }

  /** One poll and what becomes of its record. */
  private record Task(Poll poll, CompletableFuture<AcknowledgeType> outcome) {}

  @SuppressWarnings("FutureReturnValueIgnored") // the outcome says all of it
  private void begin(Task task) {
    threads.submit(
        () -> {
          try {
            for (PollResult result : calls.carryOut(task.poll())) {
              keep(result);
            }
            task.outcome().complete(AcknowledgeType.ACCEPT);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            task.outcome().complete(AcknowledgeType.ACCEPT);
          } catch (ExecutionException | RuntimeException e) {
            task.outcome().completeExceptionally(e);
          } finally {
            room.release();
          }
        });
  }

  private void keep(PollResult result) throws ExecutionException, InterruptedException {
    Producer<String, byte[]> open = producer;
    if (open == null) {
      throw new IllegalStateException("not started");
    }
    open.send(
            new ProducerRecord<>(
                Topics.POLL_RESULTS.name(),
                result.getHookId(),
                results.serialize(Topics.POLL_RESULTS.name(), result)))
        .get();
  }

  private ShareConsumer<byte[], byte[]> consumer() {
    return new KafkaShareConsumer<>(
        ShareGroups.consumer(bootstrapServers, GROUP, "area-poll-worker", BATCH),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private Producer<String, byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.CLIENT_ID_CONFIG,
            "area-poll-results",
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            true,
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4",
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            TopicAdmin.MAX_MESSAGE_BYTES,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            5_000,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            20_000),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  /** Gives up the calls under way; their polls are issued again at their deadlines. */
  @Override
  public void close() {
    closing.countDown();
    ShareConsumer<byte[], byte[]> open = current;
    if (open != null) {
      open.wakeup();
    }
    try {
      if (thread.isAlive() && !thread.join(STOP)) {
        LOG.warn("the poll worker did not stop in time and is interrupted");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
    client.close();
    @Nullable Producer<String, byte[]> made = producer;
    if (made != null) {
      made.close(CLOSE);
    }
  }
}
