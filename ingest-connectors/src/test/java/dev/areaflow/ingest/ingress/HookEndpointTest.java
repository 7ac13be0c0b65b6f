package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.ingest.ingress.RunningHooks.Post;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.rows.HookRow;
import io.micrometer.core.instrument.Gauge;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries over real HTTP, and what each is answered. */
final class HookEndpointTest {
  private static final String SIGNED = "{\"verification\":\"hmac-sha256\"}";
  private static final String ISSUE =
      "{\"action\":\"opened\",\"issue\":{\"created_at\":\"2019-05-15T15:20:18Z\"},"
          + "\"repository\":{\"full_name\":\"Octo/Hello\"}}";

  /** Deliveries of one hook at a time, until the rate's burst is used up. */
  private static final int MANY = 1_000;

  private RunningHooks hooks;

  @BeforeEach
  void start() {
    hooks = new RunningHooks();
  }

  @AfterEach
  void stop() {
    hooks.close();
  }

  // size

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBodyThatIsTooLargeIsRefusedForItsSizeWhateverElseIsWrong(boolean chunked) {
    // given
    byte[] body = "x".repeat(RunningHooks.BODY_BYTES + 1).getBytes(UTF_8);
    HookRow signed = hooks.hook("webhook", "received", SIGNED);

    // when
    List<HttpResponse<String>> answers =
        List.of(
            hooks.toToken("nonsense").send(publisher(body, chunked)),
            hooks.to(UUID.randomUUID()).send(publisher(body, chunked)),
            hooks.to(signed).header("Content-Type", "text/html").send(publisher(body, chunked)));

    // then
    assertThat(answers).allSatisfy(answer -> assertProblem(answer, 413));
    assertThat(answers.getFirst().body()).contains("50000 bytes");
    assertThat(hooks.activity(signed).getRefused()).isEqualTo(Map.of("size", 1L));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBodyOfTheLargestSizeIsTaken(boolean chunked) {
    // given
    String frame = "{\"a\":\"\"}";
    String body = "{\"a\":\"" + "x".repeat(RunningHooks.BODY_BYTES - frame.length()) + "\"}";

    // when
    HttpResponse<String> answer =
        hooks.to(hooks.webhook()).send(publisher(body.getBytes(UTF_8), chunked));

    // then
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(payload(kept())).isEqualTo(body);
  }

  @Test
  void sizeIsCheckedBeforeTheTableIsComplete() {
    try (RunningHooks reading = new RunningHooks(RunningHooks.LIMITS)) {
      // when
      HttpResponse<String> answer =
          reading.to(UUID.randomUUID()).send(new byte[RunningHooks.BODY_BYTES + 1]);

      // then
      assertProblem(answer, 413);
    }
  }

  // hook and signature

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUnknownHookAMissingAndABadSignatureGetTheSameAnswer(boolean chunked) {
    // given bodies of a wrong type that are no JSON either
    byte[] body = "{".getBytes(UTF_8);
    HookRow signed = hooks.hook("webhook", "received", SIGNED);
    HookRow github = hooks.hook("github", "issue_opened", "{}");
    String token = TestHooks.KEY.token(UUID.fromString(signed.id()));
    String forged = (token.charAt(0) == 'A' ? 'B' : 'A') + token.substring(1);
    List<Post> posts =
        List.of(
            hooks.toToken(forged),
            hooks.toToken("x"),
            hooks.toToken("%C3%A9%00%20"),
            hooks.toToken(token + "AAAA"),
            hooks.to(signed),
            hooks.to(signed).header("X-Hub-Signature-256", "sha256=" + "0".repeat(64)),
            hooks.to(signed).header("X-Hub-Signature-256", "sha256=no"),
            hooks
                .to(signed)
                .header(
                    "X-Hub-Signature-256",
                    TestHooks.signature(UUID.fromString(signed.id()), 1, "other".getBytes(UTF_8))),
            hooks.to(github));

    // when
    List<HttpResponse<String>> answers =
        posts.stream()
            .map(post -> post.header("Content-Type", "text/html").send(publisher(body, chunked)))
            .toList();

    // then
    assertProblem(answers.getFirst(), 401);
    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(answer.statusCode()).isEqualTo(401);
              assertThat(answer.body()).isEqualTo(answers.getFirst().body());
              assertThat(withoutDate(answer)).isEqualTo(withoutDate(answers.getFirst()));
            });
    assertThat(hooks.events.kept()).isEmpty();
  }

  @Test
  void aDeletedHookAndAClockAreAnsweredAsUnknownOnes() {
    // given
    HookRow deleted = hooks.webhook();
    hooks.table.apply(deleted.id(), TestHooks.deleted(deleted));
    HookRow clock = hooks.hook("timer", "interval", "{\"every\":\"PT1M\"}");
    HookRow purged = hooks.webhook();
    hooks.table.apply(purged.id(), null);

    // when
    List<HttpResponse<String>> answers =
        List.of(
            hooks.toToken("nonsense").send("{}"),
            hooks.to(deleted).send("{}"),
            hooks.to(clock).send("{}"),
            hooks.to(purged).send("{}"));

    // then
    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(answer.statusCode()).isEqualTo(401);
              assertThat(answer.body()).isEqualTo(answers.getFirst().body());
              assertThat(withoutDate(answer)).isEqualTo(withoutDate(answers.getFirst()));
            });
    assertThat(hooks.tallies.take()).isEmpty();
  }

  @Test
  void aSignedDeliveryIsTaken() {
    // given
    HookRow hook = hooks.hook("webhook", "received", SIGNED);

    // when
    HttpResponse<String> answer = hooks.to(hook).signed(hook, " { \"a\" : 1 } ");

    // then
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(payload(kept())).isEqualTo(" { \"a\" : 1 } ");
  }

  @Test
  void theOldSecretIsValidUntilItsTimeIsOver() {
    // given
    HookRow hook = hooks.hook("webhook", "received", SIGNED);
    Instant until = TestHooks.NOW.plus(Duration.ofHours(24));
    hooks.table.apply(hook.id(), TestHooks.renewed(hook, until));

    // when
    hooks.clock.set(until.minusMillis(1));
    HttpResponse<String> newInTime = hooks.to(hook).signed(hook, 2, "{}");
    HttpResponse<String> oldInTime = hooks.to(hook).signed(hook, 1, "{}");
    hooks.clock.set(until);
    HttpResponse<String> newLater = hooks.to(hook).signed(hook, 2, "{}");
    HttpResponse<String> oldLater = hooks.to(hook).signed(hook, 1, "{}");

    // then
    assertThat(List.of(newInTime, oldInTime, newLater, oldLater))
        .extracting(HttpResponse::statusCode)
        .containsExactly(202, 202, 202, 401);
  }

  @Test
  void aSecretOfTheFutureIsNoSecret() {
    // given
    HookRow hook = hooks.hook("webhook", "received", SIGNED);

    // when
    HttpResponse<String> answer = hooks.to(hook).signed(hook, 2, "{}");

    // then
    assertProblem(answer, 401);
  }

  // encoding and media type

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/xml", "application/json; charset=utf-16"})
  void aTypeThatIsNotUnderstoodIsRefusedBeforeTheJsonIsRead(String type) {
    // given
    HookRow hook = hooks.webhook();

    // when
    HttpResponse<String> answer = hooks.to(hook).header("Content-Type", type).send("{");

    // then
    assertProblem(answer, 415);
    assertThat(hooks.activity(hook).getRefused()).isEqualTo(Map.of("media-type", 1L));
  }

  @Test
  void aCompressedBodyIsVerifiedAsItCameAndThenRefused() throws IOException {
    // given
    HookRow hook = hooks.hook("webhook", "received", SIGNED);
    byte[] body = gzip("{}");
    String signature = TestHooks.signature(UUID.fromString(hook.id()), 1, body);

    // when
    HttpResponse<String> signed =
        hooks
            .to(hook)
            .header("Content-Encoding", "gzip")
            .header("X-Hub-Signature-256", signature)
            .send(body);
    HttpResponse<String> forged =
        hooks
            .to(hook)
            .header("Content-Encoding", "gzip")
            .header("X-Hub-Signature-256", signature)
            .send(gzip("{ }"));

    // then
    assertProblem(signed, 415);
    assertProblem(forged, 401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "x-unheard-of", "gzip, gzip"})
  void anUnknownEncodingIsRefusedAsAnyOther(String encoding) {
    // when
    HttpResponse<String> answer =
        hooks.to(hooks.webhook()).header("Content-Encoding", encoding).send("{}");

    // then
    assertProblem(answer, 415);
  }

  // JSON

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "nul", "{\"a\":1,\"a\":2}", "{} {}", "{\"a\":NaN}", "\uFEFF"})
  void whatIsNotOneJsonValueIsRefused(String body) {
    // given
    HookRow hook = hooks.webhook();

    // when
    HttpResponse<String> answer = hooks.to(hook).send(body);

    // then
    assertProblem(answer, 400);
    assertThat(hooks.activity(hook).getRefused()).isEqualTo(Map.of("json", 1L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "1", "\"text\""})
  void aWebhookTakesAnyJson(String body) {
    // given
    HookRow hook = hooks.webhook();

    // when
    HttpResponse<String> answer = hooks.to(hook).send(body);

    // then
    assertThat(answer.statusCode()).isEqualTo(202);
  }

  @Test
  void sixtyFourLevelsAreReadAndNoMore() {
    // given
    HookRow hook = hooks.webhook();
    String deepest = "{\"a\":".repeat(63) + "{}" + "}".repeat(63);

    // when
    List<HttpResponse<String>> answers =
        List.of(
            hooks.to(hook).send(deepest),
            hooks.to(hook).send("{\"a\":" + deepest + "}"),
            hooks.to(hook).send("{\"a\":" + "[".repeat(RunningHooks.BODY_BYTES - 5)));

    // then
    assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(202, 400, 400);
  }

  @Test
  void onlyUtf8IsRead() {
    // given
    HookRow hook = hooks.webhook();

    // when
    List<HttpResponse<String>> answers =
        List.of(
            hooks.to(hook).send("{\"a\":\"é😀\"}".getBytes(UTF_8)),
            hooks.to(hook).send("{\"a\":\"é\"}".getBytes(ISO_8859_1)),
            hooks.to(hook).send("{\"a\":\"\0\"}".getBytes(UTF_8)));

    // then
    assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(202, 400, 400);
  }

  // rate

  @Test
  void aHookOverItsRateIsToldWhenToComeAgain() {
    try (RunningHooks slow = RunningHooks.complete(rate(1))) {
      // given
      HookRow hook = slow.webhook();

      // when
      HttpResponse<String> answer = exhaust(slow, hook);

      // then
      assertProblem(answer, 429);
      assertThat(answer.headers().firstValue("Retry-After").map(Integer::valueOf))
          .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(1, 2));
      assertThat(slow.to(slow.webhook()).send("{}").statusCode()).isEqualTo(202);
    }
  }

  @Test
  void rateIsCheckedAfterJsonAndBeforeKafka() {
    try (RunningHooks slow = RunningHooks.complete(rate(1))) {
      // given
      HookRow hook = slow.webhook();
      slow.events.fail();

      // when
      HttpResponse<String> overRate = exhaust(slow, hook);
      HttpResponse<String> malformed = slow.to(hook).send("{");

      // then
      assertProblem(overRate, 429);
      assertProblem(malformed, 400);
    }
  }

  @Test
  void forgedDeliveriesDoNotUseUpAHooksRate() {
    try (RunningHooks slow = RunningHooks.complete(rate(1))) {
      // given
      HookRow hook = slow.hook("webhook", "received", SIGNED);
      for (int i = 0; i < 10; i++) {
        slow.to(hook).send("{}");
      }

      // when
      HttpResponse<String> answer = slow.to(hook).signed(hook, "{}");

      // then
      assertThat(answer.statusCode()).isEqualTo(202);
    }
  }

  @Test
  void ignoredDeliveriesCountForTheRateToo() {
    try (RunningHooks slow = RunningHooks.complete(rate(1))) {
      // given
      HookRow row = slow.webhook();
      slow.table.apply(row.id(), TestHooks.disabled(row));

      // when
      HttpResponse<String> answer = exhaust(slow, row);

      // then
      assertProblem(answer, 429);
    }
  }

  // whether the event can be kept

  @Test
  void anEventThatIsNotKeptIsToBeSentAgain() {
    // given
    HookRow hook = hooks.webhook();
    hooks.events.fail();

    // when
    HttpResponse<String> answer = hooks.to(hook).send("{}");

    // then
    assertComeAgain(answer);
    assertThat(hooks.activity(hook).getRefused()).isEqualTo(Map.of("unavailable", 1L));
  }

  @Test
  void aKafkaThatHangsIsWaitedForLessThanTwoSeconds() {
    // given
    hooks.events.hang();

    // when
    HttpResponse<String> answer = hooks.to(hooks.webhook()).send("{}");

    // then
    assertComeAgain(answer);
    assertThat(hooks.events.patiences())
        .singleElement()
        .satisfies(patience -> assertThat(patience).isLessThan(Duration.ofSeconds(2)));
  }

  @Test
  void anEventThatCanNeverBeKeptIsTooLarge() {
    // given
    hooks.events.findTooLarge();

    // when
    HttpResponse<String> answer = hooks.to(hooks.webhook()).send("{}");

    // then
    assertProblem(answer, 413);
  }

  @Test
  void moreDeliveriesThanMayBeInFlightAreToBeSentAgain() {
    try (RunningHooks narrow =
        RunningHooks.complete(
            new IngressLimits(1_000, 20_000, 100, 1, 1_000_000, Duration.ofSeconds(20)))) {
      // given
      HookRow hook = narrow.webhook();
      CountDownLatch release = new CountDownLatch(1);
      narrow.events.keepAfter(release);
      CompletableFuture<HttpResponse<String>> first = narrow.to(hook).sendAsync("{}");
      Eventually.holds("one is in hand", () -> !narrow.events.patiences().isEmpty());

      // when
      HttpResponse<String> second = narrow.to(hook).send("{}");
      release.countDown();

      // then
      assertComeAgain(second);
      assertThat(first.join().statusCode()).isEqualTo(202);
      Eventually.holds("none is in flight", () -> inFlight(narrow) == 0);
      assertThat(narrow.activity(hook).getRefused()).isEqualTo(Map.of("overload", 1L));
    }
  }

  @Test
  void moreBytesThanMayBeInFlightAreToBeSentAgain() {
    try (RunningHooks narrow =
        RunningHooks.complete(
            new IngressLimits(1_000, 20_000, 100, 100, 100, Duration.ofSeconds(20)))) {
      // given
      HookRow hook = narrow.webhook();

      // when
      HttpResponse<String> small = narrow.to(hook).send("{}");
      HttpResponse<String> large = narrow.to(hook).send("{" + " ".repeat(100) + "}");

      // then
      assertThat(small.statusCode()).isEqualTo(202);
      assertComeAgain(large);
    }
  }

  // hooks that are not known yet

  @Test
  void untilTheTableIsCompleteNobodyIsTurnedAwayForGood() {
    try (RunningHooks reading = new RunningHooks(RunningHooks.LIMITS)) {
      // given
      HookRow known = reading.hook("webhook", "received", SIGNED);

      // when
      List<HttpResponse<String>> answers =
          List.of(
              reading.toToken("nonsense").send("{}"),
              reading.to(UUID.randomUUID()).send("{}"),
              reading.to(known).send("{}"),
              reading.to(known).signed(known, "{}"));

      // then
      assertThat(answers).allSatisfy(HookEndpointTest::assertComeAgain);
    }
  }

  @Test
  void aTableThatIsCompletedWhileABodyArrivesDoesNotTurnItsSenderAway() throws IOException {
    try (RunningHooks reading = new RunningHooks(RunningHooks.LIMITS)) {
      // given a delivery whose body the server has asked for
      HookRow hook = reading.webhook();
      try (RawConnection sender = new RawConnection(reading.port())) {
        sender.send(
            "POST /hooks/"
                + TestHooks.KEY.token(UUID.fromString(hook.id()))
                + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        assertThat(sender.readHead()).startsWith("HTTP/1.1 100");

        // when
        reading.table.markComplete();
        sender.send("{}");

        // then
        assertThat(sender.readHead()).startsWith("HTTP/1.1 503");
      }
    }
  }

  @Test
  void anAuthenticHookThatDoesNotComeIsUnavailableRatherThanUnknown() {
    // when
    HttpResponse<String> answer = hooks.to(UUID.randomUUID()).send("{}");

    // then
    assertComeAgain(answer);
  }

  @Test
  void aHookThatComesWhileItsDeliveryWaitsIsServed() {
    // given
    HookRow row = TestHooks.row(UUID.randomUUID(), "webhook", "received", "{}");
    CompletableFuture<HttpResponse<String>> delivery = hooks.to(row).sendAsync("{}");
    Eventually.holds("the delivery is in hand", () -> inFlight(hooks) == 1);

    // when
    hooks.table.apply(row.id(), row);

    // then
    assertThat(delivery.join().statusCode()).isEqualTo(202);
  }

  @Test
  void aHookOfAnActionThatThisReleaseDoesNotKnowIsUnavailable() {
    // given
    HookRow hook = hooks.hook("github", "star_exploded", "{}");

    // when
    HttpResponse<String> answer = hooks.to(hook).send("{}");

    // then
    assertComeAgain(answer);
    assertThat(hooks.activity(hook).getRefused()).isEqualTo(Map.of("unserved", 1L));
  }

  // ignored

  @ParameterizedTest
  @CsvSource({
    "ping,   {},                                  'x-github-event is ping, not issues'",
    "issues, '{\"action\":\"edited\"}',           'action is edited, not opened'",
    "issues, '{\"action\":\"opened\"}',           'repository is missing, expected octo/hello'",
    "issues,"
        + " '{\"action\":\"opened\",\"repository\":{\"full_name\":\"octo/other\"}}',"
        + " 'repository is octo/other, not octo/hello'",
  })
  void anAuthenticDeliveryThatIsNoneOfTheHooksIsIgnored(String event, String body, String reason) {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{\"repository\":\"octo/hello\"}");

    // when
    HttpResponse<String> answer = hooks.to(hook).github(event).signed(hook, body);

    // then
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).isEqualTo("{\"ignored\":\"" + reason + "\"}");
    assertThat(hooks.events.kept()).isEmpty();
    HookActivity activity = hooks.activity(hook);
    assertThat(activity.getIgnored()).isEqualTo(1);
    assertThat(activity.getAccepted()).isZero();
    assertThat(activity.getRefused()).isEmpty();
  }

  @Test
  void repositoriesAreComparedWithoutCase() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{\"repository\":\"oCTO/hELLO\"}");

    // when
    HttpResponse<String> answer = hooks.to(hook).github("issues").signed(hook, ISSUE);

    // then
    assertThat(answer.body()).isEqualTo("{\"eventId\":\"72d3162e-cc78-11e3-81ab-4c9367dc0958\"}");
  }

  @Test
  void aPayloadWithoutRepositoryIsAnEventOfAHookWithoutOne() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{}");

    // when
    HttpResponse<String> answer =
        hooks.to(hook).github("issues").signed(hook, "{\"action\":\"opened\"}");

    // then
    assertThat(answer.body()).contains("eventId");
  }

  @Test
  void aDisabledHookVerifiesItsDeliveriesAndIgnoresThem() {
    // given
    HookRow hook = hooks.hook("webhook", "received", SIGNED);
    hooks.table.apply(hook.id(), TestHooks.disabled(hook));

    // when
    HttpResponse<String> signed = hooks.to(hook).signed(hook, "{}");
    HttpResponse<String> unsigned = hooks.to(hook).send("{}");
    HttpResponse<String> malformed = hooks.to(hook).signed(hook, "{");

    // then
    assertThat(signed.statusCode()).isEqualTo(202);
    assertThat(signed.body()).isEqualTo("{\"ignored\":\"disabled\"}");
    assertProblem(unsigned, 401);
    assertProblem(malformed, 400);
    assertThat(hooks.events.kept()).isEmpty();
  }

  // forms

  @Test
  void aFormIsVerifiedAsItCameAndItsPayloadIsTheEvent() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{\"repository\":\"octo/hello\"}");
    String form = "payload=" + URLEncoder.encode(ISSUE, UTF_8);

    // when
    HttpResponse<String> answer =
        hooks
            .to(hook)
            .github("issues")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .signed(hook, form);

    // then
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(payload(kept())).isEqualTo(ISSUE);
  }

  @Test
  void aSignatureOfAFormsDecodedPayloadIsNone() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{}");
    String signature = TestHooks.signature(UUID.fromString(hook.id()), 1, ISSUE.getBytes(UTF_8));

    // when
    HttpResponse<String> answer =
        hooks
            .to(hook)
            .github("issues")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("X-Hub-Signature-256", signature)
            .send("payload=" + URLEncoder.encode(ISSUE, UTF_8));

    // then
    assertProblem(answer, 401);
  }

  // accepted

  @Test
  void anAcceptedDeliveryIsAnEventOfItsHook() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{}");

    // when
    HttpResponse<String> answer = hooks.to(hook).github("issues").signed(hook, ISSUE);

    // then
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body()).isEqualTo("{\"eventId\":\"72d3162e-cc78-11e3-81ab-4c9367dc0958\"}");
    Event event = kept();
    assertThat(event.getId()).isEqualTo("72d3162e-cc78-11e3-81ab-4c9367dc0958");
    assertThat(event.getHookId()).isEqualTo(hook.id());
    assertThat(event.getOwnerId()).isEqualTo("owner");
    assertThat(event.getService()).isEqualTo("github");
    assertThat(event.getAction()).isEqualTo("issue_opened");
    assertThat(event.getTime()).isEqualTo(Instant.parse("2019-05-15T15:20:18Z"));
    assertThat(event.getReceivedAt()).isEqualTo(TestHooks.NOW);
    assertThat(event.getSource()).isEqualTo(EventSource.WEBHOOK);
    assertThat(event.getCanonical()).isFalse();
    assertThat(payload(event)).isEqualTo(ISSUE);
  }

  @Test
  void ofAHookThatIsPolledTooTheEventHasItsCanonicalId() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{\"repository\":\"octo/hello\"}");
    hooks.table.apply(hook.id(), TestHooks.connected(hook));
    String known = ISSUE.replace("{\"created_at\"", "{\"id\":7,\"created_at\"");

    // when
    HttpResponse<String> accepted = hooks.to(hook).github("issues").signed(hook, known);
    HttpResponse<String> unknown = hooks.to(hook).github("issues").signed(hook, ISSUE);

    // then
    assertThat(accepted.body()).isEqualTo("{\"eventId\":\"issue:7:opened\"}");
    assertThat(kept().getId()).isEqualTo("issue:7:opened");
    assertThat(kept().getCanonical()).isTrue();
    assertProblem(unknown, 400);
    assertThat(unknown.body()).contains("/issue/id");
  }

  @Test
  void aDuplicateIsAcceptedAsTheSameEvent() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{}");

    // when
    HttpResponse<String> first = hooks.to(hook).github("issues").signed(hook, ISSUE);
    HttpResponse<String> again = hooks.to(hook).github("issues").signed(hook, ISSUE);

    // then
    assertThat(again.statusCode()).isEqualTo(202);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(hooks.activity(hook).getAccepted()).isEqualTo(2);
  }

  @Test
  void aGitHubDeliveryWithoutItsIdIsMalformed() {
    // given
    HookRow hook = hooks.hook("github", "issue_opened", "{}");

    // when
    HttpResponse<String> answer =
        hooks.to(hook).header("X-GitHub-Event", "issues").signed(hook, ISSUE);

    // then
    assertProblem(answer, 400);
  }

  @Test
  void aWebhooksIdIsItsWebhookIdElseItsIdempotencyKey() {
    // given
    HookRow hook = hooks.webhook();

    // when
    HttpResponse<String> both =
        hooks.to(hook).header("webhook-id", "msg_1").header("Idempotency-Key", "k").send("{}");
    HttpResponse<String> key = hooks.to(hook).header("Idempotency-Key", "k").send("{}");

    // then
    assertThat(both.body()).isEqualTo("{\"eventId\":\"msg_1\"}");
    assertThat(key.body()).isEqualTo("{\"eventId\":\"k\"}");
  }

  @Test
  void equalBodiesWithoutIdAreDifferentEvents() {
    // given
    HookRow hook = hooks.webhook();

    // when
    Set<String> answers = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      answers.add(hooks.to(hook).send("{}").body());
    }

    // then
    assertThat(answers).hasSize(10);
    assertThat(hooks.events.kept()).extracting(Event::getId).doesNotHaveDuplicates().hasSize(10);
  }

  @Test
  void whatHappensAtAHookIsCountedByWhatBecameOfIt() {
    // given
    HookRow hook = hooks.hook("webhook", "received", SIGNED);
    Instant last = TestHooks.NOW.plusSeconds(60);

    // when
    hooks.to(hook).signed(hook, "{}");
    hooks.to(hook).signed(hook, "{}");
    hooks.to(hook).send("{}");
    hooks.to(hook).signed(hook, "{");
    hooks.clock.set(last);
    hooks.to(hook).header("Content-Type", "text/plain").signed(hook, "{}");

    // then
    HookActivity activity = hooks.activity(hook);
    assertThat(activity.getAccepted()).isEqualTo(2);
    assertThat(activity.getIgnored()).isZero();
    assertThat(activity.getRefused())
        .isEqualTo(Map.of("signature", 1L, "json", 1L, "media-type", 1L));
    assertThat(activity.getLastDeliveryAt()).isEqualTo(last);
  }

  @Test
  void answersAreMeasuredByResult() {
    // given
    HookRow hook = hooks.webhook();

    // when
    hooks.to(hook).send("{}");
    hooks.toToken("nonsense").send("{}");

    // then
    Eventually.holds("one accepted", () -> measured("accepted") == 1);
    Eventually.holds("one unauthorized", () -> measured("signature") == 1);
  }

  private HttpResponse<String> exhaust(RunningHooks hooks, HookRow hook) {
    for (int i = 0; i < MANY; i++) {
      HttpResponse<String> answer = hooks.to(hook).send("{}");
      if (answer.statusCode() == 429) {
        return answer;
      }
    }
    throw new AssertionError("the rate is never over");
  }

  private long measured(String result) {
    var timer = hooks.meters.find("areaflow.ingress.deliveries").tag("result", result).timer();
    return timer == null ? 0 : timer.count();
  }

  private static double inFlight(RunningHooks hooks) {
    Gauge gauge = hooks.meters.get("areaflow.ingress.in-flight").gauge();
    return gauge.value();
  }

  private Event kept() {
    assertThat(hooks.events.kept()).hasSize(1);
    return hooks.events.kept().getFirst();
  }

  private static String payload(Event event) {
    return UTF_8.decode(event.getPayload().duplicate()).toString();
  }

  private static IngressLimits rate(int perSecond) {
    return new IngressLimits(1_000, perSecond, 100, 100, 1_000_000, Duration.ofSeconds(20));
  }

  private static BodyPublisher publisher(byte[] body, boolean chunked) {
    return chunked
        ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
        : BodyPublishers.ofByteArray(body);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static Map<String, List<String>> withoutDate(HttpResponse<String> answer) {
    Map<String, List<String>> headers = new HashMap<>(answer.headers().map());
    headers.remove("date");
    headers.remove("Date");
    return headers;
  }

  private static void assertProblem(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"status\":" + status, "\"title\":", "\"detail\":");
  }

  private static void assertComeAgain(HttpResponse<String> answer) {
    assertProblem(answer, 503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
  }
}
