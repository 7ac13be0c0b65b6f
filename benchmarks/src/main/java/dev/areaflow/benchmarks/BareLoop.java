package dev.areaflow.benchmarks;

import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.launcher.embedded.KafkaBroker;
import dev.areaflow.launcher.embedded.Ports;
import dev.areaflow.launcher.embedded.Running;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.ShareGroups;
import dev.areaflow.schemas.topics.TopicAdmin;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The yardstick: the platform's parts with nothing between them. The same HTTP server, broker, kind
 * of topics, exactly-once Streams, share consumers and HTTP client, set as the platform sets them;
 * no users, no registry, no signatures, no conditions, no templates, no outcomes, no run log. What
 * the platform does is measured against it.
 */
final class BareLoop implements AutoCloseable {
  private static final String EVENTS = "bare.events";
  private static final String COMMANDS = "bare.commands";
  private static final String GROUP = "bare-executors";
  private static final String ID = "id";
  private static final int PARTITIONS = 4;
  private static final int CONSUMERS = 4;
  private static final int BATCH = 64;
  private static final int COMMIT_MILLIS = 40;
  private static final int RECORDS_IN_HAND = 100;
  private static final int CONNECTIONS = 1_024;
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(2);

  /** All events have one hook, as those of the measured platform. */
  private static final String HOOK = "hook";

  private final Path data;
  private final URI sink;
  private final Running running = new Running();
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  BareLoop(Path data, String sink) {
    this.data = data;
    this.sink = URI.create(sink);
  }

  /** Starts it and returns the address that takes deliveries. */
  String start() throws Exception {
    KafkaBroker broker =
        running.add(new KafkaBroker(data.resolve("kafka"), Ports.free(), Ports.free()));
    broker.start();
    String servers = broker.bootstrapServers();
    createTopics(servers);
    GuardedHttpClient client =
        running.add(
            new GuardedHttpClient(
                HttpClientConfig.from(Settings.of(Map.of("egress.allow", sink.getAuthority())))));
    for (int i = 0; i < CONSUMERS; i++) {
      Consumer consumer = running.add(new Consumer(shareConsumer(servers), client));
      consumer.thread.start();
    }
    running.add(() -> calls.shutdownNow());
    KafkaStreams streams = running.add(streams(servers));
    streams.start();
    Producer<String, byte[]> producer = running.add(producer(servers));
    WebServer server = server(producer).start();
    running.add(server::stop);
    return "http://127.0.0.1:" + server.port() + "/hooks/bare";
  }

  private static void createTopics(String servers)
      throws ExecutionException, InterruptedException, TimeoutException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(EVENTS, PARTITIONS, (short) 1),
                  new NewTopic(COMMANDS, PARTITIONS, (short) 1)))
          .all()
          .get();
      ShareGroups.configure(admin, GROUP);
    }
  }

  private static Producer<String, byte[]> producer(String servers) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            servers,
            "acks",
            "all",
            "linger.ms",
            5,
            "batch.size",
            128 * 1024,
            "compression.type",
            "lz4",
            "max.request.size",
            TopicAdmin.MAX_MESSAGE_BYTES),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static WebServer server(Producer<String, byte[]> producer) {
    return WebServer.builder()
        .host("127.0.0.1")
        .port(0)
        .shutdownHook(false)
        .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
        .maxTcpConnections(CONNECTIONS)
        .routing(
            routing ->
                routing.post(
                    "/hooks/{token}", (request, answer) -> keep(producer, request, answer)))
        .build();
  }

  private static void keep(
      Producer<String, byte[]> producer, ServerRequest request, ServerResponse answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    byte[] body = request.content().as(byte[].class);
    String id = request.headers().get(HeaderNames.create("X-GitHub-Delivery")).get();
    ProducerRecord<String, byte[]> event = new ProducerRecord<>(EVENTS, HOOK, body);
    event.headers().add(ID, id.getBytes(StandardCharsets.UTF_8));
    producer.send(event).get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    answer
        .status(Status.ACCEPTED_202)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .send(("{\"eventId\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  private KafkaStreams streams(String servers) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "bare");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_MILLIS);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, data.resolve("state").toString());
    properties.put(StreamsConfig.consumerPrefix("max.poll.records"), RECORDS_IN_HAND);
    properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(EVENTS, Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .process(PassOn::new)
        .to(COMMANDS, Produced.with(Serdes.String(), Serdes.ByteArray()));
    return new KafkaStreams(builder.build(), properties);
  }

  /** Makes the small command that a reaction needs of each event. */
  private static final class PassOn extends ContextualProcessor<String, byte[], String, byte[]> {
    @Override
    public void process(Record<String, byte[]> event) {
      String id = new String(event.headers().lastHeader(ID).value(), StandardCharsets.UTF_8);
      byte[] command =
          ("{\"text\":\"the bare loop knows no templates\",\"delivery\":\"" + id + "\"}")
              .getBytes(StandardCharsets.UTF_8);
      event.headers().remove(ID);
      context().forward(event.withKey(id).withValue(command));
    }
  }

  private static ShareConsumer<String, byte[]> shareConsumer(String servers) {
    return new KafkaShareConsumer<>(
        ShareGroups.consumer(servers, GROUP, "bare-consumer", BATCH),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }

  /** Takes a batch, calls the sink for each of it, accepts, and takes the next. */
  private final class Consumer implements AutoCloseable {
    private final ShareConsumer<String, byte[]> consumer;
    private final GuardedHttpClient client;
    private final Thread thread = Thread.ofPlatform().name("bare-consumer").unstarted(this::work);

    Consumer(ShareConsumer<String, byte[]> consumer, GuardedHttpClient client) {
      this.consumer = consumer;
      this.client = client;
    }

    private void work() {
      try (consumer) {
        consumer.subscribe(List.of(COMMANDS));
        while (!Thread.currentThread().isInterrupted()) {
          ConsumerRecords<String, byte[]> batch = consumer.poll(ShareGroups.POLL);
          CountDownLatch open = new CountDownLatch(batch.count());
          for (ConsumerRecord<String, byte[]> command : batch) {
            calls.execute(() -> call(command, open));
          }
          open.await();
          batch.forEach(command -> consumer.acknowledge(command, AcknowledgeType.ACCEPT));
        }
      } catch (WakeupException | InterruptedException e) {
        // closing
      }
    }

    private void call(ConsumerRecord<String, byte[]> command, CountDownLatch open) {
      try {
        client.send(
            new OutboundRequest(
                "POST",
                sink,
                Map.of("Content-Type", "application/json", "Idempotency-Key", command.key()),
                Optional.of(command.value())));
      } catch (IOException e) {
        System.err.println("the sink was not reached: " + e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        open.countDown();
      }
    }

    @Override
    public void close() {
      consumer.wakeup();
      try {
        if (!thread.join(CLOSE)) {
          thread.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    running.close();
  }
}
