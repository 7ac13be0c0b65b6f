package dev.areaflow.executors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every executor of reactions over HTTP keeps, whatever the third party does. */
abstract class ExecutorContract {
  /** The longest that a call of the executors under test may take. */
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(1);

  /** The longest that a command may give a call of theirs. */
  static final Duration LONGEST_CALL = Duration.ofSeconds(2);

  /** How many calls to one host at once the executors under test make. */
  static final int HOST_CALLS = 2;

  private static final Duration LONG = Duration.ofSeconds(30);

  private ThirdParty thirdParty;
  private ReactionExecutor executor;

  /** The executor under test, allowed to reach this machine. */
  abstract ReactionExecutor executor();

  /** A command whose call goes to an address. */
  abstract Command.Builder commandTo(URI target);

  @BeforeEach
  void openThirdParty() throws IOException {
    thirdParty = new ThirdParty();
    executor = executor();
  }

  @AfterEach
  void closeThirdParty() throws IOException {
    thirdParty.close();
  }

  @Test
  void anAnswerOf2xxIsSuccess() throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.answering(201, Map.of(), "{\"made\":true}"));
    Instant before = Instant.now();

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getKind()).as("%s", outcome).isEqualTo(OutcomeKind.SUCCEEDED);
    assertThat(outcome.getStatus()).contains(201);
    assertThat(outcome.getResponse()).contains("{\"made\":true}");
    assertThat(outcome.getErrorClass()).isEmpty();
    assertThat(outcome.getStartedAt()).isAfterOrEqualTo(before.minusMillis(1));
    assertThat(outcome.getDurationMillis()).isBetween(0L, CALL_TIMEOUT.toMillis());
  }

  @Test
  void theOutcomeSaysWhichAttemptItAnswers() throws InterruptedException {
    // given
    Command command = command();

    // when
    Outcome outcome = executor.execute(command);

    // then
    assertThat(outcome.getCommandId()).isEqualTo(command.getId());
    assertThat(outcome.getHome()).isEqualTo(command.getHome());
    assertThat(outcome.getRunId()).isEqualTo(command.getRunId());
    assertThat(outcome.getStepId()).isEqualTo(command.getStepId());
    assertThat(outcome.getAttempt()).isEqualTo(command.getAttempt());
  }

  @Test
  void everyAttemptTellsTheCommandsId() throws InterruptedException {
    // given
    Command first = commandTo(target()).setAttempt(1).build();
    Command second = commandTo(target()).setAttempt(2).build();

    // when
    executor.execute(first);
    executor.execute(second);

    // then
    assertThat(thirdParty.requests)
        .hasSize(2)
        .allSatisfy(
            request ->
                assertThat(request.headers()).containsEntry("idempotency-key", first.getId()));
  }

  @Test
  void noCallStartsAfterItsTime() throws InterruptedException {
    // given
    Command late = commandTo(target()).setNotAfter(Instant.now().minusMillis(5)).build();

    // when
    Outcome outcome = executor.execute(late);

    // then
    assertThat(outcome.getKind()).isEqualTo(OutcomeKind.EXPIRED);
    assertThat(thirdParty.requests).isEmpty();
  }

  @Test
  void theOutcomeSaysWhichItemItIsOf() throws InterruptedException {
    // when
    Outcome ofNone = executor.execute(command());
    Outcome ofItem = executor.execute(commandTo(target()).setItem(12).build());

    // then
    assertThat(ofNone.getItem()).isEmpty();
    assertThat(ofItem.getItem()).contains(12);
  }

  @Test
  void theOutputIsWhatLaterStepsSeeOfTheAnswer() throws InterruptedException {
    // given
    thirdParty.behave(
        ThirdParty.answering(200, Map.of("Content-Type", "application/json"), "{\"id\":7}"));

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(UTF_8.decode(outcome.getOutput().orElseThrow().duplicate()).toString())
        .contains("{\"id\":7}");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 503})
  void aFailureHasNoOutput(int status) throws InterruptedException {
    // given
    thirdParty.behave(
        ThirdParty.answering(status, Map.of("Content-Type", "application/json"), "{\"id\":7}"));

    // when, then
    assertThat(executor.execute(command()).getOutput()).isEmpty();
  }

  @Test
  void anAnswerThatFloodsHasAnOutputWithinBounds() throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.flooding());

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getKind()).isEqualTo(OutcomeKind.SUCCEEDED);
    assertThat(outcome.getOutput().map(ByteBuffer::remaining).orElse(0))
        .isLessThanOrEqualTo(256 * 1024);
  }

  @Test
  void aCallEndsWithTheTimeThatItsCommandGivesIt() throws InterruptedException {
    // given
    thirdParty.behave(thirdParty.hanging());

    // when
    Outcome outcome = executor.execute(commandTo(target()).setTimeoutMillis(50L).build());

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
    assertThat(outcome.getMessage().orElseThrow()).contains("no complete answer within PT0.05S");
    assertThat(outcome.getDurationMillis()).isLessThan(CALL_TIMEOUT.toMillis());
  }

  @Test
  void aCommandCanGiveItsCallMoreTimeThanUsualButNotAnyTime() throws InterruptedException {
    // given
    thirdParty.behave(thirdParty.hanging());

    // when
    Outcome outcome =
        executor.execute(commandTo(target()).setTimeoutMillis(LONG.toMillis()).build());

    // then
    assertThat(outcome.getMessage().orElseThrow())
        .contains("no complete answer within " + LONGEST_CALL);
    assertThat(outcome.getDurationMillis()).isGreaterThan(CALL_TIMEOUT.toMillis());
  }

  @Test
  void aCallThatMayHaveArrivedIsNotMadeAgainWhereItMustNotBe() throws InterruptedException {
    // given
    Command once = commandTo(target()).setAtMostOnce(true).build();

    // when
    thirdParty.behave(ThirdParty.resetting());
    Outcome reset = executor.execute(once);
    thirdParty.behave(thirdParty.hanging());
    Outcome silent = executor.execute(once);

    // then
    assertThat(reset.getKind()).isEqualTo(OutcomeKind.FAILED);
    assertThat(reset.getErrorClass()).contains(ErrorClass.UNCONFIRMED);
    assertThat(silent.getKind()).isEqualTo(OutcomeKind.FAILED);
    assertThat(silent.getErrorClass()).contains(ErrorClass.UNCONFIRMED);
  }

  @Test
  void anAnswerIsAnAnswerAlsoWhereACallMustNotBeMadeTwice() throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.answering(503, Map.of(), "busy"));

    // when
    Outcome outcome = executor.execute(commandTo(target()).setAtMostOnce(true).build());

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void someRefusalsMayHelpToTryAgain(int status) throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.answering(status, Map.of(), "busy"));

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getKind()).isEqualTo(OutcomeKind.FAILED);
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
    assertThat(outcome.getStatus()).contains(status);
    assertThat(outcome.getMessage()).isPresent();
    assertThat(outcome.getResponse()).contains("busy");
    assertThat(outcome.getRetryAfterMillis()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 400, 401, 404, 410, 422})
  void otherRefusalsAreFinalAndNoRedirectIsFollowed(int status) throws InterruptedException {
    // given
    thirdParty.behave(
        ThirdParty.answering(status, Map.of("Location", thirdParty.address() + "/else"), ""));

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getKind()).isEqualTo(OutcomeKind.FAILED);
    assertThat(outcome.getErrorClass()).contains(ErrorClass.PERMANENT);
    assertThat(outcome.getStatus()).contains(status);
    assertThat(thirdParty.requests).hasSize(1);
  }

  @Test
  void theWaitThatTheThirdPartyAsksForIsHandedOn() throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.answering(429, Map.of("Retry-After", "17"), ""));

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getRetryAfterMillis()).contains(17_000L);
  }

  @Test
  void aConnectionThatIsResetMayHelpToTryAgain() throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.resetting());

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
    assertThat(outcome.getStatus()).isEmpty();
    assertThat(outcome.getMessage()).isPresent();
  }

  @Test
  void aPortWhereNobodyListensMayHelpToTryAgain() throws Exception {
    // given
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }

    // when
    Command.Builder command = commandTo(URI.create("http://127.0.0.1:" + port + "/"));
    Outcome outcome = executor.execute(command.build());
    Outcome once = executor.execute(command.setAtMostOnce(true).build());

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
    assertThat(once.getErrorClass()).as("nothing was sent").contains(ErrorClass.RETRYABLE);
  }

  @Test
  void aThirdPartyThatNeverAnswersEndsWithTheCallTimeout() throws InterruptedException {
    // given
    thirdParty.behave(thirdParty.hanging());

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
    assertThat(outcome.getDurationMillis()).isBetween(CALL_TIMEOUT.toMillis() / 2, LONG.toMillis());
  }

  @Test
  void anAnswerThatTricklesEndsWithTheCallTimeout() throws InterruptedException {
    // given
    thirdParty.behave(thirdParty.trickling());

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getErrorClass()).contains(ErrorClass.RETRYABLE);
    assertThat(outcome.getDurationMillis()).isBetween(CALL_TIMEOUT.toMillis() / 2, LONG.toMillis());
  }

  @Test
  void ofAnAnswerThatFloodsOnlyAnExcerptIsKept() throws InterruptedException {
    // given
    thirdParty.behave(ThirdParty.flooding());

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getKind()).as("%s", outcome).isEqualTo(OutcomeKind.SUCCEEDED);
    assertThat(outcome.getResponse().orElseThrow().getBytes(StandardCharsets.UTF_8))
        .hasSizeBetween(1, 2_048);
  }

  @Test
  void aCallIsGivenUpWhenItsThreadIsInterrupted() throws InterruptedException {
    // given
    CountDownLatch arrived = new CountDownLatch(1);
    ThirdParty.Behaviour hanging = thirdParty.hanging();
    thirdParty.behave(
        (request, connection) -> {
          arrived.countDown();
          hanging.handle(request, connection);
        });
    BlockingQueue<Object> ends = new ArrayBlockingQueue<>(1);
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    ends.add(executor.execute(command()));
                  } catch (InterruptedException e) {
                    ends.add(e);
                  }
                });
    assertThat(arrived.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();

    // when
    caller.interrupt();

    // then
    assertThat(ends.poll(LONG.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void aCallOverItsHostsLimitIsDeferredAtOnce() throws InterruptedException {
    // given
    CountDownLatch arrived = new CountDownLatch(HOST_CALLS);
    ThirdParty.Behaviour hanging = thirdParty.hanging();
    thirdParty.behave(
        (request, connection) -> {
          arrived.countDown();
          hanging.handle(request, connection);
        });
    Thread[] callers = new Thread[HOST_CALLS];
    for (int i = 0; i < HOST_CALLS; i++) {
      callers[i] = Thread.ofVirtual().start(this::executeQuietly);
    }
    assertThat(arrived.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();

    // when
    Outcome outcome = executor.execute(command());

    // then
    assertThat(outcome.getKind()).isEqualTo(OutcomeKind.DEFERRED);
    assertThat(outcome.getRetryAfterMillis().orElseThrow()).isBetween(1_000L, 60_000L);
    assertThat(outcome.getErrorClass()).isEmpty();
    assertThat(thirdParty.requests).hasSize(HOST_CALLS);
    for (Thread caller : callers) {
      caller.interrupt();
      caller.join();
    }
  }

  private void executeQuietly() {
    try {
      executor.execute(command());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Command command() {
    return commandTo(target()).build();
  }

  private URI target() {
    return thirdParty.address().resolve("/in");
  }
}
