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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process of executors is stopped in the middle of a call for longer than its command's deadline,
 * and goes on: another has made the call and has its answer meanwhile, and nothing is done again.
 */
class StoppedExecutorIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Which process gets a command is chance. */
  private static final int MOST_EVENTS = 100;

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
                    "executors.call-timeout", "PT5S"))) {
      Platforms.start(platform);
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
        int events = 0;

        // when
        sink.hold();
        do {
          Areas.deliver(owner, area, "{\"n\":" + events++ + "}");
          sink.awaitCalls("/in", events, PATIENCE);
        } while (!executor.isCalling() && events < MOST_EVENTS);
        boolean hasCommand = executor.isCalling();
        executor.signal("STOP");
        sink.release();
        awaitSucceeded(owner, area, events);
        int answered = sink.calls().size();
        executor.signal("CONT");
        Await.until("its call to end", PATIENCE, executor::isCalling, calling -> !calling);
        Areas.deliver(owner, area, "{\"n\":" + events++ + "}");
        awaitSucceeded(owner, area, events);

        // then
        assertThat(hasCommand).as("whether the stopped process had a command").isTrue();
        assertThat(answered)
            .as("calls, with the one that another made again")
            .isGreaterThanOrEqualTo(events);
        assertThat(sink.calls()).as("calls, with that of the last event").hasSize(answered + 1);
        System.out.printf(
            "stopped executor: %d events, %d calls when it went on, %d at the end%n",
            events, answered, sink.calls().size());
      }
    }
  }

  private static void awaitSucceeded(AreaClient owner, JsonNode area, int events)
      throws IOException, InterruptedException {
    owner.await(
        "/api/v1/runs?limit=200&status=succeeded&area=" + area.path("id").asText(),
        PATIENCE,
        answer -> answer.body().path("items").size() == events);
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
      settings.put("AREA_EXECUTORS_CALL_TIMEOUT", "PT5S");
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

    /** Whether it has a command in hand. */
    boolean isCalling() throws IOException, InterruptedException {
      return Metric.read(admin, "areaflow_executors_in_flight") > 0;
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
