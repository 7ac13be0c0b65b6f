package dev.areaflow.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ListServerTest {
  private static final long START = 1_780_000_000_000_000L;

  private final AtomicLong micros = new AtomicLong(START);
  private final HttpClient client = HttpClient.newHttpClient();
  private final ListServer server = server();

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void listsGrowEachAtItsOwnTime() throws Exception {
    // given
    assertThat(get("/lists/0", "").body()).isEqualTo("[]");
    server.grow(2, Duration.ofSeconds(60));

    // when
    List<Integer> numbers = new ArrayList<>();
    for (long second : new long[] {0, 29, 30, 90}) {
      micros.set(START + second * 1_000_000);
      byte[] body = get("/lists/1", "").body().getBytes(StandardCharsets.UTF_8);
      numbers.add(DeliveryId.find(body, body.length).map(DeliveryId::number).orElse(-1));
    }

    // then
    assertThat(numbers).containsExactly(-1, -1, 2, 2);
    String last = get("/lists/1", "").body();
    assertThat(last).contains("-0000-000000002").contains("-0000-000000003");
  }

  @Test
  void aListThatDidNotChangeIsNotSentAgainAndEachRequestIsKept() throws Exception {
    // given
    HttpResponse<String> first = get("/lists/1", "");
    micros.addAndGet(5);

    // when
    HttpResponse<String> second = get("/lists/1", first.headers().firstValue("ETag").orElseThrow());

    // then
    assertThat(second.statusCode()).isEqualTo(304);
    assertThat(get("/lists/2", "").statusCode()).isEqualTo(404);
    assertThat(get("/lists/x", "").statusCode()).isEqualTo(404);
    assertThat(server.times()).isDeepEqualTo(new long[][] {{}, {START, START + 5}});
  }

  private HttpResponse<String> get(String path, String tag) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (!tag.isEmpty()) {
      request.header("If-None-Match", tag);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private ListServer server() {
    try {
      return new ListServer(2, micros::get);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
