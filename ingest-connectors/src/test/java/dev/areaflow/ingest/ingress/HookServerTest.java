package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.rows.HookRow;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The listener, and senders that do not keep to the rules of HTTP. */
final class HookServerTest {
  private RunningHooks hooks;
  private String path;

  @BeforeEach
  void start() {
    hooks = new RunningHooks();
    path = path(hooks.webhook());
  }

  @AfterEach
  void stop() {
    hooks.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS", "PATCH"})
  void onlyPostIsAllowed(String method) throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(method + " " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");

      // then
      assertThat(sender.readAnswer())
          .startsWith("HTTP/1.1 405")
          .contains("Allow: POST", "application/problem+json", "\"status\":405");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/hooks", "/hooks/", "/hooks/a/b", "/metrics"})
  void otherPathsAreNotFound(String other) throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(other) + "Content-Length: 2\r\n\r\n{}");

      // then
      assertThat(sender.readAnswer())
          .startsWith("HTTP/1.1 404")
          .contains("application/problem+json", "\"status\":404");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: many\r\n\r\n{}",
        "Content-Length: -1\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n{}\r\n0\r\n\r\n",
        "No colon\r\nContent-Length: 2\r\n\r\n{}",
      })
  void aMalformedRequestIsRefusedAndItsConnectionClosed(String rest) throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(path) + rest);

      // then
      assertThat(sender.readAnswer())
          .startsWith("HTTP/1.1 400")
          .contains("application/problem+json", "\"status\":400");
      assertThat(sender.closedByServer()).isTrue();
      assertThat(hooks.events.kept()).isEmpty();
    }
  }

  @Test
  void aConnectionTakesOneDeliveryAfterTheOther() throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(path) + "webhook-id: a\r\nContent-Length: 2\r\n\r\n{}");
      String first = sender.readAnswer();
      sender.send(post(path) + "webhook-id: b\r\nContent-Length: 1\r\n\r\n{");
      String second = sender.readAnswer();
      sender.send(
          post(path) + "webhook-id: c\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
      String third = sender.readAnswer();

      // then
      assertThat(first).startsWith("HTTP/1.1 202").endsWith("{\"eventId\":\"a\"}");
      assertThat(second).startsWith("HTTP/1.1 400");
      assertThat(third).startsWith("HTTP/1.1 202").endsWith("{\"eventId\":\"c\"}");
    }
  }

  @Test
  void aSenderThatAsksFirstIsToldToContinue() throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(path) + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      String go = sender.readHead();
      sender.send("{}");

      // then
      assertThat(go).startsWith("HTTP/1.1 100");
      assertThat(sender.readAnswer()).startsWith("HTTP/1.1 202");
    }
  }

  @Test
  void aSenderThatAsksFirstIsSparedABodyThatIsTooLarge() throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(
          post(path)
              + "Expect: 100-continue\r\nContent-Length: "
              + (RunningHooks.BODY_BYTES + 1)
              + "\r\n\r\n");

      // then
      assertThat(sender.readAnswer()).startsWith("HTTP/1.1 413");
      assertThat(sender.closedByServer()).isTrue();
    }
  }

  @Test
  void aSenderWhoDoesNotAskSeesTheAnswerThoughItGoesOnSending() {
    // when
    HttpResponse<String> answer =
        hooks
            .toToken("nonsense")
            .send(new byte[(int) (HookEndpoint.DRAINED_BODIES * RunningHooks.BODY_BYTES)]);

    // then
    assertThat(answer.statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(longs = {10_000_000_000L, Long.MAX_VALUE})
  void aBodyOfAnyDeclaredSizeIsRefusedByItsHead(long length) throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(path) + "Content-Length: " + length + "\r\n\r\n");

      // then
      assertThat(sender.readAnswer())
          .startsWith("HTTP/1.1 413")
          .contains("application/problem+json", "\"status\":413");
    }
  }

  @Test
  void whatFollowsARefusedHeadIsNoRequest() throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // given
      String smuggled = post(path) + "Content-Length: 2\r\n\r\n{}";

      // when
      sender.send(
          post(path)
              + "Expect: 100-continue\r\nContent-Length: "
              + (RunningHooks.BODY_BYTES + 1)
              + "\r\n\r\n"
              + smuggled);
      String answer = sender.readAnswer();

      // then
      assertThat(answer).startsWith("HTTP/1.1 413").contains("Connection: close");
      assertThat(sender.closedByServer()).isTrue();
      assertThat(hooks.events.kept()).isEmpty();
    }
  }

  @Test
  void anEndlessBodyIsCutOff() throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(path) + "Transfer-Encoding: chunked\r\n\r\n");

      // then
      sender.sendUntilClosed("3e8\r\n" + " ".repeat(1_000) + "\r\n", 1_000_000_000);
      assertThat(hooks.events.kept()).isEmpty();
    }
  }

  @Test
  void aRefusalIsMeasuredThoughItsBodyNeverComes() throws IOException {
    try (RawConnection sender = new RawConnection(hooks.port())) {
      // when
      sender.send(post(path) + "Content-Length: " + (RunningHooks.BODY_BYTES + 1) + "\r\n\r\n");
      sender.readAnswer();

      // then
      Eventually.holds(
          "the refusal is measured",
          () ->
              hooks.meters.find("areaflow.ingress.deliveries").tag("result", "size").timer()
                  != null);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 2\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n2\r\n{"})
  void aBodyThatDoesNotArriveInTimeEndsTheConnectionAndLeavesNothing(String rest)
      throws IOException {
    try (RunningHooks strict =
            RunningHooks.complete(
                new IngressLimits(1_000, 100, 100, 1, 1_000, Duration.ofMillis(100)));
        RawConnection sender = new RawConnection(strict.port())) {
      // given
      HookRow hook = strict.webhook();

      // when
      sender.send(post(path(hook)) + rest);

      // then
      assertThat(sender.closedByServer()).isTrue();
      assertThat(strict.to(hook).send("{}").statusCode()).isEqualTo(202);
    }
  }

  @Test
  void aSenderThatHangsUpLeavesNothing() throws IOException {
    try (RunningHooks narrow =
        RunningHooks.complete(
            new IngressLimits(1_000, 100, 100, 1, 1_000, Duration.ofSeconds(20)))) {
      // given
      HookRow hook = narrow.webhook();

      // when
      try (RawConnection sender = new RawConnection(narrow.port())) {
        sender.send(post(path(hook)) + "Content-Length: 2\r\n\r\n{");
      }

      // then
      Eventually.holds(
          "its place is free again", () -> narrow.to(hook).send("{}").statusCode() == 202);
      assertThat(narrow.events.kept()).hasSize(1);
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    // given
    HookServer second =
        new HookServer("127.0.0.1", hooks.port(), RunningHooks.LIMITS, hooks.endpoint());

    // then
    assertThatThrownBy(second::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("hooks.port")
        .hasMessageContaining("127.0.0.1:" + hooks.port());
  }

  private static String path(HookRow hook) {
    return "/hooks/" + TestHooks.KEY.token(UUID.fromString(hook.id()));
  }

  private static String post(String path) {
    return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
  }
}
