package dev.areaflow.launcher.cli.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.cli.CliProcess;
import dev.areaflow.launcher.cli.ListServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code area events tail} against lists as the API answers them. */
final class EventTailTest {
  @TempDir private Path home;
  private ListServer server;
  private CliProcess area;

  @BeforeEach
  void start() throws IOException {
    server = new ListServer();
    server.list(
        "hooks",
        "{\"id\":\"h1\",\"service\":\"github\",\"action\":\"issue_opened\"}",
        "{\"id\":\"h2\",\"service\":\"timer\",\"action\":\"interval\"}");
    server.list("events?hook=h1", event("e2", "12:00"), event("e1", "10:00"));
    server.list("events?hook=h2", event("t1", "11:00"));
    area = new CliProcess(home).with("AREA_SERVER", server.address()).with("AREA_TOKEN", "test");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void thoseThatAreThereComeFirstInTheirOrder() {
    // when, then
    assertThat(area.run("events", "tail", "--count", "3")).as(area.err()).isZero();
    assertThat(area.out())
        .isEqualToNormalizingNewlines(
            """
            2026-05-31T10:00:00Z  github.issue_opened  e1  {"n":1}
            2026-05-31T11:00:00Z  github.issue_opened  t1  {"n":1}
            2026-05-31T12:00:00Z  github.issue_opened  e2  {"n":1}
            """);
  }

  @Test
  void eachNewOneIsPrintedOnceAlsoWhereTheyFillPagesAndTheServerWasAway() throws IOException {
    // given
    server.endAfter(4);
    server.beforeAnswer(
        () -> {
          try {
            if (server.requests().size() == 5) {
              server.endAfter(Integer.MAX_VALUE);
              server.list(
                  "events?hook=h1",
                  event("e5", "12:03"),
                  event("e2", "12:02"),
                  event("e3", "12:01"),
                  event("e2", "12:00"),
                  event("e1", "10:00"));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });

    // when, then
    assertThat(area.run("events", "tail", "--json", "--last", "1", "--count", "4")).isZero();
    assertThat(area.jsonLines())
        .extracting(event -> event.path("id").asText())
        .as("e2 was delivered again")
        .containsExactly("e2", "e3", "e2", "e5");
    assertThat(area.err()).contains("Kafka is away.");
  }

  @Test
  void oneHookIsAskedForAlone() throws IOException {
    // when, then
    assertThat(area.run("events", "tail", "--hook", "h2", "--count", "1")).isZero();
    assertThat(area.out()).contains("  t1  ").hasLineCount(1);
    assertThat(server.requests()).containsExactly("/api/v1/events?hook=h2&limit=50");
  }

  @Test
  void newsAreToldFromWhatWasThere() {
    // given
    EventNews news = new EventNews();
    JsonNode first = JsonNodeFactory.instance.objectNode().put("id", "a").put("receivedAt", "1");
    JsonNode again = JsonNodeFactory.instance.objectNode().put("id", "a").put("receivedAt", "2");

    // when, then
    assertThat(news.of(List.of(first))).containsExactly(first);
    assertThat(news.of(List.of(again, first))).containsExactly(again);
    assertThat(news.of(List.of(again, first))).isEmpty();
    assertThat(news.knows(again)).isTrue();
  }

  private static String event(String id, String time) {
    return """
    {"id":"%s","hookId":"h","receivedAt":"2026-05-31T%s:00Z","service":"github",
     "action":"issue_opened","payload":{"n":1},"generation":0,"matched":1}
    """
        .formatted(id, time);
  }
}
