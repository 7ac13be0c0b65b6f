package dev.areaflow.ingest.polls;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.catalog.OneService;
import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollItem;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.avro.PollVerdict;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Polls with cursors and pages, against a real HTTP server. */
final class PollPagesTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:30Z");
  private static final String POLL =
      """
      request: {method: GET, url: "${inputs.url}", query: {since: "${cursor}"}}
      items: {pointer: /things}
      id: {pointer: /id}
      paginate: {type: cursor, next: /next, param: page}
      cursor: {type: token, next: {pointer: /sync}, on_invalid: [410]}
      etag: false
      every: PT1M
      """;

  private record Reply(int status, String body) {}

  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> credentials = new CopyOnWriteArrayList<>();
  private final HttpServer server = server();
  private GuardedHttpClient client;
  private PollCall calls;

  @BeforeEach
  void start() {
    server.createContext(
        "/",
        exchange -> {
          String query = String.valueOf(exchange.getRequestURI().getRawQuery());
          asked.add(query);
          credentials.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          Reply reply = replies.getOrDefault(query, new Reply(404, ""));
          byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    client =
        new GuardedHttpClient(
            HttpClientConfig.from(
                Settings.of(Map.of("egress.allow", "127.0.0.1:" + server.getAddress().getPort()))));
    calls =
        new PollCall(
            OneService.polled(POLL),
            client,
            new KeptCredentials(),
            new CallBudgets(1, Ticker.systemTicker()),
            Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void allPagesAreOneResultWithTheCursorOfTheLast() throws InterruptedException {
    // given
    replies.put("since=s1", new Reply(200, "{\"things\":[{\"id\":1}],\"next\":\"p2\"}"));
    replies.put("since=s1&page=p2", new Reply(200, "{\"things\":[{\"id\":2}],\"sync\":\"s2\"}"));

    // when
    List<PollResult> results =
        calls.carryOut(poll().setCursor("s1").setConnectionId("mine").build());

    // then
    PollResult result = results.getFirst();
    assertThat(results).hasSize(1);
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.FOUND);
    assertThat(result.getItems().stream().map(PollItem::getId)).containsExactly("1", "2");
    assertThat(result.getStartedFrom()).contains("s1");
    assertThat(result.getCursor()).contains("s2");
    assertThat(result.getAttempt()).isNotEmpty();
    assertThat(result.getMessage()).isEmpty();
    assertThat(credentials).containsExactly("Bearer mine", "Bearer mine");
  }

  @Test
  void aPageThatFailsFailsThePoll() throws InterruptedException {
    // given
    replies.put("null", new Reply(200, "{\"things\":[{\"id\":1}],\"next\":\"p2\"}"));
    replies.put("page=p2", new Reply(503, ""));

    // when
    List<PollResult> results = calls.carryOut(poll().build());

    // then
    assertThat(results)
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.getVerdict()).isEqualTo(PollVerdict.RETRYABLE);
              assertThat(result.getItems()).isEmpty();
            });
    assertThat(asked).containsExactly("null", "page=p2");
  }

  @Test
  void onlyAPollWithACursorCanHaveAnInvalidOne() throws InterruptedException {
    // given
    replies.put("since=old", new Reply(410, ""));
    replies.put("null", new Reply(410, ""));

    // when
    PollResult invalid = calls.carryOut(poll().setCursor("old").build()).getFirst();
    PollResult gone = calls.carryOut(poll().build()).getFirst();

    // then
    assertThat(invalid.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
    assertThat(invalid.getStartedFrom()).contains("old");
    assertThat(gone.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
  }

  @Test
  void pagesForWhichThereIsNoTimeAreLeftToTheNextPoll() throws InterruptedException {
    // given
    replies.put(
        "null", new Reply(200, "{\"things\":[{\"id\":1}],\"next\":\"p2\",\"sync\":\"s1\"}"));

    // when
    PollResult result =
        calls.carryOut(poll().setNotAfter(NOW.plus(Duration.ofSeconds(15))).build()).getFirst();

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.FOUND);
    assertThat(result.getCursor()).contains("s1");
    assertThat(result.getMessage()).contains("more pages than there was time for");
    assertThat(asked).containsExactly("null");
  }

  private Poll.Builder poll() {
    return Poll.newBuilder()
        .setHookId("hook")
        .setOwnerId("owner")
        .setService("shop")
        .setAction("sold")
        .setNumber(1)
        .setNotAfter(NOW.plus(Duration.ofMinutes(1)))
        .setInputs("{\"url\":\"http://127.0.0.1:" + server.getAddress().getPort() + "/\"}");
  }

  private static HttpServer server() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
