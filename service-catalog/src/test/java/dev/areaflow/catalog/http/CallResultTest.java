package dev.areaflow.catalog.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CallResultTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void everySuccessIsDone(int status) {
    assertThat(of(status, Map.of())).isEqualTo(new CallResult.Succeeded());
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 599})
  void whatMayPassIsRetryable(int status) {
    assertThat(of(status, Map.of())).isInstanceOf(CallResult.Retryable.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 304, 307, 400, 403, 404, 409, 410, 413, 422, 451})
  void whatStaysIsPermanent(int status) {
    assertThat(of(status, Map.of())).isInstanceOf(CallResult.Permanent.class);
  }

  @Test
  void credentialsThatDoNotDoAreNoOrdinaryFailure() {
    assertThat(of(401, Map.of()))
        .isEqualTo(new CallResult.Unauthorized("answered with status 401"));
  }

  @ParameterizedTest
  @CsvSource({
    "120,                           PT2M",
    "0,                             PT0S",
    "' 7 ',                         PT7S",
    "'Sun, 1 Mar 2026 12:05:00 GMT', PT5M",
    "'Sun, 01 Mar 2026 12:05:00 GMT', PT5M",
    "'Sun, 1 Mar 2026 11:00:00 GMT', PT0S",
    "'Mon, 1 Mar 2027 11:00:00 GMT', PT24H",
    "999999999,                     PT24H",
    "'Sunday, 01-Mar-26 12:05:00 GMT', PT5M",
    "'Monday, 01-Mar-77 12:05:00 GMT', PT0S",
    "'Sun Mar  1 12:05:00 2026',      PT5M",
    "'Tue Mar 10 12:05:00 2026',      PT24H",
  })
  void retryAfterIsSecondsOrADate(String header, Duration expected) {
    // when
    CallResult result = of(503, Map.of("retry-after", header));

    // then
    assertThat(result)
        .isEqualTo(new CallResult.Retryable("answered with status 503", Optional.of(expected)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "-1",
        "1.5",
        "99999999999999999999",
        "Sun, 31 Feb 2026",
        "Sunday, 1-Mar-26",
        "Sun Mar 1",
      })
  void anUnreadableRetryAfterIsNone(String header) {
    assertThat(of(429, Map.of("retry-after", header)))
        .isEqualTo(new CallResult.Retryable("answered with status 429", Optional.empty()));
  }

  @Test
  void aBlockedTargetIsPermanentAndNamed() {
    assertThat(CallResult.of(new BlockedTargetException("10.0.0.1:80", "private")))
        .isInstanceOfSatisfying(
            CallResult.Permanent.class,
            permanent -> assertThat(permanent.message()).contains("10.0.0.1:80"));
  }

  @Test
  void connectionErrorsAndTimeoutsAreRetryable() {
    assertThat(
            Stream.of(
                    new ConnectException("refused"),
                    new UnknownHostException("nowhere"),
                    new HttpTimeoutException("slow"),
                    new IOException("reset"))
                .map(CallResult::of))
        .allMatch(CallResult.Retryable.class::isInstance);
  }

  private static CallResult of(int status, Map<String, String> headers) {
    return CallResult.of(new OutboundResponse(status, headers, new byte[0]), NOW);
  }
}
