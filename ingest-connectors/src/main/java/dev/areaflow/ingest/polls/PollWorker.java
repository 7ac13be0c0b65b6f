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
import dev.areaflow.schemas.topics.ShareLoop;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
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
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the share group of all poll workers. It takes polls and carries each out on a virtual
 * thread. A record is accepted when its poll begins, so that a slow provider holds up none behind
 * it: a poll that is lost then is issued again at its deadline. Start and close are called once
 * each.
 */
public final class PollWorker implements AutoCloseable {
  static final String GROUP = "areaflow-polls";
  static final int MOST_IN_FLIGHT = 512;

  private static final Logger LOG = LoggerFactory.getLogger(PollWorker.class);
  private static final Duration STOP = Duration.ofSeconds(10);

  /** Of a whole batch; far below the 30 s for which the broker locks a record. */
  private static final Duration WAIT_FOR_ROOM = Duration.ofSeconds(10);

  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final int BATCH = 50;

  private final Calls calls;
  private final GuardedHttpClient client;
  private final Supplier<Producer<String, byte[]>> producers;
  private final Deserializer<Poll> polls;
  private final Serializer<PollResult> results;
  private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ShareLoop loop;
  private final Thread thread;
  private volatile @Nullable Producer<String, byte[]> producer;

  /** Carries polls out. */
  @FunctionalInterface
  interface Calls {
    /** The pages of a poll's result; none where it is too late for it. */
    List<PollResult> carryOut(Poll poll) throws InterruptedException;
  }

  /** Connects nothing yet; {@link #start} does. */
  public PollWorker(
      String bootstrapServers,
      HttpClientConfig http,
      ServiceCatalog catalog,
      TopicSerdes serdes,
      Credentials credentials,
      CallBudgets budgets) {
    GuardedHttpClient guarded = new GuardedHttpClient(http);
    PollCall call = new PollCall(catalog, guarded, credentials, budgets, Clock.systemUTC());
    this(
        () -> consumer(bootstrapServers),
        () -> producer(bootstrapServers),
        serdes,
        call::carryOut,
        guarded);
  }

  /**
   * @param client what the calls are made with; closed with this
   */
  PollWorker(
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      Supplier<Producer<String, byte[]>> producers,
      TopicSerdes serdes,
      Calls calls,
      GuardedHttpClient client) {
    this.calls = calls;
    this.client = client;
    this.producers = producers;
    this.polls = serdes.values(Topics.POLLS).deserializer();
    this.results = serdes.values(Topics.POLL_RESULTS).serializer();
    this.loop = new ShareLoop(Topics.POLLS, consumers, this::workOff, ShareLoop.Listener.NONE);
    this.thread = Thread.ofPlatform().name("poll-worker").unstarted(loop);
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
    producer = producers.get();
    thread.start();
  }

  /** Polls for which there is no room in time come again at their deadlines. */
  private void workOff(
      ShareConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records)
      throws InterruptedException {
    long deadline = System.nanoTime() + WAIT_FOR_ROOM.toNanos();
    int left = 0;
    for (ConsumerRecord<byte[], byte[]> source : records) {
      @Nullable Poll poll = read(source);
      if (poll != null) {
        if (room.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          begin(poll);
        } else {
          left++;
        }
      }
      consumer.acknowledge(source, poll == null ? AcknowledgeType.REJECT : AcknowledgeType.ACCEPT);
    }
    if (left > 0) {
      LOG.warn("{} polls come again at their deadlines: too many run", left);
    }
  }

  /** A poll; null where it is none, which never changes. */
  private @Nullable Poll read(ConsumerRecord<byte[], byte[]> source) {
    try {
      return polls.deserialize(source.topic(), source.value());
    } catch (RuntimeException e) {
      if (RegistryUnavailableException.isCauseOf(e)) {
        throw new KafkaException("polls cannot be read while the schema registry is away", e);
      }
      LOG.error("poll at {}-{} cannot be read", source.partition(), source.offset(), e);
      return null;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it says itself what becomes of it
  private void begin(Poll poll) {
    threads.submit(
        () -> {
          try {
            for (PollResult result : calls.carryOut(poll)) {
              keep(result);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (ExecutionException | RuntimeException e) {
            LOG.warn(
                "poll of hook {} comes again at its deadline: its result was not kept",
                poll.getHookId(),
                e);
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

  private static ShareConsumer<byte[], byte[]> consumer(String bootstrapServers) {
    return new KafkaShareConsumer<>(
        ShareGroups.consumer(bootstrapServers, GROUP, "area-poll-worker", BATCH),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static Producer<String, byte[]> producer(String bootstrapServers) {
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
    loop.close();
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
