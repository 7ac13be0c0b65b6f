package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.client.AreaClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The broker is away for 20 s while four clients post: nothing is accepted that would be lost, all
 * comes back by itself, and the ledger agrees.
 */
class KafkaOutageIT {
  private static final Duration OUTAGE = Duration.ofSeconds(20);
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(2);
  private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int EVENTS = 100;

  @Test
  void withoutABrokerDeliveriesAreRefusedInTimeAndAcceptedAgainAfter(@TempDir Path folder)
      throws Exception {
    try (RecordingSink sink = new RecordingSink();
        Platform platform = Platforms.on(folder, sink)) {
      // given
      Platforms.start(platform);
      AreaClient client = new AreaClient(platform.api());
      LedgerAreas areas =
          new LedgerAreas(client.signUp("outage@example.org", "correct horse battery"), sink);
      Ledger ledger = areas.ledger();
      Ledger.Fault outage;
      Duration recovery;

      // when
      try (Load load = new Load(client, areas.hook(), areas.second(), ledger)) {
        load.awaitFurther(EVENTS, PATIENCE);
        Instant stopping = Instant.now();
        platform.kafka().close();
        Instant stopped = Instant.now();
        Instant end = Await.after(stopped, OUTAGE);
        outage = new Ledger.Fault(stopped, end);
        platform.kafka().start();
        Instant back = Instant.now();
        Await.until("every role to be ready again", PATIENCE, platform::notReady, List::isEmpty);
        Instant ready = Instant.now();
        recovery = Duration.between(back, ready);
        ledger.faulted(new Ledger.Fault(stopping, ready));
        load.awaitFurther(EVENTS, PATIENCE);
        load.finish();
      }

      // then
      List<Ledger.Delivery> refused =
          ledger.deliveries().stream().filter(delivery -> delivery.within(outage)).toList();
      assertThat(refused)
          .hasSizeGreaterThan(20)
          .allSatisfy(
              delivery -> {
                assertThat(delivery.status()).isEqualTo(503);
                assertThat(delivery.retryAfter()).isTrue();
                assertThat(delivery.took()).isLessThan(LONGEST_ANSWER);
              });
      assertThat(recovery).isLessThanOrEqualTo(LONGEST_RECOVERY);
      assertThat(areas.settledViolations()).isEmpty();
      assertThat(ledger.acceptances().values()).containsOnly(0, Load.TIMES);
      List<RecordingSink.Call> calls = areas.calls();
      System.out.printf(
          "Kafka outage: %d events sent, %d accepted, %d deliveries refused within %d ms, ready"
              + " again after %d ms, %d calls at the sink of which %d repeat one in flight, 0"
              + " violations%n",
          ledger.sent(),
          ledger.accepted(),
          refused.size(),
          refused.stream().mapToLong(delivery -> delivery.took().toMillis()).max().orElse(0),
          recovery.toMillis(),
          calls.size(),
          Ledger.repeated(calls));

      // and when
      sayUnassigned(platform.kafka().bootstrapServers());
      Await.until(
          "the connector to be unassigned",
          PATIENCE,
          platform::notReady,
          missing -> missing.contains("cdc: the connector is UNASSIGNED"));

      // then
      Await.until("the connector to be taken again", PATIENCE, platform::notReady, List::isEmpty);
    }
  }

  /**
   * A worker that joins its group again after an outage can leave the connector so, or say so too
   * late.
   */
  private static void sayUnassigned(String bootstrapServers) throws Exception {
    try (Producer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringSerializer(),
            new StringSerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  "areaflow-cdc-status",
                  "status-connector-areaflow_cdc",
                  """
                  {"state": "UNASSIGNED", "worker_id": "127.0.0.1:1", "generation": 1000}
                  """))
          .get();
    }
  }
}
