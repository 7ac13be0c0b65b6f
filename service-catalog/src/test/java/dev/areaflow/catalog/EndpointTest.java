package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.schemas.config.Settings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndpointTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

  private final Endpoint endpoint =
      new Endpoint(
          URI.create("https://api.shop.example/v1"),
          Map.of(),
          Optional.of(new Endpoint.Quota("x-ratelimit-remaining", "x-ratelimit-reset")),
          Optional.empty());

  @ParameterizedTest
  @CsvSource({
    "https://api.shop.example/v1, true",
    "https://api.shop.example/v1/items?page=2, true",
    "https://API.shop.example:443/v1/items, true",
    "http://api.shop.example/v1/items, false",
    "https://api.shop.example:8443/v1/items, false",
    "https://api.shop.example.evil.example/v1/items, false",
    "https://user@api.shop.example/v1/items, false",
    "https://api.shop.example/v1x, false",
    "https://api.shop.example/v1/../admin, false",
    "https://api.shop.example/v1/%2e%2E/admin, false",
    "https://api.shop.example/v1/..%2fadmin, false",
  })
  void credentialsStayBelowTheBaseUrl(URI address, boolean covered) {
    assertThat(endpoint.covers(address)).isEqualTo(covered);
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.shop.example/v1/items, true",
    "https://content.shop.example/v2/items, true",
    "https://content.shop.example/v1/items, false",
    "https://api.shop.example/v2/items, false",
    "http://content.shop.example/v2/items, false",
    "https://content.shop.example/v2/../v3, false",
  })
  void credentialsMayGoToTheOtherHostsToo(URI address, boolean covered) {
    assertThat(withHosts().covers(address)).isEqualTo(covered);
  }

  private Endpoint withHosts() {
    return new Endpoint(
        endpoint.baseUrl(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Map.of("content", URI.create("https://content.shop.example/v2")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://own.example | | expected URLs for [content] and no others, because service.dropbox.base-url is set",
        "https://own.example | content=https://c.own.example,x=https://x.own.example | expected URLs for [content] and no others",
        "| x=https://x.own.example | expected URLs for [content] and no others",
      })
  void anOperatorMovesAllHostsOrNone(String base, String hosts, String message) {
    Map<String, String> settings = new HashMap<>();
    if (base != null) {
      settings.put("service.dropbox.base-url", base);
    }
    if (hosts != null) {
      settings.put("service.dropbox.hosts", hosts);
    }

    assertThatThrownBy(() -> CatalogConfig.from(Settings.of(settings)).load(problem -> {}))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("service.dropbox.hosts: " + message);
  }

  @Test
  void aUsedUpLimitIsWaitedFor() {
    // when
    CallResult result =
        result(403, Map.of("x-ratelimit-remaining", "0", "x-ratelimit-reset", "1700000060"));

    // then
    assertThat(result)
        .isInstanceOfSatisfying(
            CallResult.Retryable.class,
            retryable -> assertThat(retryable.retryAfter()).contains(Duration.ofMinutes(1)));
  }

  @Test
  void aSecondLimitSaysHowLongItself() {
    assertThat(result(403, Map.of("retry-after", "30", "x-ratelimit-remaining", "4711")))
        .isInstanceOfSatisfying(
            CallResult.Retryable.class,
            retryable -> assertThat(retryable.retryAfter()).contains(Duration.ofSeconds(30)));
  }

  @Test
  void whatIsForbiddenOtherwiseStaysForbidden() {
    assertThat(result(403, Map.of("x-ratelimit-remaining", "12")))
        .isInstanceOf(CallResult.Permanent.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "403 | {\"error\": {\"reason\": \"userRateLimitExceeded\"}} | retryable after PT1M",
        "403 | {\"error\": {\"reason\": \"USERRATELIMITEXCEEDED!\"}} | retryable after PT1M",
        "403 | {\"error\": {\"reason\": \"forbidden\"}} | permanent",
        "403 | {\"error\": [] | permanent",
        "403 | `` | permanent",
        "404 | {\"error\": {\"reason\": \"userRateLimitExceeded\"}} | permanent",
        "400 | <html> | unauthorized",
        "200 | {\"ok\": false} | permanent",
        "200 | {\"ok\": true} | succeeded",
        "500 | {} | permanent",
        "503 | {} | retryable",
      })
  void aRuleSaysWhatAnAnswerMeans(int status, String body, String expected) {
    // given
    Endpoint there =
        new Endpoint(
            URI.create("https://api.shop.example"),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(
                new AnswerRule(
                    403,
                    text("/error/reason", "userRateLimitExceeded"),
                    AnswerRule.Meaning.RETRYABLE,
                    Optional.of(Duration.ofMinutes(1))),
                rule(200, text("/ok", "false"), AnswerRule.Meaning.PERMANENT),
                rule(400, Optional.empty(), AnswerRule.Meaning.UNAUTHORIZED),
                rule(500, Optional.empty(), AnswerRule.Meaning.PERMANENT),
                rule(500, Optional.empty(), AnswerRule.Meaning.UNAUTHORIZED)),
            List.of(),
            Map.of());

    // when
    CallResult result =
        there.result(new OutboundResponse(status, Map.of(), body.getBytes(UTF_8)), NOW);

    // then
    assertThat(Manifest.ExpectedResult.of(result)).hasToString(expected);
  }

  @Test
  void anAnswerThatSaysHowLongToWaitComesBeforeTheRules() {
    // given
    Endpoint there =
        new Endpoint(
            URI.create("https://api.shop.example"),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(rule(429, Optional.empty(), AnswerRule.Meaning.PERMANENT)),
            List.of(),
            Map.of());

    // when
    CallResult result =
        there.result(new OutboundResponse(429, Map.of("retry-after", "7"), new byte[0]), NOW);

    // then
    assertThat(Manifest.ExpectedResult.of(result)).hasToString("retryable after PT7S");
  }

  private static AnswerRule rule(
      int status, Optional<AnswerRule.Text> text, AnswerRule.Meaning meaning) {
    return new AnswerRule(status, text, meaning, Optional.empty());
  }

  private static Optional<AnswerRule.Text> text(String at, String contains) {
    return Optional.of(new AnswerRule.Text(JsonPointer.compile(at), contains));
  }

  private CallResult result(int status, Map<String, String> headers) {
    return endpoint.result(new OutboundResponse(status, headers, new byte[0]), NOW);
  }
}
