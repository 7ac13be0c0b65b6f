package dev.areaflow.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The load against the sink, and against a server that stalls once. */
class LoadGeneratorTest {
  private static final byte[] BODY = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

  private HttpServer server;
  private CountingSink sink;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    sink = new CountingSink();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                sink.serve();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(0);
    sink.close();
  }

  @Test
  void theOpenLoopKeepsItsScheduleAndCountsWhatIsAccepted() throws Exception {
    // given
    answer(202, 0, Integer.MAX_VALUE);

    // when
    LoadResult result = run(100, 1);

    // then
    assertThat(result.accepted()).isEqualTo(100);
    assertThat(result.isWhole()).isTrue();
    assertThat(result.seconds()).isGreaterThan(0.98);
    assertThat(result.answer().count()).isEqualTo(100);
  }

  @Test
  void aStallShowsInEveryDeliveryThatWaitedBehindIt() throws Exception {
    // given
    answer(202, 500, 10);

    // when
    LoadResult result = run(100, 1);

    // then
    assertThat(result.accepted()).isEqualTo(100);
    // a loop that waits for each answer would see one slow answer of a hundred
    assertThat(result.answer().p90()).isGreaterThan(100);
  }

  @Test
  void otherAnswersAreRefusals() throws Exception {
    // given
    answer(503, 0, Integer.MAX_VALUE);

    // when
    LoadResult result = run(50, 1);

    // then
    assertThat(result.accepted()).isZero();
    assertThat(result.refused()).containsEntry(503, 50L);
    assertThat(result.isWhole()).isFalse();
  }

  @Test
  void theSinkCountsEachDeliveryOnce() throws Exception {
    // given
    byte[] body = new byte[DeliveryId.LENGTH + 4];
    new DeliveryId(DeliveryId.nowMicros(), 3, 5).writeTo(body, 2);
    var post =
        java.net.http.HttpRequest.newBuilder(
                java.net.URI.create("http://127.0.0.1:" + sink.port() + "/in"))
            .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(body))
            .build();

    // when
    try (var client = java.net.http.HttpClient.newHttpClient()) {
      for (int i = 0; i < 3; i++) {
        var answer = client.send(post, java.net.http.HttpResponse.BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(200);
      }
    }

    // then
    SinkStatus status = sink.status(3);
    assertThat(status.arrived()).isEqualTo(1);
    assertThat(status.repeated()).isEqualTo(2);
    assertThat(status.eventToReaction().count()).isEqualTo(1);
  }

  private LoadResult run(int rate, int connections) throws Exception {
    LoadJob job =
        new LoadJob(
            "http://127.0.0.1:" + server.getAddress().getPort() + "/hooks/x",
            Map.of("Content-Type", "application/json"),
            1,
            rate,
            connections,
            1);
    return new LoadGenerator(BODY).run(job);
  }

  /** Answers; the one request of that number only after a pause. */
  private void answer(int status, int stallMillis, int stalledRequest) {
    AtomicInteger requests = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          if (requests.incrementAndGet() == stalledRequest) {
            java.util.concurrent.locks.LockSupport.parkNanos(stallMillis * 1_000_000L);
          }
          exchange.sendResponseHeaders(status, 2);
          exchange.getResponseBody().write(new byte[2]);
          exchange.close();
        });
  }
}
