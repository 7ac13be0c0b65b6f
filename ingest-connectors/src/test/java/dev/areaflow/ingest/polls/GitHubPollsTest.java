package dev.areaflow.ingest.polls;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.net.httpserver.HttpExchange;
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
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GitHub's polled actions against a server that answers as GitHub documents. */
final class GitHubPollsTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:30Z");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ServiceCatalog SAMPLES = ServiceCatalog.bundled();

  /** What is in each list, the newest first. */
  private final List<ObjectNode> notifications = new CopyOnWriteArrayList<>();

  private final List<ObjectNode> repositories = new CopyOnWriteArrayList<>();

  /** What is answered below a repository, by path. */
  private final Map<String, String> pages = new ConcurrentHashMap<>();

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final KeptCredentials credentials = new KeptCredentials();
  private final HttpServer server = server();
  private volatile int refusal;
  private volatile Map<String, String> refusalHeaders = Map.of();
  private GuardedHttpClient client;
  private ServiceCatalog catalog;
  private PollCall calls;

  @BeforeEach
  void start() {
    server.createContext("/notifications", exchange -> list(exchange, notifications, "updated_at"));
    for (String path : List.of("/user/repos", "/users/octocat/repos", "/orgs/octo-org/repos")) {
      server.createContext(path, exchange -> list(exchange, repositories, "none"));
    }
    server.createContext("/repos", this::page);
    server.start();
    Settings settings =
        Settings.of(
            Map.of(
                "egress.allow",
                "127.0.0.1:" + server.getAddress().getPort(),
                "service.github.base-url",
                "http://127.0.0.1:" + server.getAddress().getPort()));
    catalog =
        CatalogConfig.from(settings)
            .load(
                refused -> {
                  throw new AssertionError(refused);
                });
    client = new GuardedHttpClient(HttpClientConfig.from(settings));
    calls = calls(new CallBudgets(1, Ticker.systemTicker()));
  }

  private PollCall calls(CallBudgets budgets) {
    return new PollCall(catalog, client, credentials, budgets, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void whatIsNoMentionIsNoEventOnWhicheverPage() throws Exception {
    // given
    for (int i = 1; i <= 120; i++) {
      String reason = i % 40 == 0 ? "mention" : i % 2 == 0 ? "review_requested" : "subscribed";
      notify(i, reason, "octo/hello", NOW.minusSeconds(200 - i));
    }

    // when
    PollResult result = poll("mention", "{}", NOW.minusSeconds(300));

    // then
    assertThat(result.getVerdict()).isEqualTo(PollVerdict.FOUND);
    assertThat(ids(result)).containsExactly("40", "80", "120");
    assertThat(result.getItems().getLast().getTime()).contains(NOW.minusSeconds(80));
    assertThat(result.getCursor()).contains(NOW.minusSeconds(80).toString());
    assertThat(result.getRetryAfterMillis()).contains(60_000L);
    assertThat(asked)
        .containsExactly(
            "/notifications?all=true&since=2026-03-02T09:53:30Z&per_page=50",
            "/notifications?all=true&since=2026-03-02T09:53:30Z&per_page=50&page=2",
            "/notifications?all=true&since=2026-03-02T09:53:30Z&per_page=50&page=3");
    assertThat(authorizations).containsOnly("Bearer mine").hasSize(3);
  }

  @Test
  void requestedReviewsMayBeThoseOfOneRepository() throws Exception {
    // given
    notify(1, "review_requested", "octo/hello", NOW.minusSeconds(60));
    notify(2, "review_requested", "octo/other", NOW.minusSeconds(50));
    notify(3, "mention", "octo/hello", NOW.minusSeconds(40));

    // when
    PollResult one =
        poll("review_requested", "{\"repository\":\"Octo/Hello\"}", NOW.minusSeconds(70));
    PollResult all = poll("review_requested", "{}", NOW.minusSeconds(70));

    // then
    assertThat(ids(one)).containsExactly("1");
    assertThat(ids(all)).containsExactly("1", "2");
  }

  @Test
  void aPollOverItsConnectionsBudgetIsPutOffAndHoldsUpNoOther() throws Exception {
    // given
    PollCall frugal = calls(new CallBudgets(5_000, Ticker.systemTicker())); // one call an hour
    frugal.carryOut(poll("mention", "{}").build());

    // when
    PollResult over = frugal.carryOut(poll("mention", "{}").build()).getFirst();
    PollResult other =
        frugal.carryOut(poll("mention", "{}").setConnectionId("other").build()).getFirst();

    // then
    assertThat(over.getVerdict()).isEqualTo(PollVerdict.DEFERRED);
    assertThat(over.getRetryAfterMillis().orElseThrow()).isBetween(3_000_000L, 3_600_000L);
    assertThat(other.getVerdict()).isEqualTo(PollVerdict.FOUND);
    assertThat(authorizations).containsExactly("Bearer mine", "Bearer other");
  }

  @Test
  void thePagesOfAPollThatWasBegunAreReadAndOwed() throws Exception {
    // given
    PollCall frugal = calls(new CallBudgets(5_000, Ticker.systemTicker()));
    for (int i = 1; i <= 60; i++) {
      notify(i, "mention", "octo/hello", NOW.minusSeconds(200 - i));
    }

    // when
    PollResult whole =
        frugal
            .carryOut(poll("mention", "{}").setCursor(NOW.minusSeconds(300).toString()).build())
            .getFirst();
    PollResult next = frugal.carryOut(poll("mention", "{}").build()).getFirst();

    // then
    assertThat(whole.getItems()).hasSize(60);
    assertThat(next.getRetryAfterMillis().orElseThrow()).isGreaterThan(3_600_000L);
  }

  @Test
  void notificationsThatDidNotChangeAreNotReadAgain() throws Exception {
    // given
    notify(1, "mention", "octo/hello", NOW.minusSeconds(60));
    PollResult first = poll("mention", "{}", NOW.minusSeconds(70));

    // when
    PollResult second =
        calls
            .carryOut(
                poll("mention", "{}")
                    .setCursor(first.getCursor().orElseThrow())
                    .setLastModified(first.getLastModified().orElseThrow())
                    .build())
            .getFirst();

    // then
    assertThat(second.getVerdict()).isEqualTo(PollVerdict.NOT_MODIFIED);
    assertThat(second.getRetryAfterMillis()).contains(60_000L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "new_repository | {} | /user/repos?affiliation=owner&sort=created",
        "new_user_repository | {\"username\":\"octocat\"} | /users/octocat/repos?type=owner&sort=created",
        "new_organization_repository | {\"org\":\"octo-org\"} | /orgs/octo-org/repos?type=all&sort=created",
      })
  void aRepositoryIsNewByItsTimeAndNotByItsPlaceInTheList(
      String action, String inputs, String address) throws Exception {
    // given
    for (int i = 1; i <= 300; i++) {
      repository(i, NOW.minus(Duration.ofDays(400 - i)));
    }
    repository(301, NOW.minusSeconds(20));
    repository(302, NOW.minusSeconds(10));

    // when
    PollResult first = calls.carryOut(poll(action, inputs).build()).getFirst();
    PollResult later = poll(action, inputs, NOW.minusSeconds(60));
    repositories.subList(2, 150).clear();
    PollResult afterDeletions = poll(action, inputs, NOW.minusSeconds(60));

    // then
    assertThat(ids(first)).containsExactly("301", "302");
    assertThat(ids(later)).containsExactly("301", "302");
    assertThat(ids(afterDeletions)).containsExactly("301", "302");
    assertThat(afterDeletions.getCursor()).contains(NOW.minusSeconds(10).toString());
    assertThat(asked).hasSize(3).containsOnly(address + "&direction=desc&per_page=100");
  }

  @Test
  void manyNewRepositoriesAreReadOverSeveralPages() throws Exception {
    // given
    for (int i = 1; i <= 250; i++) {
      repository(i, NOW.minusSeconds(1_000 - i));
    }

    // when
    PollResult result = poll("new_repository", "{}", NOW.minusSeconds(300));

    // then: from ten minutes before the cursor on
    assertThat(ids(result)).hasSize(151).startsWith("100").endsWith("250");
    assertThat(asked).hasSize(2);
  }

  @Test
  void aLimitIsWaitedForAndABadTokenIsToldToItsConnection() throws Exception {
    // given
    refusal = 403;
    refusalHeaders =
        Map.of(
            "x-ratelimit-remaining",
            "0",
            "x-ratelimit-reset",
            Long.toString(NOW.getEpochSecond() + 90));

    // when
    PollResult limited = poll("mention", "{}", NOW);
    refusal = 401;
    refusalHeaders = Map.of();
    PollResult another = poll("mention", "{}", NOW);
    calls = calls(new CallBudgets(1, Ticker.systemTicker()));
    PollResult refused = poll("mention", "{}", NOW);

    // then
    assertThat(limited.getVerdict()).isEqualTo(PollVerdict.RETRYABLE);
    assertThat(limited.getRetryAfterMillis()).contains(90_000L);
    assertThat(another.getVerdict()).isEqualTo(PollVerdict.DEFERRED);
    assertThat(refused.getVerdict()).isEqualTo(PollVerdict.PERMANENT);
    assertThat(refused.getMessage()).contains("github answered with status 401");
    assertThat(credentials.refused).containsExactly("mine");
  }

  private PollResult poll(String action, String inputs, Instant cursor)
      throws InterruptedException {
    List<PollResult> results =
        calls.carryOut(poll(action, inputs).setCursor(cursor.toString()).build());
    assertThat(results).hasSize(1);
    return results.getFirst();
  }

  @Test
  void aNewCommentIsFoundWithItsIssueAndRepositoryButNotAnOldOneThatWasEdited() throws Exception {
    // given
    ObjectNode sample = sample("issue_comment_created");
    ObjectNode edited = comment(sample, 4, NOW.minusSeconds(90_000), NOW.minusSeconds(50));
    ObjectNode added = comment(sample, 5, NOW.minusSeconds(40), NOW.minusSeconds(40));
    pages.put("/repos/octo/hello/issues/comments", "[" + edited + "," + added + "]");
    pages.put("/repos/octo/hello", sample.path("repository").toString());
    pages.put("/repos/octo/hello/issues/7", sample.path("issue").toString());

    // when
    PollResult result =
        poll("issue_comment_created", "{\"repository\":\"octo/hello\"}", NOW.minusSeconds(60));

    // then
    assertThat(ids(result)).containsExactly("issue_comment:5:created");
    assertThat(result.getCanonical()).isTrue();
    assertThat(result.getCursor()).contains(NOW.minusSeconds(40).toString());
    assertThat(payload(result)).isEqualTo(sample.set("comment", added));
    assertThat(asked)
        .containsExactly(
            "/repos/octo/hello/issues/comments?sort=updated&direction=asc"
                + "&since=2026-03-02T09:57:30Z&per_page=100",
            "/repos/octo/hello",
            "/repos/octo/hello/issues/7");
    assertThat(authorizations).containsOnly("Bearer mine");
  }

  @Test
  void aMergedPullRequestIsFoundAmongIssuesAndReadItself() throws Exception {
    // given
    ObjectNode sample = sample("pull_request_merged");
    ObjectNode issue = sample("issue_opened").withObject("/issue").put("number", 2);
    issue.put("updated_at", NOW.minusSeconds(40).toString());
    ObjectNode open = issue.deepCopy().put("number", 3);
    open.putObject("pull_request").putNull("merged_at");
    ObjectNode merged = issue.deepCopy();
    merged.putObject("pull_request").put("merged_at", NOW.minusSeconds(40).toString());
    pages.put("/repos/octo/hello/issues", "[" + issue + "," + open + "," + merged + "]");
    pages.put("/repos/octo/hello/pulls/2", sample.path("pull_request").toString());

    // when
    PollResult result =
        poll("pull_request_merged", "{\"repository\":\"octo/hello\"}", NOW.minusSeconds(60));

    // then
    assertThat(ids(result)).containsExactly("pull_request:279147437:merged");
    assertThat(result.getItems().getFirst().getTime()).contains(NOW.minusSeconds(40));
    assertThat(payload(result).path("pull_request")).isEqualTo(sample.path("pull_request"));
    assertThat(asked).hasSize(2).last().isEqualTo("/repos/octo/hello/pulls/2");
  }

  @Test
  void aDraftAmongReleasesIsNoneYet() throws Exception {
    // given
    ObjectNode sample = sample("release_published");
    ObjectNode release = sample.withObject("/release");
    ObjectNode draft = release.deepCopy().put("id", 8).put("draft", true).putNull("published_at");
    ObjectNode old = release.deepCopy().put("id", 6);
    release.put("id", 7).put("published_at", NOW.minusSeconds(40).toString());
    pages.put("/repos/octo/hello/releases", "[" + draft + "," + release + "," + old + "]");
    pages.put("/repos/octo/hello", sample.path("repository").toString());

    // when
    PollResult result =
        poll("release_published", "{\"repository\":\"octo/hello\"}", NOW.minusSeconds(60));

    // then
    assertThat(ids(result)).containsExactly("release:7:published");
    assertThat(result.getCursor()).contains(NOW.minusSeconds(40).toString());
  }

  private ObjectNode comment(ObjectNode sample, int id, Instant created, Instant updated) {
    String issue =
        "http://127.0.0.1:%d/repos/octo/hello/issues/7".formatted(server.getAddress().getPort());
    return sample
        .withObject("/comment")
        .deepCopy()
        .put("id", id)
        .put("issue_url", issue)
        .put("created_at", created.toString())
        .put("updated_at", updated.toString());
  }

  private static JsonNode payload(PollResult result) throws IOException {
    return JSON.readTree(
        StandardCharsets.UTF_8.decode(result.getItems().getFirst().getPayload()).toString());
  }

  private void page(HttpExchange exchange) throws IOException {
    asked.add(URLDecoder.decode(exchange.getRequestURI().toString(), StandardCharsets.UTF_8));
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    String page = pages.get(exchange.getRequestURI().getPath());
    answer(exchange, page == null ? 404 : 200, page == null ? "{}" : page);
  }

  private static Poll.Builder poll(String action, String inputs) {
    return Poll.newBuilder()
        .setHookId("hook")
        .setOwnerId("owner")
        .setService("github")
        .setAction(action)
        .setInputs(inputs)
        .setConnectionId("mine")
        .setNumber(2)
        .setNotAfter(NOW.plus(Duration.ofMinutes(1)));
  }

  private static List<String> ids(PollResult result) {
    return result.getItems().stream().map(PollItem::getId).toList();
  }

  private void notify(int id, String reason, String repository, Instant at) {
    ObjectNode thread = sample("mention").put("id", Integer.toString(id));
    thread.put("reason", reason).put("updated_at", at.toString());
    thread.withObject("/repository").put("full_name", repository);
    notifications.addFirst(thread);
  }

  private void repository(int id, Instant at) {
    repositories.addFirst(
        sample("new_user_repository").put("id", id).put("created_at", at.toString()));
  }

  private static ObjectNode sample(String action) {
    return SAMPLES.action("github", action).orElseThrow().sample().deepCopy();
  }

  /** One page, with the address of the next one. */
  private void list(HttpExchange exchange, List<ObjectNode> all, String filtered)
      throws IOException {
    asked.add(URLDecoder.decode(exchange.getRequestURI().toString(), StandardCharsets.UTF_8));
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    exchange.getResponseHeaders().set("X-Poll-Interval", "60");
    if (refusal != 0) {
      refusalHeaders.forEach(exchange.getResponseHeaders()::set);
      answer(exchange, refusal, "{\"message\":\"no\"}");
      return;
    }
    String modified = "Mon, 02 Mar 2026 09:59:30 GMT";
    exchange.getResponseHeaders().set("Last-Modified", modified);
    if (modified.equals(exchange.getRequestHeaders().getFirst("If-Modified-Since"))) {
      answer(exchange, 304, "");
      return;
    }
    Map<String, String> query =
        Arrays.stream(exchange.getRequestURI().getQuery().split("&"))
            .map(pair -> pair.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    List<ObjectNode> shown = new ArrayList<>(all);
    if (query.containsKey("since")) {
      Instant since = Instant.parse(query.get("since"));
      shown.removeIf(item -> !Instant.parse(item.path(filtered).asText()).isAfter(since));
    }
    int size = Integer.parseInt(query.get("per_page"));
    int page = Integer.parseInt(query.getOrDefault("page", "1"));
    int end = Math.min(shown.size(), page * size);
    if (end < shown.size()) {
      String here = exchange.getRequestURI().toString().replaceAll("&page=.*", "");
      exchange
          .getResponseHeaders()
          .set(
              "Link",
              "<http://127.0.0.1:%d%s&page=%d>; rel=\"next\""
                  .formatted(server.getAddress().getPort(), here, page + 1));
    }
    ArrayNode body = JsonNodeFactory.instance.arrayNode();
    shown.subList((page - 1) * size, end).forEach(body::add);
    answer(exchange, 200, JSON.writeValueAsString(body));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static HttpServer server() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
