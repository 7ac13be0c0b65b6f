package dev.areaflow.ingest.polls;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.catalog.CatalogConfig;
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

/** Bundled services are polled as their providers document it, against a real HTTP server. */
final class BundledPollsTest {
  private static final Instant NOW = Instant.parse("2026-06-01T10:00:00.500Z");

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
            HttpClientConfig.from(
                Settings.of(Map.of("egress.allow", "127.0.0.1:" + server.getAddress().getPort()))));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void filesOfADropboxFolderAreRememberedAndOnlyLaterOnesAreFollowed() throws InterruptedException {
    // given
    String list = "POST /v/files/list_folder {\"path\":\"/in\",\"recursive\":false,\"limit\":500}";
    reply(list, "{'entries':[" + file(1, "a") + "],'cursor':'c1','has_more':true}");
    reply(next("c1"), "{'entries':[" + file(2, "a") + "],'cursor':'c2','has_more':false}");
    reply(
        next("c2"),
        "{'entries':[{'.tag':'deleted','name':'x','path_lower':'/in/x'},"
            + file(3, "a")
            + "],'cursor':'c3','has_more':false}");
    replies.put(next("c3"), new Reply(409, "{\"error_summary\":\"reset/..\"}"));

    // when
    PollResult first = carryOut(poll("dropbox", "new_file", "{\"path\":\"/in\"}"));
    PollResult second = carryOut(after(first, "dropbox", "new_file", "{\"path\":\"/in\"}"));
    PollResult lost = carryOut(after(second, "dropbox", "new_file", "{\"path\":\"/in\"}"));

    // then
    assertThat(ids(first)).containsExactly("id:1", "id:2");
    assertThat(first.getCursor()).contains("c2");
    assertThat(ids(second)).containsExactly("id:3");
    assertThat(second.getItems().getFirst().getTime())
        .contains(Instant.parse("2026-05-12T15:50:38Z"));
    assertThat(lost.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
    assertThat(headers).containsOnly("Bearer mine null");
  }

  @Test
  void changesAndDeletionsInDropboxBeginWithTheLatestCursor() throws InterruptedException {
    // given
    reply(
        "POST /v/files/list_folder/get_latest_cursor {\"path\":\"\",\"recursive\":true,\"limit\":500}",
        "{'cursor':'c1'}");
    reply(
        next("c1"),
        "{'entries':[{'.tag':'folder','name':'y','id':'id:9','path_lower':'/y'},"
            + "{'.tag':'deleted','name':'x','path_lower':'/x'},"
            + file(3, "b")
            + "],'cursor':'c2','has_more':false}");
    String inputs = "{\"recursive\":true}";

    // when
    PollResult first = carryOut(poll("dropbox", "file_changed", inputs));
    PollResult changed = carryOut(after(first, "dropbox", "file_changed", inputs));
    PollResult deleted = carryOut(after(first, "dropbox", "deleted", inputs));

    // then
    assertThat(first.getItems()).isEmpty();
    assertThat(ids(changed)).containsExactly("id:3:b");
    assertThat(deleted.getItems())
        .singleElement()
        .satisfies(item -> assertThat(item.getId()).matches("2-[0-9a-f]{32}"));
  }

  @Test
  void aFolderThatIsNotThereFailsThePoll() throws InterruptedException {
    // given
    replies.put(
        "POST /v/files/list_folder {\"path\":\"/in\",\"recursive\":false,\"limit\":500}",
        new Reply(409, "{\"error_summary\":\"path/not_found/..\"}"));

    // when
    PollResult result = carryOut(poll("dropbox", "new_file", "{\"path\":\"/in\"}"));

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
    assertThat(result.getMessage()).contains("answered with status 409");
  }

  @Test
  void mailsOfAFolderAreFollowedByTheirDeltaLinks() throws InterruptedException {
    // given
    String folder = "/v/me/mailFolders/inbox/messages/delta";
    reply(
        "GET "
            + folder
            + "?changeType=created&%24filter=receivedDateTime%20ge%202026-06-01T10%3A00%3A00Z",
        "{'value':[{'id':'old'}],'@odata.nextLink':'URL" + folder + "?$skiptoken=s1'}");
    reply(
        "GET " + folder + "?$skiptoken=s1",
        "{'value':[],'@odata.deltaLink':'URL/v/me/mailFolders(%27inbox%27)/messages/delta?$deltatoken=d1'}");
    reply(
        "GET /v/me/mailFolders(%27inbox%27)/messages/delta?$deltatoken=d1",
        "{'value':[{'id':'gone','@removed':{'reason':'deleted'}},"
            + mail("1", "megan@example.org")
            + ","
            + mail("2", "dana@example.org")
            + ",{'id':'3'}],'@odata.deltaLink':'URL/v/d?$deltatoken=d2'}");
    replies.put(
        "GET /v/d?$deltatoken=d2", new Reply(410, "{\"error\":{\"code\":\"SyncStateNotFound\"}}"));
    String inputs = "{\"from\":\"Megan@example.org\"}";

    // when
    PollResult first = carryOut(poll("outlook", "new_mail", inputs));
    PollResult second = carryOut(after(first, "outlook", "new_mail", inputs));
    PollResult lost = carryOut(after(second, "outlook", "new_mail", inputs));

    // then
    assertThat(first.getItems()).isEmpty();
    assertThat(ids(second)).containsExactly("1");
    assertThat(second.getItems().getFirst().getTime())
        .contains(Instant.parse("2026-06-01T09:58:12Z"));
    assertThat(lost.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
    assertThat(headers)
        .containsOnly(
            "Bearer mine IdType=\"ImmutableId\", outlook.body-content-type=\"text\","
                + " odata.maxpagesize=5");
  }

  @Test
  void eventsAreAskedForSinceTheNewestAndUntilAWhileAhead() throws InterruptedException {
    // given
    reply(
        "GET /v/me/events?%24filter=createdDateTime%20ge%202026-06-01T09%3A58%3A00Z"
            + "&%24orderby=createdDateTime&%24top=20",
        "{'value':[{'id':'e','createdDateTime':'2026-06-01T09:59:33.8673345Z'}]}");
    reply(
        "GET /v/me/calendarView?startDateTime=2026-06-01T10%3A00%3A00Z"
            + "&endDateTime=2026-06-01T11%3A00%3A00Z&%24top=20",
        "{'value':[{'id':'e','start':{'dateTime':'2026-06-01T10:30:00.0000000'},'isCancelled':false},"
            + "{'id':'f','start':{'dateTime':'2026-06-01T10:30:00.0000000'},'isCancelled':true}]}");

    // when
    PollResult created = carryOut(poll("outlook", "event_created", "{}"));
    PollResult soon = carryOut(poll("outlook", "event_starts_soon", "{\"ahead\":\"PT1H\"}"));

    // then
    assertThat(ids(created)).containsExactly("e");
    assertThat(created.getCursor()).contains("2026-06-01T10:00:00.500Z");
    assertThat(ids(soon)).containsExactly("e:2026-06-01T10:30:00.0000000");
  }

  private static String file(int id, String rev) {
    return "{'.tag':'file','id':'id:"
        + id
        + "','rev':'"
        + rev
        + "','server_modified':'2026-05-12T15:50:38Z'}";
  }

  private static String mail(String id, String from) {
    return "{'id':'"
        + id
        + "','receivedDateTime':'2026-06-01T09:58:12Z','from':{'emailAddress':{'address':'"
        + from
        + "'}}}";
  }

  private static String next(String cursor) {
    return "POST /v/files/list_folder/continue {\"cursor\":\"" + cursor + "\"}";
  }

  private static List<String> ids(PollResult result) {
    return result.getItems().stream().map(PollItem::getId).toList();
  }

  private PollResult carryOut(Poll.Builder poll) throws InterruptedException {
    ServiceCatalog catalog =
        CatalogConfig.from(
                Settings.of(
                    Map.of(
                        "service.dropbox.base-url",
                        url("/v"),
                        "service.dropbox.hosts",
                        "content=" + url("/v"),
                        "service.outlook.base-url",
                        url("/v"))))
            .load(
                problem -> {
                  throw new AssertionError(problem);
                });
    PollCall calls =
        new PollCall(
            catalog,
            client,
            new KeptCredentials(),
            new CallBudgets(1, Ticker.systemTicker()),
            Clock.fixed(NOW, ZoneOffset.UTC));
    return calls.carryOut(poll.build()).getFirst();
  }

  private static Poll.Builder poll(String service, String action, String inputs) {
    return Poll.newBuilder()
        .setHookId("hook")
        .setOwnerId("owner")
        .setService(service)
        .setAction(action)
        .setNumber(1)
        .setConnectionId("mine")
        .setNotAfter(NOW.plus(Duration.ofMinutes(1)))
        .setInputs(inputs);
  }

  private static Poll.Builder after(
      PollResult result, String service, String action, String inputs) {
    return poll(service, action, inputs)
        .setNumber(result.getNumber() + 1)
        .setCursor(result.getCursor().orElseThrow());
  }

  private void reply(String request, String body) {
    replies.put(request, new Reply(200, body.replace('\'', '"').replace("URL", url(""))));
  }

  private String url(String target) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + target;
  }
}
