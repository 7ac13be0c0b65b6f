package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.config.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpReactionExecutorTest extends ExecutorContract {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final KeptCredentials CREDENTIALS = new KeptCredentials();

  private final GuardedHttpClient client = client("127.0.0.1");
  private final ReactionExecutor executor = executor(client);

  @Override
  ReactionExecutor executor() {
    return executor;
  }

  @Override
  Command.Builder commandTo(URI target) {
    return Commands.httpRequest(
        "{\"method\":\"POST\",\"url\":\"" + target + "\",\"body\":{\"text\":\"hello\"}}");
  }

  @AfterEach
  void closeClient() {
    client.close();
  }

  @Test
  void theRequestIsWhatTheInputsSay() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      Command command =
          Commands.httpRequest(
                  "{\"method\":\"PUT\",\"url\":\""
                      + thirdParty.address()
                      + "/a?b=c\",\"headers\":{\"X-One\":\"1\"},"
                      + "\"body\":{\"n\":12345678901234567890,\"f\":0.1}}")
              .build();

      // when
      Outcome outcome = executor.execute(command);

      // then
      assertThat(outcome.getKind()).as("%s", outcome).isEqualTo(OutcomeKind.SUCCEEDED);
      assertThat(thirdParty.requests)
          .singleElement()
          .satisfies(
              request -> {
                assertThat(request.method()).isEqualTo("PUT");
                assertThat(request.target()).isEqualTo("/a?b=c");
                assertThat(request.headers())
                    .containsEntry("x-one", "1")
                    .containsEntry("idempotency-key", "command-1");
                assertThat(request.body()).isEqualTo("{\"n\":12345678901234567890,\"f\":0.1}");
              });
    }
  }

  @Test
  void aSecretThatTheAnswerEchoesIsNotKept() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      thirdParty.behave(ThirdParty.answering(200, Map.of(), "you sent Bearer abc123456789"));
      Command command =
          Commands.httpRequest(
                  "{\"method\":\"GET\",\"url\":\""
                      + thirdParty.address()
                      + "\",\"headers\":{\"Authorization\":\"Bearer abc123456789\"}}")
              .build();

      // when
      Outcome outcome = executor.execute(command);

      // then
      assertThat(outcome.getResponse()).contains("you sent ***");
    }
  }

  @Test
  void aConnectionsCredentialIsOnTheRequestAndNotInTheOutcome() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      thirdParty.behave(ThirdParty.answering(200, Map.of(), "you sent Bearer token-of-connection"));

      // when
      Outcome outcome =
          executor.execute(
              commandTo(thirdParty.address()).setConnectionId("token-of-connection").build());

      // then
      assertThat(thirdParty.requests)
          .singleElement()
          .satisfies(
              request ->
                  assertThat(request.headers())
                      .containsEntry("authorization", "Bearer token-of-connection")
                      .containsEntry("idempotency-key", "command-1"));
      assertThat(outcome.getResponse()).contains("you sent ***");
    }
  }

  @Test
  void withoutItsCredentialNothingIsCalled() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      Command.Builder command = commandTo(thirdParty.address());

      // when
      Outcome away = executor.execute(command.setConnectionId("away").build());
      Outcome gone = executor.execute(command.setConnectionId("gone").build());
      Outcome foreign = executor.execute(command.setConnectionId("foreign").build());

      // then
      assertThat(away.getKind()).isEqualTo(OutcomeKind.DEFERRED);
      assertThat(gone.getKind()).isEqualTo(OutcomeKind.FAILED);
      assertThat(gone.getErrorClass()).contains(ErrorClass.PERMANENT);
      assertThat(gone.getMessage()).contains("its connection is gone");
      assertThat(foreign.getErrorClass()).contains(ErrorClass.PERMANENT);
      assertThat(thirdParty.requests).isEmpty();
    }
  }

  @Test
  void aRefusedCredentialAsksItsOwnerUnlessItWasReplacedMeanwhile() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      thirdParty.behave(ThirdParty.answering(401, Map.of(), "{\"message\":\"Bad credentials\"}"));
      Command.Builder command = commandTo(thirdParty.address());

      // when
      Outcome revoked = executor.execute(command.setConnectionId("revoked").build());
      Outcome revokedBefore = executor.execute(command.build());
      Outcome replaced = executor.execute(command.setConnectionId("replaced").build());
      Outcome none = executor.execute(command.setConnectionId(null).build());

      // then
      assertThat(revoked.getKind()).isEqualTo(OutcomeKind.DEFERRED);
      assertThat(revoked.getErrorClass()).contains(ErrorClass.REAUTHORIZE);
      assertThat(revoked.getRetryAfterMillis()).contains(300_000L);
      assertThat(revoked.getStatus()).contains(401);
      assertThat(revoked.getMessage())
          .contains(
              "http answered with status 401: its connection \"work\" has to be connected again");
      assertThat(revokedBefore.getKind()).isEqualTo(OutcomeKind.DEFERRED);
      assertThat(revokedBefore.getErrorClass()).contains(ErrorClass.REAUTHORIZE);
      assertThat(revokedBefore.getRetryAfterMillis()).contains(300_000L);
      assertThat(revokedBefore.getStatus()).isEmpty();
      assertThat(revokedBefore.getMessage())
          .contains("its connection \"work\" has to be connected again");
      assertThat(replaced.getKind()).isEqualTo(OutcomeKind.FAILED);
      assertThat(replaced.getErrorClass()).contains(ErrorClass.RETRYABLE);
      assertThat(none.getErrorClass()).contains(ErrorClass.PERMANENT);
      assertThat(thirdParty.requests).hasSize(3);
      assertThat(CREDENTIALS.refused).contains("revoked", "replaced");
    }
  }

  @Test
  void aBlockedTargetIsFinalAndTheErrorSaysHowToOpenIt() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty();
        GuardedHttpClient guarded = client("")) {

      // when
      Outcome outcome = executor(guarded).execute(commandTo(thirdParty.address()).build());

      // then
      assertThat(outcome.getKind()).isEqualTo(OutcomeKind.FAILED);
      assertThat(outcome.getErrorClass()).contains(ErrorClass.PERMANENT);
      assertThat(outcome.getMessage().orElseThrow()).contains("127.0.0.1", "AREA_EGRESS_ALLOW");
      assertThat(thirdParty.requests).isEmpty();
    }
  }

  @Test
  void aReactionThatOnlyNewerExecutorsKnowIsLeftToThem() throws InterruptedException {
    // given
    Command command = Commands.httpRequest("{}").setService("nobody").build();

    // when
    Outcome outcome = executor.execute(command);

    // then
    assertThat(outcome.getKind()).isEqualTo(OutcomeKind.DEFERRED);
    assertThat(outcome.getErrorClass()).isEmpty();
    assertThat(outcome.getRetryAfterMillis()).contains(30_000L);
    assertThat(outcome.getMessage().orElseThrow()).contains("service nobody is unknown here");
  }

  @Test
  void inputsThatDoNotFitAreFinal() throws InterruptedException {
    // given
    Command withoutUrl = Commands.httpRequest("{\"method\":\"GET\"}").build();
    Command noJson =
        Commands.httpRequest("")
            .setInputs(ByteBuffer.wrap("{\"url\":".getBytes(StandardCharsets.UTF_8)))
            .build();

    // when, then
    assertThat(executor.execute(withoutUrl).getErrorClass()).contains(ErrorClass.PERMANENT);
    assertThat(executor.execute(noJson).getErrorClass()).contains(ErrorClass.PERMANENT);
  }

  @Test
  void whatInputsAreWrongIsSaidInBoundsHoweverLongTheyAre() throws InterruptedException {
    // given
    String headers =
        IntStream.range(0, 50)
            .mapToObj(i -> "\"" + "x".repeat(9_000) + " " + i + "\":\"1\"")
            .collect(Collectors.joining(","));
    Command command =
        Commands.httpRequest(
                "{\"method\":\"GET\",\"url\":\"http://127.0.0.1:1/\",\"headers\":{"
                    + headers
                    + "}}")
            .build();

    // when
    Outcome outcome = executor.execute(command);

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.PERMANENT);
    assertThat(outcome.getMessage().orElseThrow().getBytes(StandardCharsets.UTF_8))
        .hasSizeBetween(1, 2_048);
  }

  @Test
  void whatIsTooLateTakesNothingOfItsHostsRate() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      ReactionExecutor oneASecond = executor(client, new HostLimits.Limits(1, 1, 1, 100));
      Command late =
          commandTo(thirdParty.address()).setNotAfter(Instant.now().minusMillis(5)).build();

      // when
      Outcome expired = oneASecond.execute(late);
      Outcome called = oneASecond.execute(commandTo(thirdParty.address()).build());

      // then
      assertThat(expired.getKind()).isEqualTo(OutcomeKind.EXPIRED);
      assertThat(called.getKind()).as("%s", called).isEqualTo(OutcomeKind.SUCCEEDED);
    }
  }

  @Test
  void theOutputOfARequestIsTheAnswerWithoutTheSecretsOfTheRequest() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      thirdParty.behave(
          ThirdParty.answering(
              201,
              Map.of("Content-Type", "application/json; charset=utf-8", "X-Echo", "token-of-it"),
              "{\"id\":7,\"said\":\"Bearer token-of-it\"}"));

      // when
      Outcome outcome =
          executor.execute(commandTo(thirdParty.address()).setConnectionId("token-of-it").build());

      // then
      assertThat(output(outcome))
          .isEqualTo(
              "{\"status\":201,\"headers\":{\"content-length\":\"36\",\"content-type\":"
                  + "\"application/json; charset=utf-8\",\"x-echo\":\"***\"},"
                  + "\"body\":{\"id\":7,\"said\":\"***\"}}");
      assertThat(outcome.getMessage()).isEmpty();
    }
  }

  @Test
  void whatNoStepReadsIsNotSent() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {

      // when
      Outcome outcome =
          executor.execute(commandTo(thirdParty.address()).setKeepsOutput(false).build());

      // then
      assertThat(outcome.getKind()).isEqualTo(OutcomeKind.SUCCEEDED);
      assertThat(outcome.getOutput()).isEmpty();
    }
  }

  @Test
  void aHostThatDoesNotWorkIsLeftAloneForThatConnectionUntilOneCallIsAnswered() throws Exception {
    // given
    AtomicLong nanos = new AtomicLong();
    ReactionExecutor breaking =
        executor(client, new HostLimits.Limits(50, 50, 1_000, 1_000), nanos::get);
    try (ThirdParty thirdParty = new ThirdParty()) {
      thirdParty.behave(ThirdParty.answering(503, Map.of(), "down"));
      Command mine = commandTo(thirdParty.address()).setConnectionId("mine").build();
      for (int i = 0; i < 10; i++) {
        assertThat(breaking.execute(mine).getErrorClass()).contains(ErrorClass.RETRYABLE);
      }

      // when
      Outcome keptAway = breaking.execute(mine);
      Outcome ofAnother =
          breaking.execute(commandTo(thirdParty.address()).setConnectionId("other").build());
      nanos.addAndGet(Duration.ofSeconds(30).toNanos());
      thirdParty.behave(ThirdParty.answering(200, Map.of(), "up"));
      Outcome trial = breaking.execute(mine);
      Outcome afterwards = breaking.execute(mine);

      // then
      assertThat(keptAway.getKind()).isEqualTo(OutcomeKind.DEFERRED);
      assertThat(keptAway.getRetryAfterMillis().orElseThrow()).isBetween(30_000L, 90_000L);
      assertThat(keptAway.getMessage().orElseThrow())
          .contains("does not work", "10 of its last 10 calls failed");
      assertThat(ofAnother.getStatus()).contains(503);
      assertThat(trial.getKind()).isEqualTo(OutcomeKind.SUCCEEDED);
      assertThat(afterwards.getKind()).isEqualTo(OutcomeKind.SUCCEEDED);
      assertThat(thirdParty.requests).hasSize(13);
    }
  }

  @Test
  void refusalsLeaveNoHostAlone() throws Exception {
    // given
    try (ThirdParty thirdParty = new ThirdParty()) {
      Command command = commandTo(thirdParty.address()).setConnectionId("replaced").build();

      // when
      for (int status : new int[] {401, 403, 404, 422, 429}) {
        thirdParty.behave(ThirdParty.answering(status, Map.of(), ""));
        for (int i = 0; i < 10; i++) {
          executor.execute(command);
        }
      }

      // then
      assertThat(thirdParty.requests).hasSize(50);
    }
  }

  private static String output(Outcome outcome) {
    return StandardCharsets.UTF_8.decode(outcome.getOutput().orElseThrow().duplicate()).toString();
  }

  private static ReactionExecutor executor(GuardedHttpClient client) {
    return executor(client, new HostLimits.Limits(HOST_CALLS, HOST_CALLS, 1_000, 100));
  }

  private static ReactionExecutor executor(GuardedHttpClient client, HostLimits.Limits limits) {
    return executor(client, limits, Ticker.systemTicker());
  }

  private static ReactionExecutor executor(
      GuardedHttpClient client, HostLimits.Limits limits, Ticker ticker) {
    return new HttpReactionExecutor(
        CATALOG,
        CREDENTIALS,
        client,
        new Admission(
            new Breakers(
                new Breakers.Limits(
                    10, 70, Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(10)),
                new ExecutorMetrics(new SimpleMeterRegistry(), new InFlight(1, 1)),
                ticker),
            new HostLimits(limits, ticker),
            new CallBudgets(1, ticker)),
        new CallTimeouts(CALL_TIMEOUT, LONGEST_CALL),
        Clock.systemUTC());
  }

  private static GuardedHttpClient client(String egressAllow) {
    return new GuardedHttpClient(
        HttpClientConfig.from(
            Settings.of(
                Map.of(
                    "egress.allow",
                    egressAllow,
                    "executors.call-timeout",
                    CALL_TIMEOUT.toString()))));
  }
}
