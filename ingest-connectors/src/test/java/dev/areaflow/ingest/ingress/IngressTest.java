package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.topics.LocalSerdes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

/** The ingress while there is no Kafka; with one it is tested end to end. */
final class IngressTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final String NO_KAFKA = "127.0.0.1:1";

  @Test
  void httpOpensFirstAndAnswersThatItIsNotReady() throws IOException {
    try (Ingress ingress = ingress(0)) {
      // given
      ingress.open();

      // when
      String answer = post(ingress, TestHooks.KEY.token(UUID.randomUUID()));

      // then
      assertThat(answer).startsWith("HTTP/1.1 503").contains("Retry-After: 2");
      assertThat(ingress.notReady())
          .containsExactly(
              "ingress: Kafka or the schema registry is not reached yet",
              "ingress: the hooks are still being read");
    }
  }

  @Test
  void aKafkaThatIsNotReachedLeavesItOpenAndUnready() throws IOException {
    try (Ingress ingress = ingress(0)) {
      // given
      ingress.open();

      // when
      assertThatThrownBy(ingress::connect).isInstanceOf(KafkaException.class);

      // then
      assertThat(ingress.notReady()).hasSize(2);
      assertThat(post(ingress, "nonsense")).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  void aPortThatIsTakenIsSaidToBe() {
    try (Ingress first = ingress(0)) {
      first.open();
      try (Ingress second = ingress(first.port())) {
        assertThatThrownBy(second::open)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("hooks.port")
            .hasMessageContaining("127.0.0.1:" + first.port());
      }
    }
  }

  private static String post(Ingress ingress, String token) throws IOException {
    try (RawConnection sender = new RawConnection(ingress.port())) {
      sender.send(
          "POST /hooks/"
              + token
              + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
              + "Content-Length: 2\r\n\r\n{}");
      return sender.readAnswer();
    }
  }

  private static Ingress ingress(int port) {
    return new Ingress(
        "127.0.0.1",
        port,
        RunningHooks.URL,
        TestHooks.KEY,
        RunningHooks.LIMITS,
        NO_KAFKA,
        new LocalSerdes(),
        CATALOG,
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }
}
