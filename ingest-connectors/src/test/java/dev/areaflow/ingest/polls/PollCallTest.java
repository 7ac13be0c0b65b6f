package dev.areaflow.ingest.polls;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.catalog.ServiceCatalog;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Polls against a real HTTP server. */
final class PollCallTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:30Z");

  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<String> tagsAsked = new CopyOnWriteArrayList<>();
  private final List<String> timesAsked = new CopyOnWriteArrayList<>();
  private final HttpServer server = server();
  private GuardedHttpClient client;
  private PollCall calls;
  private final KeptCredentials credentials = new KeptCredentials();
  private volatile int status = 200;
  private volatile Map<String, String> headers = Map.of();
  private volatile String body = "[]";

  @BeforeEach
  void start() {
    server.createContext(
        "/list",
        exchange -> {
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          tagsAsked.add(String.valueOf(exchange.getRequestHeaders().getFirst("If-None-Match")));
          timesAsked.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("If-Modified-Since")));
          headers.forEach(exchange.getResponseHeaders()::set);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, status == 304 ? -1 : bytes.length);
          if (status != 304) {
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
    server.start();
    HttpClientConfig config =
        HttpClientConfig.from(
            Settings.of(
                Map.of(
                    "egress.allow",
                    "127.0.0.1:" + server.getAddress().getPort(),
                    "egress.max-response-bytes",
                    "4194304")));
    client = new GuardedHttpClient(config);
    calls =
        new PollCall(
            CATALOG,
            client,
            credentials,
            new CallBudgets(1, Ticker.systemTicker()),
            Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void theItemsOfAListAreItsResult() throws InterruptedException {
    // given
    body = "{\"data\":[{\"id\":7,\"name\":\"x\"},{\"id\":8}]}";
    headers = Map.of("ETag", "\"v1\"", "X-Poll-Interval", "120");

    // when
    List<PollResult> results = calls.carryOut(poll().setNumber(5).setCursor("c").build());

    // then
    assertThat(results).hasSize(1);
    PollResult result = results.getFirst();
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.FOUND);
    assertThat(result.getNumber()).isEqualTo(5);
    assertThat(result.getStartedFrom()).contains("c");
    assertThat(result.getEtag()).contains("\"v1\"");
    assertThat(result.getRetryAfterMillis()).contains(120_000L);
    assertThat(result.getItems().stream().map(PollItem::getId)).containsExactly("7", "8");
    assertThat(StandardCharsets.UTF_8.decode(result.getItems().getFirst().getPayload()).toString())
        .isEqualTo("{\"id\":7,\"name\":\"x\"}");
    assertThat(tagsAsked).containsExactly("null");
  }

  @Test
  void aConnectionsCredentialIsOnTheRequest() throws InterruptedException {
    // given
    body = "{\"data\":[]}";

    // when
    List<PollResult> results = calls.carryOut(poll().setConnectionId("good").build());

    // then
    assertThat(results).extracting(PollResult::getVerdict).containsExactly(PollVerdict.FOUND);
    assertThat(authorizations).containsExactly("Bearer good");
  }

  @Test
  void aRefusedCredentialIsSaidOnceAndFailsThePoll() throws InterruptedException {
    // given
    status = 401;

    // when
    List<PollResult> results = calls.carryOut(poll().setConnectionId("good").build());

    // then
    assertThat(results).extracting(PollResult::getVerdict).containsExactly(PollVerdict.PERMANENT);
    assertThat(credentials.refused).containsExactly("good");
  }

  @Test
  void withoutItsCredentialNothingIsAsked() throws InterruptedException {
    // when
    List<PollResult> away = calls.carryOut(poll().setConnectionId("away").build());
    List<PollResult> gone = calls.carryOut(poll().setConnectionId("gone").build());

    // then
    assertThat(away).extracting(PollResult::getVerdict).containsExactly(PollVerdict.RETRYABLE);
    assertThat(gone).extracting(PollResult::getVerdict).containsExactly(PollVerdict.PERMANENT);
    assertThat(tagsAsked).isEmpty();
  }

  @Test
  void aChangedValueIsTheOneItemAndTheNextCursor() throws InterruptedException {
    // given
    body = "{\"data\":2}";
    String inputs = poll().build().getInputs().replace("\"items\"", "\"value\"");
    Poll.Builder poll = poll().setAction("value_changed").setInputs(inputs).setNumber(4);

    // when
    PollResult first = calls.carryOut(poll.build()).getFirst();
    PollResult changed = calls.carryOut(poll.setCursor("1").build()).getFirst();

    // then
    assertThat(first.getItems()).isEmpty();
    assertThat(first.getCursor()).contains("2");
    assertThat(changed.getCursor()).contains("2");
    assertThat(changed.getStartedFrom()).contains("1");
    assertThat(StandardCharsets.UTF_8.decode(changed.getItems().getFirst().getPayload()).toString())
        .isEqualTo("{\"value\":2,\"previous\":1}");
  }

  @Test
  void aListThatDidNotChangeIsNotModified() throws InterruptedException {
    // given
    status = 304;

    // when
    List<PollResult> results = calls.carryOut(poll().setEtag("\"v1\"").build());

    // then
    assertThat(results.getFirst().getVerdict()).isEqualTo(PollVerdict.NOT_MODIFIED);
    assertThat(tagsAsked).containsExactly("\"v1\"");
  }

  @Test
  void theEntriesOfAFeedAreItsItemsTheOldestFirst() throws InterruptedException {
    // given
    body =
        "<rss version='2.0'><channel>"
            + "<item><guid>b</guid><pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate></item>"
            + "<item><guid>a</guid></item></channel></rss>";
    headers = Map.of("Last-Modified", "Tue, 03 Jun 2003 09:40:00 GMT", "Content-Type", "text/xml");

    // when
    PollResult result = calls.carryOut(feed().build()).getFirst();

    // then
    assertThat(result.getLastModified()).contains("Tue, 03 Jun 2003 09:40:00 GMT");
    assertThat(result.getItems().stream().map(PollItem::getId)).containsExactly("a", "b");
    assertThat(result.getItems().getFirst().getTime()).isEmpty();
    assertThat(result.getItems().getLast().getTime())
        .contains(Instant.parse("2003-06-03T09:39:21Z"));
  }

  @Test
  void aFeedThatWasNotModifiedSinceIsNotModified() throws InterruptedException {
    // given
    status = 304;

    // when
    PollResult result =
        calls.carryOut(feed().setLastModified("Tue, 03 Jun 2003 09:40:00 GMT").build()).getFirst();

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.NOT_MODIFIED);
    assertThat(timesAsked).containsExactly("Tue, 03 Jun 2003 09:40:00 GMT");
  }

  private Poll.Builder feed() {
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/list";
    return poll().setService("rss").setAction("new_entry").setInputs("{\"url\":\"" + url + "\"}");
  }

  @Test
  void aLongAnswerComesInPages() throws InterruptedException {
    // given
    String text = "x".repeat(300_000);
    body =
        IntStream.range(0, 8)
            .mapToObj(i -> "{\"id\":" + i + ",\"text\":\"" + text + "\"}")
            .collect(Collectors.joining(",", "{\"data\":[", "]}"));

    // when
    List<PollResult> results = calls.carryOut(poll().build());

    // then
    assertThat(results.stream().map(PollResult::getPage)).containsExactly(0, 1, 2);
    assertThat(results).allMatch(result -> result.getPages() == 3);
    assertThat(results.stream().map(PollResult::getItemsAfter)).containsExactly(5, 2, 0);
    assertThat(results.stream().flatMap(page -> page.getItems().stream()).map(PollItem::getId))
        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7");
  }

  @Test
  void anOverloadedProviderSaysWhenToComeBack() throws InterruptedException {
    // given
    status = 429;
    headers = Map.of("Retry-After", "90");

    // when
    PollResult result = calls.carryOut(poll().build()).getFirst();

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.RETRYABLE);
    assertThat(result.getRetryAfterMillis()).contains(90_000L);
    assertThat(result.getMessage()).contains("answered with status 429");
  }

  @Test
  void whatCannotBeUsedIsAFailureThatSaysWhy() throws InterruptedException {
    // given
    body = "{\"data\":{}}";

    // when
    PollResult noList = calls.carryOut(poll().build()).getFirst();
    PollResult unknown = calls.carryOut(poll().setAction("other").build()).getFirst();
    PollResult blocked =
        calls.carryOut(poll().setInputs("{\"url\":\"http://127.0.0.1:1/\"}").build()).getFirst();

    // then
    assertThat(noList.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
    assertThat(noList.getMessage()).contains("expected an array at /data");
    assertThat(unknown.getMessage()).contains("http.other is not polled");
    assertThat(blocked.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
  }

  @Test
  void aPollAfterItsDeadlineIsNotCarriedOut() throws InterruptedException {
    // when
    List<PollResult> results = calls.carryOut(poll().setNotAfter(NOW).build());

    // then
    assertThat(results).isEmpty();
    assertThat(tagsAsked).isEmpty();
  }

  private Poll.Builder poll() {
    return Poll.newBuilder()
        .setHookId("hook")
        .setOwnerId("owner")
        .setService("http")
        .setAction("new_item")
        .setNumber(1)
        .setNotAfter(NOW.plus(Duration.ofSeconds(30)))
        .setInputs(
            "{\"url\":\"http://127.0.0.1:"
                + server.getAddress().getPort()
                + "/list\",\"items\":\"/data\"}");
  }

  private static HttpServer server() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
