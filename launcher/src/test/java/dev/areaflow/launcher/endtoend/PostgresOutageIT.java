package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The database is away for 20 s while four clients post: what is known already goes on, deliveries
 * are accepted and carried out; once it is back changes are captured again by themselves, and the
 * ledger agrees.
 */
class PostgresOutageIT {
  private static final Duration OUTAGE = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(60);
  private static final int EVENTS = 100;

  @Test
  void withoutADatabaseEventsGoOnAndChangesAreCapturedAgainAfter(@TempDir Path folder)
      throws Exception {
    try (RecordingSink sink = new RecordingSink();
        Platform platform = Platforms.on(folder, sink)) {
      // given
      Platforms.start(platform);
      AreaClient client = new AreaClient(platform.api());
      AreaClient owner = client.signUp("database@example.org", "correct horse battery");
      LedgerAreas areas = new LedgerAreas(owner, sink);
      Ledger ledger = areas.ledger();
      assertThat(Metric.read(platform.api(), Metric.SLOT_LAG)).isGreaterThanOrEqualTo(0);
      Ledger.Fault outage;
      Answer down;
      List<Integer> registry;
      Duration live;
      Duration recovery;

      // when
      try (Load load = new Load(client, areas.hook(), areas.second(), ledger)) {
        load.awaitFurther(EVENTS, PATIENCE);
        platform.postgres().suspend();
        Instant stopped = Instant.now();
        down =
            client.await("/health/ready", PATIENCE, answer -> missing(answer).contains("Postgre"));
        Await.until(
            "the lag to be unknown",
            PATIENCE,
            () -> Metric.read(platform.api(), Metric.SLOT_LAG),
            lag -> lag.isNaN());
        load.awaitFurther(EVENTS, PATIENCE);
        awaitOneCarriedOut(areas, stopped);
        Instant end = Await.after(stopped, OUTAGE);
        outage = new Ledger.Fault(stopped, end);

        platform.postgres().start();
        Instant back = Instant.now();
        registry = askRegistry(platform.registryUrl());
        Answer saved =
            Await.until(
                "an AREA to be saved",
                LONGEST_RECOVERY,
                () -> owner.post("/api/v1/areas", later(sink)),
                answer -> answer.status() == 201);
        Areas.awaitStatus(owner, saved.body().path("id").asText(), "live");
        live = Duration.between(back, Instant.now());
        Await.until("every role to be ready again", PATIENCE, platform::notReady, List::isEmpty);
        recovery = Duration.between(back, Instant.now());
        load.awaitFurther(EVENTS, PATIENCE);
        load.finish();
      }

      // then
      assertThat(down.status()).isEqualTo(503);
      List<Ledger.Delivery> during =
          ledger.deliveries().stream().filter(delivery -> delivery.within(outage)).toList();
      assertThat(during)
          .hasSizeGreaterThanOrEqualTo(EVENTS)
          .allSatisfy(delivery -> assertThat(delivery.status()).isEqualTo(202));
      assertThat(recovery).isLessThanOrEqualTo(LONGEST_RECOVERY);
      assertThat(registry).containsOnly(200);
      assertThat(areas.settledViolations()).isEmpty();
      assertThat(ledger.acceptances().values()).containsOnly(Load.TIMES);
      Await.until(
          "the lag to be known again",
          PATIENCE,
          () -> Metric.read(platform.api(), Metric.SLOT_LAG),
          lag -> lag >= 0);
      System.out.printf(
          "PostgreSQL outage: %d ms, %d deliveries accepted meanwhile, an AREA saved after it live"
              + " after %d ms, all ready after %d ms, %d events and %d calls at the sink, 0 violations%n",
          Duration.between(outage.from(), outage.until()).toMillis(),
          during.size(),
          live.toMillis(),
          recovery.toMillis(),
          ledger.sent(),
          areas.calls().size());
    }
  }

  /** More often than it keeps connections to the database, all of which are cut. */
  private static List<Integer> askRegistry(String url) throws IOException, InterruptedException {
    List<Integer> statuses = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest artifacts =
          HttpRequest.newBuilder(URI.create(url + "/groups/default/artifacts")).build();
      for (int n = 0; n < 20; n++) {
        statuses.add(http.send(artifacts, HttpResponse.BodyHandlers.discarding()).statusCode());
      }
    }
    return statuses;
  }

  private static ObjectNode later(RecordingSink sink) {
    return Areas.posting(
        "Saved after the outage",
        "webhook",
        "received",
        Areas.inputs(),
        sink.address("/later"),
        JsonNodeFactory.instance.objectNode());
  }

  private static String missing(Answer health) {
    return health.body().path("notReady").toString();
  }

  /** An event that came only after the database was gone has its reaction while it is gone. */
  private static void awaitOneCarriedOut(LedgerAreas areas, Instant stopped) {
    Set<String> earlier =
        areas.ledger().deliveries().stream()
            .filter(delivery -> delivery.sentAt().isBefore(stopped))
            .map(Ledger.Delivery::eventId)
            .collect(Collectors.toSet());
    Await.until(
        "an event of the outage at the sink",
        PATIENCE,
        areas::calls,
        calls -> calls.stream().anyMatch(call -> !earlier.contains(call.body())));
  }
}
