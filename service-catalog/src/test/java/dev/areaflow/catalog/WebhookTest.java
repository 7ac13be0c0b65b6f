package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries to the bundled webhooks, the good, the unwanted and the hostile. */
final class WebhookTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final Instant RECEIVED = Instant.parse("2026-06-01T10:00:00Z");
  private static final String URL = "https://hooks.example.org/hooks/token";
  private static final String SECRET = "topsecret";
  private static final String SIGNATURE = "x-hub-signature-256";
  private static final ObjectNode NO_INPUTS = JsonNodeFactory.instance.objectNode();
  private static final ObjectNode SIGNED = NO_INPUTS.deepCopy().put("verification", "hmac-sha256");
  private static final String ISSUE =
      "{\"action\":\"opened\",\"issue\":{\"created_at\":\"2019-05-15T15:20:18Z\"},"
          + "\"repository\":{\"full_name\":\"Octo/Hello\"}}";

  // the order of the checks

  @Test
  void aForgedDeliveryWithEveryFaultIsRefusedForItsSignature() {
    // given
    Delivery delivery =
        new Delivery(
            Map.of("content-encoding", "gzip", "content-type", "text/html"),
            "{".getBytes(UTF_8),
            RECEIVED,
            URL);

    // then
    assertRefused(issueOpened().accept(delivery, List.of(SECRET), NO_INPUTS), Refusal.SIGNATURE);
  }

  @Test
  void aSignedDeliveryWithBadTypeAndJsonIsRefusedForItsType() {
    assertRefused(github("{", Map.of("content-type", "text/html")), Refusal.MEDIA_TYPE);
  }

  @Test
  void malformedJsonIsRefusedEvenWhereTheEventWouldBeIgnored() {
    assertRefused(github("{", Map.of("x-github-event", "ping")), Refusal.JSON);
  }

  // signatures

  @Test
  void theSignatureIsOfTheRawBytes() {
    // given a body whose spaces a parser would drop
    String body = " { \"a\" : 1 } ";

    // then
    assertThat(received(body, SIGNED, Map.of(SIGNATURE, sign(body))))
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class,
            event -> assertThat(new String(event.payload(), UTF_8)).isEqualTo(body));
    assertRefused(received(body, SIGNED, Map.of(SIGNATURE, sign("{\"a\":1}"))), Refusal.SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256=",
        "sha256=zz",
        "sha256=abc",
        "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "SHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      })
  void aSignatureThatIsNoneIsRefused(String signature) {
    assertRefused(received("{}", SIGNED, Map.of(SIGNATURE, signature)), Refusal.SIGNATURE);
  }

  @Test
  void aMissingAndAWrongSignatureLookTheSame() {
    assertThat(received("{}", SIGNED, Map.of()))
        .isEqualTo(received("{}", SIGNED, Map.of(SIGNATURE, sign("{ }"))));
  }

  @Test
  void verificationIsNoneUnlessTheInputsAskForIt() {
    Webhook webhook = webhook("webhook", "received");
    assertThat(webhook.hasSecret(NO_INPUTS)).isFalse();
    assertThat(webhook.hasSecret(NO_INPUTS.deepCopy().put("verification", "none"))).isFalse();
    assertThat(webhook.hasSecret(SIGNED)).isTrue();
    assertThat(issueOpened().hasSecret(NO_INPUTS)).isTrue();
  }

  // encodings and types

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
        "application/cloudevents+json",
      })
  void jsonTypesAreRead(String contentType) {
    assertThat(received("{}", NO_INPUTS, Map.of("content-type", contentType)))
        .isInstanceOf(Acceptance.Accepted.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
      })
  void otherTypesAreRefused(String contentType) {
    assertRefused(
        received("{}", NO_INPUTS, Map.of("content-type", contentType)), Refusal.MEDIA_TYPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd", "gzip, identity"})
  void encodedBodiesAreRefused(String encoding) {
    assertRefused(
        received("{}", NO_INPUTS, Map.of("content-encoding", encoding)), Refusal.MEDIA_TYPE);
  }

  // JSON

  @ParameterizedTest
  @ValueSource(strings = {"null", "1", "-0.5", "true", "\"text\"", "[]", "[{\"a\":1}]", " [ 1 ] "})
  void anyJsonIsAnEventWhereTheActionNeedsNoObject(String body) {
    assertThat(received(body, NO_INPUTS, Map.of()))
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class,
            event -> assertThat(new String(event.payload(), UTF_8)).isEqualTo(body));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "1", "\"text\"", "[]", "[{\"action\":\"opened\"}]"})
  void otherActionsNeedAnObject(String body) {
    assertRefused(github(body, Map.of()), Refusal.JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[",
        "1 2",
        "nul",
        "{",
        "{\"a\":1",
        "{} {}",
        "{}x",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":2}}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":\"\u0001\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":1,}",
        "// no\n{}",
      })
  void whatIsNotOneJsonObjectIsRefused(String body) {
    assertRefused(received(body, NO_INPUTS, Map.of()), Refusal.JSON);
  }

  @Test
  void nestingIsBounded() {
    String deepest = "{\"a\":".repeat(63) + "{}" + "}".repeat(63);
    assertThat(received(deepest, NO_INPUTS, Map.of())).isInstanceOf(Acceptance.Accepted.class);
    assertRefused(received("{\"a\":" + deepest + "}", NO_INPUTS, Map.of()), Refusal.JSON);
    assertRefused(received("{\"a\":" + "[".repeat(500_000), NO_INPUTS, Map.of()), Refusal.JSON);
  }

  @Test
  void textsAndNumbersAreBounded() {
    String longest = "x".repeat(256 * 1024);
    assertThat(received("{\"a\":\"" + longest + "\"}", NO_INPUTS, Map.of()))
        .isInstanceOf(Acceptance.Accepted.class);
    assertRefused(received("{\"a\":\"" + longest + "x\"}", NO_INPUTS, Map.of()), Refusal.JSON);
    assertRefused(received("{\"a\":" + "9".repeat(101) + "}", NO_INPUTS, Map.of()), Refusal.JSON);
  }

  @Test
  void onlyUtf8IsRead() {
    assertThat(received("{\"a\":\"é€😀\"}".getBytes(UTF_8), NO_INPUTS, Map.of()))
        .isInstanceOf(Acceptance.Accepted.class);
    assertRefused(
        received("{\"a\":\"é\"}".getBytes(ISO_8859_1), NO_INPUTS, Map.of()), Refusal.JSON);
    assertRefused(received("{\"a\":1}".getBytes(UTF_16LE), NO_INPUTS, Map.of()), Refusal.JSON);
    assertRefused(
        received(
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xc0, (byte) 0x80, '"', '}'},
            NO_INPUTS,
            Map.of()),
        Refusal.JSON);
  }

  // forms

  @Test
  void aFormsPayloadIsTheBody() {
    // when
    Acceptance acceptance =
        github(
            "a=b&payload=" + URLEncoder.encode(ISSUE, UTF_8) + "&c",
            Map.of("content-type", "application/x-www-form-urlencoded"));

    // then
    assertThat(acceptance)
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class,
            event -> assertThat(new String(event.payload(), UTF_8)).isEqualTo(ISSUE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "payload",
        "payload=",
        "Payload={}",
        "payload=%7",
        "payload=%7x",
        "payload=%zz",
        "payload={}&payload={}",
        "other={}",
        "payload=%FF%FE",
      })
  void aFormWithoutOneGoodPayloadIsRefused(String form) {
    assertRefused(
        github(form, Map.of("content-type", "application/x-www-form-urlencoded")), Refusal.JSON);
  }

  // which events

  @Test
  void aPingIsIgnored() {
    assertThat(github("{\"zen\":\"x\",\"hook_id\":1}", Map.of("x-github-event", "ping")))
        .isEqualTo(new Acceptance.Ignored("x-github-event is ping, not issues"));
  }

  @Test
  void anotherActionOfTheSameEventIsIgnored() {
    assertThat(github(ISSUE.replace("opened", "edited"), Map.of()))
        .isEqualTo(new Acceptance.Ignored("action is edited, not opened"));
    assertThat(github("{}", Map.of()))
        .isEqualTo(new Acceptance.Ignored("action is missing, expected opened"));
  }

  @ParameterizedTest
  @CsvSource({
    "octo/hello, ''",
    "OCTO/HELLO, ''",
    "octo/other, 'repository is Octo/Hello, not octo/other'",
  })
  void onlyTheHooksRepositoryCounts(String repository, String ignored) {
    // when
    Acceptance acceptance =
        github(ISSUE, Map.of(), NO_INPUTS.deepCopy().put("repository", repository));

    // then
    if (ignored.isEmpty()) {
      assertThat(acceptance).isInstanceOf(Acceptance.Accepted.class);
    } else {
      assertThat(acceptance).isEqualTo(new Acceptance.Ignored(ignored));
    }
  }

  @Test
  void aPayloadWithoutRepositoryFitsOnlyHooksWithoutOne() {
    String body = "{\"action\":\"opened\"}";
    assertThat(github(body, Map.of())).isInstanceOf(Acceptance.Accepted.class);
    assertThat(github(body, Map.of(), NO_INPUTS.deepCopy().put("repository", "octo/hello")))
        .isInstanceOf(Acceptance.Ignored.class);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false, false", "null, false", "'\"true\"', false"})
  void aPullRequestThatIsClosedCountsWhereItIsMerged(String merged, boolean counts) {
    // given
    String body = "{\"action\":\"closed\",\"pull_request\":{\"merged\":" + merged + "}}";

    // when
    Acceptance acceptance =
        accept(
            webhook("github", "pull_request_merged"),
            body.getBytes(UTF_8),
            NO_INPUTS,
            Map.of("x-github-event", "pull_request", "x-github-delivery", "d-1"));

    // then
    assertThat(acceptance instanceof Acceptance.Accepted).isEqualTo(counts);
  }

  // ids and times

  @Test
  void aDeliveryWithoutItsIdIsRefused() {
    // given
    Map<String, String> headers = new HashMap<>(headers(ISSUE.getBytes(UTF_8)));
    headers.put("x-github-event", "issues");

    // when
    Acceptance acceptance =
        issueOpened()
            .accept(
                new Delivery(headers, ISSUE.getBytes(UTF_8), RECEIVED, URL),
                List.of(SECRET),
                NO_INPUTS);

    // then
    assertThat(acceptance)
        .isEqualTo(
            new Acceptance.Refused(
                Refusal.JSON, "expected the id of the delivery in the header x-github-delivery"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\tb", "é", "\u0000"})
  void anIdThatIsNotVisibleAsciiIsRefused(String id) {
    assertRefused(received("{}", NO_INPUTS, Map.of("webhook-id", id)), Refusal.JSON);
  }

  @Test
  void anEndlessIdIsRefused() {
    assertRefused(received("{}", NO_INPUTS, Map.of("webhook-id", "x".repeat(256))), Refusal.JSON);
  }

  @Test
  void webhooksPreferTheirIdThenTheIdempotencyKeyThenAFreshOne() {
    assertThat(eventId(Map.of("webhook-id", "a", "idempotency-key", "b"))).isEqualTo("a");
    assertThat(eventId(Map.of("idempotency-key", "b"))).isEqualTo("b");
    Set<String> fresh = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      fresh.add(eventId(Map.of()));
    }
    assertThat(fresh).hasSize(100);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"2019-05-15T15:20:18Z\"',      2019-05-15T15:20:18Z",
    "'\"2019-05-15T17:20:18+02:00\"', 2019-05-15T15:20:18Z",
    "1557933618,                      2019-05-15T15:20:18Z",
    "'\"yesterday\"',                 2026-06-01T10:00:00Z",
    "'\"+999999999-12-31T00:00:00Z\"', 2026-06-01T10:00:00Z",
    "99999999999999999,               2026-06-01T10:00:00Z",
    "99999999999999999999999,         2026-06-01T10:00:00Z",
    "-5,                              2026-06-01T10:00:00Z",
    "1.5,                             2026-06-01T10:00:00Z",
    "null,                            2026-06-01T10:00:00Z",
    "{},                              2026-06-01T10:00:00Z",
  })
  void theTimeIsThePayloadsWhereItCanBeRead(String createdAt, Instant expected) {
    // given
    String body = "{\"action\":\"opened\",\"issue\":{\"created_at\":" + createdAt + "}}";

    // then
    assertThat(github(body, Map.of()))
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class, event -> assertThat(event.time()).isEqualTo(expected));
  }

  private static String eventId(Map<String, String> headers) {
    return ((Acceptance.Accepted) received("{}", NO_INPUTS, headers)).eventId();
  }

  private static Acceptance github(String body, Map<String, String> headers) {
    return github(body, headers, NO_INPUTS);
  }

  private static Acceptance github(String body, Map<String, String> headers, JsonNode inputs) {
    Map<String, String> all = new HashMap<>();
    all.put("x-github-event", "issues");
    all.put("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    all.putAll(headers);
    return accept(issueOpened(), body.getBytes(UTF_8), inputs, all);
  }

  private static Acceptance received(String body, JsonNode inputs, Map<String, String> headers) {
    return received(body.getBytes(UTF_8), inputs, headers);
  }

  private static Acceptance received(byte[] body, JsonNode inputs, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>();
    all.put("content-type", "application/json");
    all.putAll(headers);
    return webhook("webhook", "received")
        .accept(new Delivery(all, body, RECEIVED, URL), List.of(SECRET), inputs);
  }

  private static Acceptance accept(
      Webhook webhook, byte[] body, JsonNode inputs, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers(body));
    all.putAll(headers);
    return webhook.accept(new Delivery(all, body, RECEIVED, URL), List.of(SECRET), inputs);
  }

  private static Map<String, String> headers(byte[] body) {
    return Map.of("content-type", "application/json", SIGNATURE, sign(body));
  }

  private static String sign(String body) {
    return sign(body.getBytes(UTF_8));
  }

  private static String sign(byte[] body) {
    return issueOpened()
        .verification(NO_INPUTS)
        .orElseThrow()
        .scheme()
        .sign(new Delivery(Map.of(), body, RECEIVED, URL), SECRET)
        .getOrDefault(SIGNATURE, "");
  }

  private static Webhook issueOpened() {
    return webhook("github", "issue_opened");
  }

  private static Webhook webhook(String service, String action) {
    return CATALOG.action(service, action).flatMap(Action::webhook).orElseThrow();
  }

  private static void assertRefused(Acceptance acceptance, Refusal reason) {
    assertThat(acceptance)
        .isInstanceOfSatisfying(
            Acceptance.Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
  }
}
