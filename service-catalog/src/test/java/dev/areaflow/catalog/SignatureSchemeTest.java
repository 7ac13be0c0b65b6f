package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.Manifest.EntriesPart;
import dev.areaflow.catalog.Manifest.TimestampPart;
import dev.areaflow.catalog.Manifest.VerifyPart;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schemes with the examples that their inventors publish, and with what is almost right. */
final class SignatureSchemeTest {
  private static final String URL = "https://hooks.example.org/hooks/token";
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final SignatureScheme GITHUB =
      SignatureScheme.of(
          hmac("x-hub-signature-256", "hex", "sha256=", null, "${body}", "text", null));
  private static final SignatureScheme SLACK =
      SignatureScheme.of(
          hmac(
              "x-slack-signature",
              "hex",
              "v0=",
              null,
              "v0:${timestamp}:${body}",
              "text",
              new TimestampPart("x-slack-request-timestamp", null, TOLERANCE)));
  private static final SignatureScheme STRIPE =
      SignatureScheme.of(
          hmac(
              "stripe-signature",
              "hex",
              null,
              new EntriesPart(",", "=", "v1"),
              "${timestamp}.${body}",
              "text",
              new TimestampPart(null, "t", TOLERANCE)));
  private static final SignatureScheme STANDARD_WEBHOOKS =
      SignatureScheme.of(
          hmac(
              "webhook-signature",
              "base64",
              null,
              new EntriesPart(" ", ",", "v1"),
              "${headers.webhook-id}.${timestamp}.${body}",
              "base64",
              new TimestampPart("webhook-timestamp", null, TOLERANCE)));

  // published examples

