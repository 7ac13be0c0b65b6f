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

/** Change feeds, whose first cursor is asked for, against a real HTTP server. */
final class PollCursorsFlowTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:30Z");
  private static final String DELTA =
      """
      request: {method: GET, url: "${inputs.url}", headers: {prefer: small}}
      items: {pointer: /value}
      id: {pointer: /id}
      paginate: {type: link, next: /nextLink}
      cursor: {type: url, init: {request: {method: GET, url: "${inputs.url}", headers: {prefer: small}, query: {since: "${now}"}}}, next: {pointer: [/deltaLink, /nextLink]}, on_invalid: [410]}
      etag: false
      every: PT1M
      """;
  private static final String CONTINUE =
      """
      request: {method: POST, url: "${inputs.url}", body: {cursor: "${cursor}"}}
      items: {pointer: /entries}
      id: {pointer: /id}
      paginate: {type: cursor, next: /cursor, more: /has_more}
      cursor:
        type: token
        init: {request: {method: POST, url: "${inputs.url}", body: {path: /in}}}
        next: {pointer: /cursor}
        on_invalid: [409]
      etag: false
      every: PT1M
      """;

  private record Reply(int status, String body) {}

  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> headers = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private GuardedHttpClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String request =
              (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body).strip();
          asked.add(request);
          headers.add(
              exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + exchange.getRequestHeaders().getFirst("Prefer"));
          Reply reply = replies.getOrDefault(request, new Reply(404, "{}"));
          byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(reply.status(), bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    client =
        new GuardedHttpClient(
            HttpClientConfig.from(Settings.of(Map.of("egress.allow", "127.0.0.1:" + port()))));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void aFeedOfAddressesIsFollowedFromItsEndAndBegunAnewWhenItIsLost() throws InterruptedException {
    // given
    String first = "GET /d?since=2026-03-02T10%3A00%3A30Z";
    reply(first, "{'value':[{'id':1}],'nextLink':'URL/d?page=2'}");
    reply("GET /d?page=2", "{'value':[{'id':2}],'deltaLink':'URL/d?delta=1'}");
    reply("GET /d?delta=1", "{'value':[{'id':3}],'nextLink':'URL/d?page=3'}");
    reply("GET /d?page=3", "{'value':[{'id':4}],'deltaLink':'URL/d?delta=2'}");
    replies.put("GET /d?delta=2", new Reply(410, "{}"));

    // when
    PollResult start = carryOut(DELTA, poll());
    PollResult found = carryOut(DELTA, after(start));
    PollResult lost = carryOut(DELTA, after(found));

    // then
    assertThat(start.getItems()).isEmpty();
    assertThat(start.getCursor()).contains(url("/d?delta=1"));
    assertThat(found.getItems().stream().map(PollItem::getId)).containsExactly("3", "4");
    assertThat(found.getCursor()).contains(url("/d?delta=2"));
    assertThat(lost.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
    assertThat(asked)
        .containsExactly(
            first, "GET /d?page=2", "GET /d?delta=1", "GET /d?page=3", "GET /d?delta=2");
    assertThat(headers).containsOnly("Bearer mine small");
  }

  @Test
  void aCursorInTheBodyMovesWithEachPage() throws InterruptedException {
    // given
    reply("POST /d {\"path\":\"/in\"}", "{'cursor':'c1'}");
    reply("POST /d {\"cursor\":\"c1\"}", "{'entries':[{'id':1}],'cursor':'c2','has_more':true}");
    reply("POST /d {\"cursor\":\"c2\"}", "{'entries':[{'id':2}],'cursor':'c3','has_more':false}");
    replies.put("POST /d {\"cursor\":\"c3\"}", new Reply(409, "{}"));

    // when
    PollResult start = carryOut(CONTINUE, poll());
    PollResult found = carryOut(CONTINUE, after(start));
    PollResult lost = carryOut(CONTINUE, after(found));

    // then
    assertThat(start.getItems()).isEmpty();
    assertThat(start.getCursor()).contains("c1");
    assertThat(found.getItems().stream().map(PollItem::getId)).containsExactly("1", "2");
    assertThat(found.getCursor()).contains("c3");
    assertThat(lost.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
  }

  @Test
  void aFirstAnswerThatIsNoSuccessFailsThePoll() throws InterruptedException {
    // given
    replies.put("POST /d {\"path\":\"/in\"}", new Reply(409, "{}"));

    // when
    PollResult result = carryOut(CONTINUE, poll());

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
    assertThat(result.getMessage()).contains("answered with status 409");
  }

  @Test
  void aFirstAnswerForWhoseEndThereIsNoTimeFailsThePoll() throws InterruptedException {
    // given
    reply(
        "GET /d?since=2026-03-02T10%3A00%3A30Z", "{'value':[{'id':1}],'nextLink':'URL/d?page=2'}");

    // when
    PollResult result = carryOut(DELTA, poll().setNotAfter(NOW.plus(Duration.ofSeconds(15))));

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
    assertThat(result.getMessage().orElseThrow()).contains("expected to come to the first cursor");
  }

  private PollResult carryOut(String manifest, Poll.Builder poll) throws InterruptedException {
    PollCall calls =
        new PollCall(
            OneService.polled(manifest),
            client,
            new KeptCredentials(),
            new CallBudgets(1, Ticker.systemTicker()),
            Clock.fixed(NOW, ZoneOffset.UTC));
    return calls.carryOut(poll.build()).getFirst();
  }

  private Poll.Builder poll() {
    return Poll.newBuilder()
        .setHookId("hook")
        .setOwnerId("owner")
        .setService("shop")
        .setAction("sold")
        .setNumber(1)
        .setConnectionId("mine")
        .setNotAfter(NOW.plus(Duration.ofMinutes(1)))
        .setInputs("{\"url\":\"" + url("/d") + "\"}");
  }

  private Poll.Builder after(PollResult result) {
    return poll().setNumber(result.getNumber() + 1).setCursor(result.getCursor().orElseThrow());
  }

  private void reply(String request, String body) {
    replies.put(request, new Reply(200, body.replace('\'', '"').replace("URL", url(""))));
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private String url(String target) {
    return "http://127.0.0.1:" + port() + target;
  }
}
