package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.Installation;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.SettingSources;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.embedded.StartProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The broker is away for 20 s: nothing is accepted that would be lost, and all comes back by
 * itself.
 */
class KafkaOutageIT {
  private static final Duration OUTAGE = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private record Refusal(int status, boolean retryAfter, Duration took) {}

  @Test
  void withoutABrokerDeliveriesAreRefusedInTimeAndAcceptedAgainAfter(@TempDir Path folder)
      throws Exception {
    try (RecordingSink sink = new RecordingSink();
        Platform platform =
            new Platform(
                SettingSources.of(
                    Map.of(
                        "data",
                        folder.resolve("data").toString(),
                        "api.port",
                        "0",
                        "hooks.port",
                        "0",
                        "egress.allow",
                        sink.authority())),
                Installation.registry())) {
      // given
      platform.start(new Silent(), PATIENCE);
      AreaClient owner =
          new AreaClient(platform.api()).signUp("outage@example.org", "correct horse battery");
      JsonNode area =
          Areas.createLive(
              owner,
              Areas.posting(
                  "Outage",
                  "webhook",
                  "received",
                  Areas.inputs(),
                  sink.address("/outage"),
                  JsonNodeFactory.instance.textNode("${event.n}")));

      // when
      platform.kafka().close();
      List<Refusal> refusals = new ArrayList<>();
      Instant end = Instant.now().plus(OUTAGE);
      while (Instant.now().isBefore(end)) {
        refusals.add(refused(owner, area));
      }
      platform.kafka().start();
      Instant back = Instant.now();
      Await.until("every role to be ready again", PATIENCE, platform::notReady, List::isEmpty);
      Duration recovery = Duration.between(back, Instant.now());
      Answer after = deliver(owner, area, "\"after\"");

      // then
      assertThat(refusals)
          .isNotEmpty()
          .allSatisfy(
              refusal -> {
                assertThat(refusal.status()).isEqualTo(503);
                assertThat(refusal.retryAfter()).isTrue();
                assertThat(refusal.took()).isLessThan(Duration.ofMillis(2_500));
              });
      assertThat(recovery).isLessThan(Duration.ofSeconds(30));
      assertThat(after.status()).isEqualTo(202);
      Await.until(
          "the event after the outage at the sink",
          PATIENCE,
          sink::calls,
          calls -> calls.stream().anyMatch(call -> call.body().contains("after")));
    }
  }

  private static Refusal refused(AreaClient owner, JsonNode area)
      throws IOException, InterruptedException {
    Instant sent = Instant.now();
    Answer answer = deliver(owner, area, "\"during\"");
    return new Refusal(
        answer.status(),
        answer.headers().firstValue("Retry-After").isPresent(),
        Duration.between(sent, Instant.now()));
  }

  private static Answer deliver(AreaClient owner, JsonNode area, String n)
      throws IOException, InterruptedException {
    return owner.deliver(
        Areas.hookUrl(area),
        ("{\"n\": " + n + "}").getBytes(StandardCharsets.UTF_8),
        Map.of("Content-Type", "application/json"));
  }

  private record Silent() implements StartProgress {
    @Override
    public void starting(String part) {}

    @Override
    public void started(String part, String detail, Duration took) {}
  }
}