  @Test
  void theExampleOfGitHubsDocumentsVerifies() {
    assertThat(
            GITHUB.verifies(
                delivery(
                    "Hello, World!",
                    Instant.EPOCH,
                    Map.of(
                        "x-hub-signature-256",
                        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")),
                List.of("It's a Secret to Everybody")))
        .isTrue();
  }

  @Test
  void theExampleOfSlacksDocumentsVerifies() {
    assertThat(
            SLACK.verifies(
                delivery(
                    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
                        + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
                        + "&user_name=roadrunner&command=%2Fwebhook-collect&text="
                        + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J"
                        + "%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
                        + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
                    Instant.ofEpochSecond(1_531_420_618),
                    Map.of(
                        "x-slack-request-timestamp",
                        "1531420618",
                        "x-slack-signature",
                        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")),
                List.of("8f742231b10e8888abcd99yyyzzz85a5")))
        .isTrue();
  }

  @Test
  void theExampleOfStandardWebhooksVerifies() {
    assertThat(
            STANDARD_WEBHOOKS.verifies(
                standardWebhook("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                List.of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        .isTrue();
  }

  // what stands in the header

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,what ever",
      })
  void anyOfSeveralSignaturesMayBeRight(String signatures) {
    assertThat(
            STANDARD_WEBHOOKS.verifies(
                standardWebhook(signatures), List.of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v1",
        "v1,",
        "v1,!",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      })
  void whatIsNoSignatureOfThisVersionIsRefused(String signatures) {
    assertThat(
            STANDARD_WEBHOOKS.verifies(
                standardWebhook(signatures), List.of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        .isFalse();
  }

  @Test
  void aSecretThatIsNoBase64VerifiesNothing() {
    assertThat(
            STANDARD_WEBHOOKS.verifies(
                standardWebhook("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                List.of("not base64!")))
        .isFalse();
  }

  // when it was signed

  @ParameterizedTest
  @CsvSource({"-301, false", "-300, true", "0, true", "300, true", "301, false"})
  void whatIsTooOldOrTooNewIsRefused(long secondsLater, boolean verifies) {
    // given
    Instant signedAt = Instant.ofEpochSecond(1_700_000_000);
    Delivery signed = signed(STRIPE, delivery("{}", signedAt, Map.of()), "secret");

    // when
    Delivery later =
        new Delivery(signed.headers(), signed.body(), signedAt.plusSeconds(secondsLater), URL);

    // then
    assertThat(STRIPE.verifies(later, List.of("secret"))).isEqualTo(verifies);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "now", "1e9", "99999999999999999999", "9223372036854775807"})
  void aTimestampThatIsNoneIsRefused(String timestamp) {
    // given
    Instant now = Instant.ofEpochSecond(1_700_000_000);
    Map<String, String> headers =
        new HashMap<>(signed(SLACK, delivery("{}", now, Map.of()), "secret").headers());

    // when
    headers.put("x-slack-request-timestamp", timestamp);

    // then
    assertThat(SLACK.verifies(delivery("{}", now, headers), List.of("secret"))).isFalse();
  }

  @Test
  void theTimestampIsSignedToo() {
    // given
    Instant now = Instant.ofEpochSecond(1_700_000_000);
    Map<String, String> headers =
        new HashMap<>(signed(SLACK, delivery("{}", now, Map.of()), "secret").headers());

    // when
    headers.put("x-slack-request-timestamp", "1700000001");

    // then
    assertThat(SLACK.verifies(delivery("{}", now, headers), List.of("secret"))).isFalse();
  }

  @Test
  void aSignedHeaderThatIsMissingIsRefused() {
    // given
    Map<String, String> headers =
        new HashMap<>(standardWebhook("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=").headers());

    // when
    headers.remove("webhook-id");

    // then
    assertThat(
            STANDARD_WEBHOOKS.verifies(
                delivery("{\"test\": 2432232314}", STANDARD_TIME, headers),
                List.of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        .isFalse();
  }

  // one bit

  @Test
  void noBitOfTheBodyMayDiffer() {
    // given
    Instant now = Instant.ofEpochSecond(1_700_000_000);
    String body = "{\"amount\":1000}";
    for (SignatureScheme scheme : List.of(GITHUB, SLACK, STRIPE)) {
      Delivery signed = signed(scheme, delivery(body, now, Map.of()), "secret");
      assertThat(scheme.verifies(signed, List.of("another", "secret"))).isTrue();
      for (int bit = 0; bit < body.length() * 8; bit++) {
        byte[] changed = body.getBytes(UTF_8);
        changed[bit / 8] ^= (byte) (1 << bit % 8);

        // then
        assertThat(
                scheme.verifies(
                    new Delivery(signed.headers(), changed, now, URL), List.of("secret")))
            .as("%s, bit %d", scheme.header(), bit)
            .isFalse();
      }
    }
  }

  @Test
  void aSignedUrlMaySayWhatTheBodyIs() {
    // given
    SignatureScheme scheme =
        SignatureScheme.of(
            hmac(
                "x-twilio-signature",
                "base64",
                "",
                null,
                "${hashed_url.bodySHA256}",
                "text",
                null));
    String hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    Delivery unsigned =
        new Delivery(
            Map.of(), "{}".getBytes(UTF_8), Instant.EPOCH, URL + "?a=1&bodySHA256=" + hash);

    // when
    Delivery delivery = signed(scheme, unsigned, "secret");

    // then
    assertThat(scheme.verifies(delivery, List.of("secret"))).isTrue();
    assertThat(scheme.verifies(delivery, List.of("other"))).isFalse();
    assertThat(scheme.verifies(with(delivery, "{ }", delivery.url()), List.of("secret"))).isFalse();
    assertThat(scheme.verifies(with(delivery, "{}", URL), List.of("secret"))).isFalse();
    assertThat(scheme.verifies(with(delivery, "{}", delivery.url() + "&b=2"), List.of("secret")))
        .isFalse();
  }

  private static Delivery with(Delivery delivery, String body, String url) {
    return new Delivery(delivery.headers(), body.getBytes(UTF_8), delivery.receivedAt(), url);
  }

  // tokens

  @Test
  void aTokenIsTheSecret() {
    // given
    SignatureScheme scheme = new TokenScheme("x-gitlab-token");

    // then
    assertThat(scheme.verifies(token("old"), List.of("new", "old"))).isTrue();
    assertThat(scheme.verifies(token("ol"), List.of("new", "old"))).isFalse();
    assertThat(scheme.verifies(token(""), List.of("new", "old"))).isFalse();
    assertThat(scheme.verifies(delivery("{}", Instant.EPOCH, Map.of()), List.of("old"))).isFalse();
    assertThat(scheme.verifies(token("old"), List.of())).isFalse();
  }

  private static final Instant STANDARD_TIME = Instant.ofEpochSecond(1_614_265_330);

  private static Delivery standardWebhook(String signatures) {
    return delivery(
        "{\"test\": 2432232314}",
        STANDARD_TIME,
        Map.of(
            "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp", "1614265330",
            "webhook-signature", signatures));
  }

  private static Delivery token(String token) {
    return delivery("{}", Instant.EPOCH, Map.of("x-gitlab-token", token));
  }

  private static Delivery delivery(String body, Instant at, Map<String, String> headers) {
    return new Delivery(headers, body.getBytes(UTF_8), at, URL);
  }

  private static Delivery signed(SignatureScheme scheme, Delivery delivery, String secret) {
    return new Delivery(
        scheme.sign(delivery, secret), delivery.body(), delivery.receivedAt(), delivery.url());
  }

  private static VerifyPart hmac(
      String header,
      String encoding,
      @Nullable String prefix,
      @Nullable EntriesPart entries,
      String signed,
      String key,
      @Nullable TimestampPart timestamp) {
    return new VerifyPart(
        "hmac", header, "sha256", encoding, prefix, entries, signed, key, null, timestamp, null);
  }
}
