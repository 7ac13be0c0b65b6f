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
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The polled actions of Google's services, against a server that answers as Google does. */
final class GooglePollsFlowTest {
  private static final Instant NOW = Instant.parse("2026-06-01T10:00:30Z");
  private static final String HISTORY =
      "/gmail/v1/users/me/history?startHistoryId=%s&historyTypes=messageAdded&labelId=INBOX&maxResults=500";
  private static final String MESSAGE = "/gmail/v1/users/me/messages/%s?format=full";
  private static final String FIRST_SYNC =
      "/calendar/v3/calendars/primary/events?maxResults=2500&fields=nextPageToken,nextSyncToken";
  private static final String SYNC =
      "/calendar/v3/calendars/primary/events?syncToken=%s&maxResults=250";
  private static final String NOT_FOUND =
      "{'error':{'code':404,'message':'Requested entity was not found.'}}";

  private record Reply(int status, String body) {}

  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private GuardedHttpClient client;
  private PollCall calls;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String target =
              URLDecoder.decode(exchange.getRequestURI().toString(), StandardCharsets.UTF_8);
          asked.add(target);
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          Reply reply = replies.getOrDefault(target, new Reply(404, NOT_FOUND));
          byte[] bytes = reply.body().replace('\'', '"').getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(reply.status(), bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    String address = "http://127.0.0.1:" + server.getAddress().getPort();
    client =
        new GuardedHttpClient(
            HttpClientConfig.from(
                Settings.of(Map.of("egress.allow", "127.0.0.1:" + server.getAddress().getPort()))));
    ServiceCatalog catalog =
        CatalogConfig.from(
                Settings.of(
                    Map.of(
                        "service.gmail.base-url",
                        address,
                        "service.google-drive.base-url",
                        address,
                        "service.google-calendar.base-url",
                        address + "/calendar/v3")))
            .load(
                refused -> {
                  throw new IllegalStateException(refused);
                });
    calls =
        new PollCall(
            catalog,
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
  void newMailsOfTheHistoryAreAskedForOneByOne() throws InterruptedException {
    // given
    reply("/gmail/v1/users/me/profile", "{'emailAddress':'bob@example.com','historyId':'100'}");
    reply(HISTORY.formatted("100"), "{'historyId':'105'}");
    reply(
        HISTORY.formatted("105"),
        "{'history':["
            + "{'id':'110','messagesAdded':[{'message':{'id':'m1'}}]},"
            + "{'id':'111','messagesAdded':[{'message':{'id':'gone'}},{'message':{'id':'m2'}}]},"
            + "{'id':'112','messagesAdded':[{'message':{'id':'draft'}}]}],'historyId':'120'}");
    reply(MESSAGE.formatted("m1"), mail("m1", "INBOX"));
    reply(MESSAGE.formatted("m2"), mail("m2", "INBOX"));
    reply(MESSAGE.formatted("draft"), mail("draft", "DRAFT"));

    // when
    PollResult start = carryOut("gmail", "new_mail", null);
    PollResult quiet = carryOut("gmail", "new_mail", start);
    PollResult found = carryOut("gmail", "new_mail", quiet);
    PollResult lost = carryOut("gmail", "new_mail", found);

    // then
    assertThat(start.getCursor()).contains("100");
    assertThat(quiet.getItems()).isEmpty();
    assertThat(quiet.getCursor()).contains("105");
    assertThat(found.getItems().stream().map(PollItem::getId)).containsExactly("m1", "m2");
    assertThat(found.getItems().getFirst().getTime())
        .contains(Instant.parse("2026-06-01T10:00:00Z"));
    assertThat(found.getCursor()).contains("120");
    assertThat(lost.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
    assertThat(asked).contains(MESSAGE.formatted("gone")).hasSize(8);
    assertThat(authorizations).containsOnly("Bearer mine");
  }

  @Test
  void aMailThatCannotBeReadNowFailsThePollAndIsReadByTheNext() throws InterruptedException {
    // given
    reply(
        HISTORY.formatted("105"),
        "{'history':[{'id':'110','messagesAdded':[{'message':{'id':'m1'}}]}],'historyId':'120'}");
    replies.put(MESSAGE.formatted("m1"), new Reply(503, "{'error':{'code':503}}"));

    // when
    PollResult result =
        calls.carryOut(poll("gmail", "new_mail").setCursor("105").build()).getFirst();

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.RETRYABLE);
    assertThat(result.getItems()).isEmpty();
  }

  @Test
  void aCalendarIsFollowedFromItsSyncToken() throws InterruptedException {
    // given
    reply(FIRST_SYNC, "{'nextPageToken':'p2'}");
    reply(FIRST_SYNC + "&pageToken=p2", "{'nextSyncToken':'s1'}");
    reply(
        SYNC.formatted("s1"),
        "{'items':["
            + event("new", "2026-06-01T09:59:00.000Z", "2026-06-01T09:59:00.400Z")
            + ","
            + event("old", "2026-05-01T00:00:00.000Z", "2026-06-01T09:59:00.000Z")
            + ","
            + event("ancient", "0000-12-31T00:00:00.000Z", "2026-06-01T09:59:00.000Z")
            + ",{'id':'off','status':'cancelled','etag':'1'}],'nextPageToken':'p2'}");
    reply(
        SYNC.formatted("s1") + "&pageToken=p2",
        "{'items':["
            + event("both", "2026-06-01T09:58:00.000Z", "2026-06-01T09:59:30.000Z")
            + "],'nextSyncToken':'s2'}");
    replies.put(SYNC.formatted("s2"), new Reply(410, "{'error':{'code':410}}"));

    // when
    PollResult start = carryOut("google-calendar", "event_created", null);
    PollResult created = carryOut("google-calendar", "event_created", start);
    PollResult changed = carryOut("google-calendar", "event_changed", start);
    PollResult cancelled = carryOut("google-calendar", "event_cancelled", start);
    PollResult lost = carryOut("google-calendar", "event_created", created);

    // then
    assertThat(start.getItems()).isEmpty();
    assertThat(ids(created)).containsExactly("new", "both");
    assertThat(ids(changed))
        .containsExactly("old:2026-06-01T09:59:00.000Z", "both:2026-06-01T09:59:30.000Z");
    assertThat(ids(cancelled)).containsExactly("off:1");
    assertThat(created.getCursor()).contains("s2");
    assertThat(lost.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
  }

  @Test
  void eventsThatStartSoonAreThoseOfTheNextMinutes() throws InterruptedException {
    // given
    String soon =
        "/calendar/v3/calendars/primary/events?timeMin=2026-06-01T10:00:30Z"
            + "&timeMax=2026-06-01T10:15:30Z&singleEvents=true&orderBy=startTime&maxResults=250";
    reply(
        soon,
        "{'items':[{'id':'day','start':{'date':'2026-06-01'}},"
            + "{'id':'talk','start':{'dateTime':'2026-06-01T12:15:00+02:00'}}]}");

    // when
    PollResult found = carryOut("google-calendar", "event_starts_soon", null);

    // then
    assertThat(ids(found)).containsExactly("talk:2026-06-01T12:15:00+02:00");
    assertThat(found.getItems().getFirst().getTime())
        .contains(Instant.parse("2026-06-01T10:15:00Z"));
  }

  @Test
  void aDriveIsFollowedFromItsStartPageToken() throws InterruptedException {
    // given
    reply("/drive/v3/changes/startPageToken?supportsAllDrives=true", "{'startPageToken':'7'}");
    List<String> changes =
        List.of(
            file("new", "2026-06-01T09:59:00Z", "2026-06-01T09:59:00Z", "'parents':['in']"),
            file("elsewhere", "2026-06-01T09:59:00Z", "2026-06-01T09:59:00Z", "'parents':['out']"),
            file("changed", "2026-01-01T00:00:00Z", "2026-06-01T09:59:50Z", "'parents':['in']"),
            file("seen", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "'parents':['in']"),
            file(
                "shared",
                "2026-01-01T00:00:00Z",
                "2026-02-01T00:00:00Z",
                "'sharedWithMeTime':'2026-06-01T09:59:59Z'"),
            "{'changeType':'drive','time':'2026-06-01T10:00:00Z','driveId':'d'}",
            "{'changeType':'file','time':'2026-06-01T10:00:00Z','removed':true,'fileId':'lost'}");
    replies.put(
        "changes",
        new Reply(200, "{'changes':[" + String.join(",", changes) + "],'newStartPageToken':'8'}"));

    // when
    PollResult start = carryOut("google-drive", "new_file", null);
    replies.put(driveTarget(start), replies.get("changes"));
    PollResult created =
        calls
            .carryOut(
                poll("google-drive", "new_file")
                    .setCursor("7")
                    .setInputs("{\"folderId\":\"in\"}")
                    .build())
            .getFirst();
    PollResult changed = carryOut("google-drive", "file_changed", start);
    PollResult shared = carryOut("google-drive", "shared_with_me", start);

    // then
    assertThat(ids(created)).containsExactly("new");
    assertThat(ids(changed)).containsExactly("changed:2026-06-01T09:59:50Z");
    assertThat(ids(shared)).containsExactly("shared:2026-06-01T09:59:59Z");
    assertThat(created.getCursor()).contains("8");
  }

  /** What is asked for from a token on: its list of fields is long, and the server's to know. */
  private String driveTarget(PollResult start) throws InterruptedException {
    assertThat(start.getCursor()).contains("7");
    PollResult unknown = carryOut("google-drive", "new_file", start);
    assertThat(unknown.getVerdict()).isEqualTo(PollVerdict.INVALID_CURSOR);
    String target = asked.getLast();
    assertThat(target)
        .startsWith(
            "/drive/v3/changes?pageToken=7&pageSize=250&supportsAllDrives=true"
                + "&includeItemsFromAllDrives=true&includeRemoved=false&fields=")
        .contains("newStartPageToken,changes(", "createdTime", "sharedWithMeTime");
    return target;
  }

  private PollResult carryOut(String service, String action, @Nullable PollResult before)
      throws InterruptedException {
    Poll.Builder poll = poll(service, action);
    if (before != null) {
      poll.setNumber(before.getNumber() + 1).setCursor(before.getCursor().orElseThrow());
    }
    return calls.carryOut(poll.build()).getFirst();
  }

  private static Poll.Builder poll(String service, String action) {
    return Poll.newBuilder()
        .setHookId("hook")
        .setOwnerId("owner")
        .setService(service)
        .setAction(action)
        .setNumber(1)
        .setConnectionId("mine")
        .setNotAfter(NOW.plus(Duration.ofMinutes(1)))
        .setInputs("{}");
  }

  private static List<String> ids(PollResult result) {
    return result.getItems().stream().map(PollItem::getId).toList();
  }

  private void reply(String target, String body) {
    replies.put(target, new Reply(200, body));
  }

  private static String mail(String id, String label) {
    return "{'id':'%s','labelIds':['%s'],'internalDate':'1780308000000','payload':{'headers':[]}}"
        .formatted(id, label);
  }

  private static String event(String id, String created, String updated) {
    return "{'id':'%s','status':'confirmed','created':'%s','updated':'%s'}"
        .formatted(id, created, updated);
  }

  private static String file(String id, String created, String modified, String rest) {
    return ("{'changeType':'file','time':'2026-06-01T10:00:00Z','removed':false,'fileId':'%1$s',"
            + "'file':{'id':'%1$s','trashed':false,'createdTime':'%2$s','modifiedTime':'%3$s',%4$s}}")
        .formatted(id, created, modified, rest);
  }
}
