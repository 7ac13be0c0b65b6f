package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A crash neither loses nor doubles a match: four senders post distinct events at a steady rate,
 * some of them three times and out of order, while the program is killed twice; the ledger must
 * agree.
 */
class RestartIT {
  private static final int SENDERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration PACE = Duration.ofMillis(40);
  private static final int REPEATED_EVERY = 10;
  private static final Duration SETTLING = Duration.ofMinutes(2);

  /** A call in flight at a kill started at most this long before; the sink answers at once. */
  private static final Duration IN_FLIGHT = Duration.ofSeconds(5);

  @Test
  void killingTheProgramTwiceNeitherLosesNorDoublesAMatch(@TempDir Path folder) throws Exception {
    try (RecordingSink sink = new RecordingSink();
        ProgramProcess program = ProgramProcess.start(folder, "--egress-allow", sink.authority())) {
      // given
      AreaClient owner = program.client().signUp("ledger@example.org", "correct horse battery");
      JsonNode area =
          Areas.createLive(
              owner,
              Areas.posting(
                  "Ledger",
                  "webhook",
                  "received",
                  Areas.inputs(),
                  sink.address("/in"),
                  JsonNodeFactory.instance.textNode("${event.id}")));
      Ledger ledger = new Ledger();
      AtomicBoolean enough = new AtomicBoolean();

      // when
      try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
        List<Future<?>> loads = new ArrayList<>();
        for (int sender = 0; sender < SENDERS; sender++) {
          int number = sender;
          loads.add(
              senders.submit(
                  () -> {
                    send(program.client(), Areas.hookUrl(area), number, enough, ledger);
                    return null;
                  }));
        }
        try {
          killTwice(program, ledger);
        } finally {
          enough.set(true);
        }
        for (Future<?> load : loads) {
          load.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
      }

      // then
      List<String> violations =
          Await.until(
              "the ledger to agree",
              SETTLING,
              () -> ledger.violations(runs(owner, area), bodies(sink.calls()), IN_FLIGHT),
              List::isEmpty);
      assertThat(violations).isEmpty();
      assertThat(ledger.accepted()).isGreaterThanOrEqualTo(600);
      System.out.printf(
          "restart: %d events sent, %d accepted, %d calls at the sink, 2 kills, 0 violations%n",
          ledger.sent(), ledger.accepted(), sink.calls().size());
    }
  }

  private static void killTwice(ProgramProcess program, Ledger ledger) throws InterruptedException {
    for (int kill = 0; kill < 2; kill++) {
      awaitFurther(ledger, 200);
      program.kill();
      ledger.killed(Instant.now());
      program.startAgain();
      program.awaitReady();
    }
    awaitFurther(ledger, 200);
  }

  private static void awaitFurther(Ledger ledger, long events) {
    long before = ledger.accepted();
    Await.until(
        events + " further events to be accepted",
        PATIENCE,
        ledger::accepted,
        accepted -> accepted >= before + events);
  }

  private static void send(
      AreaClient client, URI hook, int sender, AtomicBoolean enough, Ledger ledger)
      throws InterruptedException {
    List<String> earlier = new ArrayList<>();
    for (int n = 0; !enough.get(); n++) {
      String id = "event-" + sender + "-" + n;
      deliver(client, hook, id, ledger);
      earlier.add(id);
      if (earlier.size() == REPEATED_EVERY) {
        deliver(client, hook, earlier.get(REPEATED_EVERY - 1), ledger);
        deliver(client, hook, earlier.getFirst(), ledger);
        deliver(client, hook, earlier.getFirst(), ledger);
        earlier.clear();
      }
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  private static void deliver(AreaClient client, URI hook, String id, Ledger ledger)
      throws InterruptedException {
    try {
      Answer answer =
          client.deliver(
              hook,
              ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8),
              Map.of("Content-Type", "application/json", "webhook-id", id));
      ledger.delivered(
          id, answer.status() / 100 == 2 ? Ledger.Answer.ACCEPTED : Ledger.Answer.UNKNOWN);
    } catch (IOException e) {
      ledger.delivered(id, Ledger.Answer.UNKNOWN);
    }
  }

  /** The body of the reaction is the JSON text of the event's id. */
  private static List<RecordingSink.Call> bodies(List<RecordingSink.Call> calls) {
    return calls.stream()
        .map(
            call ->
                new RecordingSink.Call(
                    call.method(),
                    call.path(),
                    call.key(),
                    call.body().replace("\"", ""),
                    call.at()))
        .toList();
  }

  private static List<Ledger.Run> runs(AreaClient owner, JsonNode area) throws Exception {
    List<Ledger.Run> runs = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    String path = "/api/v1/runs?limit=200&area=" + area.path("id").asText();
    String next = "";
    do {
      JsonNode page = owner.get(path + next).expecting(200).body();
      for (JsonNode run : page.path("items")) {
        if (seen.add(run.path("id").asText())) {
          runs.add(
              new Ledger.Run(
                  run.path("id").asText(),
                  run.path("eventId").asText(),
                  run.path("status").asText()));
        }
      }
      JsonNode cursor = page.path("next");
      next = cursor.isTextual() ? "&cursor=" + cursor.asText() : "";
    } while (!next.isEmpty());
    return runs;
  }
}
