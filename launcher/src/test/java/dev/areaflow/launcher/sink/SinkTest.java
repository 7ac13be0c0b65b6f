package dev.areaflow.launcher.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

final class SinkTest {
  private final StringBuilder printed = new StringBuilder();

  @Test
  void printsWhatArrivesReadably() throws Exception {
    // given
    try (Sink sink = Sink.start(options(200, false), text -> printed.append(text).append("\n"))) {

      // when
      HttpResponse<Void> answer = post(sink, "/in?a=1", "{\"text\":\"Got 12\"}");

      // then
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(printed.toString())
          .startsWith("POST /in?a=1")
          .contains("Idempotency-Key: command-1", "{\"text\":\"Got 12\"}")
          .doesNotContain("Content-Length");
    }
  }

  @Test
  void printsOneLineOfJsonForEachRequest() throws Exception {
    // given
    try (Sink sink = Sink.start(options(503, true), text -> printed.append(text).append("\n"))) {

      // when
      HttpResponse<Void> answer = post(sink, "/in", "{\"n\":12}");

      // then
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(printed.toString().lines()).hasSize(1);
      JsonNode line = new ObjectMapper().readTree(printed.toString());
      assertThat(line.at("/method").asText()).isEqualTo("POST");
      assertThat(line.at("/path").asText()).isEqualTo("/in");
      assertThat(line.at("/headers/idempotency-key").asText()).isEqualTo("command-1");
      assertThat(line.at("/body/n").asInt()).isEqualTo(12);
    }
  }

  @Test
  void aBodyThatIsNoJsonIsShownAsText() throws Exception {
    // given
    try (Sink sink = Sink.start(options(200, true), text -> printed.append(text).append("\n"))) {

      // when
      post(sink, "/in", "a=1&b=2");

      // then
      assertThat(new ObjectMapper().readTree(printed.toString()).at("/body").asText())
          .isEqualTo("a=1&b=2");
    }
  }

  @Test
  void aTakenPortIsAnError() throws Exception {
    // given
    try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var options = new SinkOptions("127.0.0.1", other.getLocalPort(), 200, 0, true);

      // when
      assertThatThrownBy(() -> Sink.start(options, printed::append))

          // then
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("127.0.0.1:" + other.getLocalPort())
          .hasMessageContaining("--port");
    }
  }

  private static SinkOptions options(int status, boolean json) {
    return new SinkOptions("127.0.0.1", 0, status, 0, json);
  }

  private static HttpResponse<Void> post(Sink sink, String path, String body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(sink.address().resolve(path))
              .header("Idempotency-Key", "command-1")
              .POST(BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.discarding());
    }
  }
}
