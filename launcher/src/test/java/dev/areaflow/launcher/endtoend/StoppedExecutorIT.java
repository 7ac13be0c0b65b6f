package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.embedded.DatabaseAddress;
import dev.areaflow.launcher.embedded.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process of executors is stopped for longer than the deadline of the commands that it got, and
 * goes on: others have answered them meanwhile, and it makes none of their calls.
 */
class StoppedExecutorIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofSeconds(3);
  private static final int EVENTS = 30;

  /** Which process gets a command is chance. */
  private static final int MOST_ROUNDS = 10;

  @Test
  void whatOthersAnsweredMeanwhileIsNotDoneAgain(@TempDir Path folder) throws Exception {
    try (RecordingSink sink = new RecordingSink();
        Platform platform =
            Platforms.on(
                folder,
                Map.of(
                    "egress.allow", sink.authority(),
                    "topology.command-validity", "PT3S",
                    "topology.clock-skew", "PT1S",
                    "executors.call-timeout", "PT2S"))) {
      platform.start(Platforms.SILENT, PATIENCE);
      AreaClient owner =
          new AreaClient(platform.api()).signUp("stopped@example.org", "correct horse battery");
      JsonNode area =
          Areas.createLive(
              owner,
              Areas.posting(
                  "stopped",
                  "webhook",
                  "received",
                  Areas.inputs(),
                  sink.address("/in"),
                  JsonNodeFactory.instance.textNode("${event.n}")));
      try (Executor executor = new Executor(folder, platform, sink)) {
        int rounds = 0;

        // when
        double expired = 0;
        while (expired == 0 && rounds < MOST_ROUNDS) {
          executor.signal("STOP");
          deliver(owner, area, rounds);
          rounds++;
          sink.awaitCalls("/in", rounds * EVENTS, PATIENCE);
          executor.signal("CONT");
          expired = executor.awaitExpired();
        }
        deliver(owner, area, rounds);
        rounds++;
        List<RecordingSink.Call> calls = sink.awaitCalls("/in", rounds * EVENTS, PATIENCE);

        // then
        assertThat(expired).as("commands that the stopped process had").isPositive();
        assertThat(calls).extracting(RecordingSink.Call::body).doesNotHaveDuplicates();
        assertThat(calls).hasSize(rounds * EVENTS);
        System.out.printf(
            "stopped executor: %d events, %d calls, %.0f commands expired in the process that was"
                + " stopped, none of them called by it%n",
            rounds * EVENTS, calls.size(), expired);
      }
    }
  }

  /** All at once: the stopped process gets what its last request is answered with. */
  private static void deliver(AreaClient owner, JsonNode area, int round) throws Exception {
    List<Future<?>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < EVENTS; i++) {
        String body = "{\"n\":" + (round * EVENTS + i) + "}";
        all.add(
            threads.submit(
                () -> {
                  Areas.deliver(owner, area, body);
                  return null;
                }));
      }
    }
    for (Future<?> each : all) {
      each.get();
    }
  }

  /** {@code area run executors}, beside the platform's own. */
  private static final class Executor implements AutoCloseable {
    private final URI admin;
    private final Process process;

    Executor(Path folder, Platform platform, RecordingSink sink) throws IOException {
      int port = Ports.free();
      this.admin = URI.create("http://127.0.0.1:" + port);
      DatabaseAddress database = platform.database();
      Map<String, String> settings = new HashMap<>();
      settings.put("AREA_KAFKA_BOOTSTRAP_SERVERS", platform.kafka().bootstrapServers());
      settings.put("AREA_REGISTRY_URL", platform.registryUrl());
      settings.put("AREA_DATABASE_URL", database.url());
      settings.put("AREA_DATABASE_USER", database.user());
      settings.put("AREA_DATABASE_PASSWORD", database.password());
      settings.put("AREA_VAULT_KEYSET", folder.resolve("data/secrets/vault.json").toString());
      settings.put("AREA_EGRESS_ALLOW", sink.authority());
      settings.put("AREA_EXECUTORS_CALL_TIMEOUT", "PT2S");
      this.process =
          ProgramProcess.launch(
              folder.resolve("executors.log"),
              settings,
              List.of("run", "executors", "--admin-port", Integer.toString(port)));
      AreaClient client = new AreaClient(admin);
      Await.until(
          "the executors to be ready; their output is " + folder.resolve("executors.log"),
          PATIENCE,
          () -> process.isAlive() ? readiness(client) : -1,
          status -> status == 200);
    }

    private static int readiness(AreaClient client) throws InterruptedException {
      try {
        return client.get("/health/ready").status();
      } catch (IOException e) {
        return 0;
      }
    }

    void signal(String name) throws IOException, InterruptedException {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      assertThat(code).isZero();
    }

    /** How many commands it gave up because it was too late for them; waits a little for some. */
    double awaitExpired() throws Exception {
      long deadline = System.nanoTime() + LOOK.toNanos();
      double expired = 0;
      while (expired == 0 && System.nanoTime() < deadline) {
        expired =
            Metric.sum(admin, "areaflow_executors_attempts_seconds_count", "outcome=\"expired\"");
      }
      return expired;
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
