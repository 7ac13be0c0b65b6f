package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.http.OutboundRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExcerptTest {
  private final Excerpt excerpt =
      Excerpt.of(
          new OutboundRequest(
              "GET",
              URI.create("https://user:pass-word@example.org/x?api_key=q%2Dsecret&page=visible"),
              Map.of(
                  "Authorization", "Bearer abcdef123456",
                  "X-Auth-Token", "tok-998877",
                  "Idempotency-Key", "command-1",
                  "Accept", "application/json"),
              Optional.empty()));

  @Test
  void secretsThatTheAnswerEchoesAreMasked() {
    // when
    String kept =
        excerpt.ofText(
            "Bearer abcdef123456 abcdef123456 tok-998877 q%2Dsecret q-secret user:pass-word"
                + " visible command-1 application/json");

    // then
    assertThat(kept).isEqualTo("*** *** *** *** *** *** visible command-1 application/json");
  }

  @Test
  void aLongBodyIsCutBetweenCharacters() {
    // given
    byte[] body = "a€😀".repeat(1_000).getBytes(StandardCharsets.UTF_8);

    // when
    String kept = excerpt.ofBody(body);

    // then
    byte[] bytes = kept.getBytes(StandardCharsets.UTF_8);
    assertThat(bytes).hasSizeBetween(2_044, 2_048);
    assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(kept);
    assertThat("a€😀".repeat(1_000)).startsWith(kept);
  }

  @Test
  void aBodyThatIsNoTextBecomesValidText() {
    // given
    byte[] body = {'o', 'k', 0, (byte) 0xFF, (byte) 0xC3, '\n', 7, '!'};

    // when
    String kept = excerpt.ofBody(body);

    // then
    assertThat(kept).isEqualTo("ok\uFFFD\uFFFD\uFFFD\n\uFFFD!");
  }
}
