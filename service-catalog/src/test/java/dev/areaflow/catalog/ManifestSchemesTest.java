package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What manifests say of signatures, with published examples and with what is almost right. */
final class ManifestSchemesTest {
  private static final ObjectNode NO_INPUTS = JsonNodeFactory.instance.objectNode();
  private static final String FORM = "application/x-www-form-urlencoded; charset=UTF-8";

  // of the URL and the sorted form: the example of Twilio's documents

  private static final String TWILIO =
      "{type: hmac, hash: sha1, encoding: base64, prefix: '', header: x-signature, signed: '${url}${form}'}";
  private static final String TWILIO_URL = "https://mycompany.com/myapp.php?foo=1&bar=2";
  private static final String TWILIO_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
  private static final String TWILIO_FORM =
      "To=%2B18005551212&Digits=1234&From=%2B14158675309&Caller=%2B14158675309"
          + "&CallSid=CA1234567890ABCDE";

  @Test
  void theExampleOfTwiliosDocumentsVerifies() {
    assertThat(twilio(TWILIO_SIGNATURE, TWILIO_URL, TWILIO_FORM, FORM)).isTrue();
  }

  @Test
  void aFieldThatComesTwiceCountsOnce() {
    assertThat(twilio(TWILIO_SIGNATURE, TWILIO_URL, TWILIO_FORM + "&&Digits=1234", FORM)).isTrue();
  }

  @Test
  void aFormBecomesAnObjectOfItsFields() {
    assertThat(form("a=1&b=x%2By+z&&a=2&c&d=%C3%A9"))
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class,
            event ->
                assertThat(new String(event.payload(), UTF_8))
                    .isEqualTo("{\"a\":[\"1\",\"2\"],\"b\":\"x+y z\",\"c\":\"\",\"d\":\"é\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%F", "a=%GG", "a=%FF", "%C3=1"})
  void aFormThatIsBadlyEncodedIsRefused(String form) {
    assertThat(form(form))
        .isEqualTo(
            new Acceptance.Refused(Refusal.JSON, "expected a form of percent-encoded UTF-8"));
  }

  private static Acceptance form(String form) {
    return webhook("{type: token, header: x-token}")
        .accept(
            new Delivery(
                Map.of("content-type", FORM, "x-token", "12345"),
                bytes(form),
                Instant.EPOCH,
                TWILIO_URL),
            List.of("12345"),
            NO_INPUTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        // another signature, URL, scheme, field, value, encoding
        "QSOYDt4T1cUTdK1PDd93/VVr8B8= https://mycompany.com/myapp.php?foo=1&bar=2 Digits=1234",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8= https://mycompany.com/myapp.php?foo=1 Digits=1234",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8= http://mycompany.com/myapp.php?foo=1&bar=2 Digits=1234",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8= https://mycompany.com/myapp.php?foo=1&bar=2 Digit=1234",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8= https://mycompany.com/myapp.php?foo=1&bar=2 Digits=1235",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8= https://mycompany.com/myapp.php?foo=1&bar=2 Digits=%Z1",
      })
  void whatDiffersFromTheExampleIsRefused(String signature, String url, String digits) {
    assertThat(twilio(signature, url, TWILIO_FORM.replace("Digits=1234", digits), FORM)).isFalse();
  }

  @Test
  void theSortedFormOfWhatIsNoFormIsNotNothing() {
    // given the signature of the URL alone
    Webhook urlAlone = webhook(TWILIO.replace("${form}", "${body}"));
    String signature =
        urlAlone
            .verification(NO_INPUTS)
            .orElseThrow()
            .scheme()
            .sign(new Delivery(Map.of(), new byte[0], Instant.EPOCH, TWILIO_URL), "12345")
            .get("x-signature");

    // then
    assertThat(twilio(signature, TWILIO_URL, "{}", "application/json")).isFalse();
    assertThat(twilio(signature, TWILIO_URL, "", FORM)).isTrue();
  }

  // of body and URL, as Trello

  @Test
  void bodyAndUrlAreSignedTogether() {
    // given
    Webhook trello =
        webhook(
            "{type: hmac, hash: sha1, encoding: base64, prefix: '', header: x-signature, signed: '${body}${url}'}");
    Delivery signed =
        signed(trello, new Delivery(Map.of(), bytes("{}"), Instant.EPOCH, TWILIO_URL));

    // then
    assertThat(proved(trello, signed, NO_INPUTS)).isTrue();
    assertThat(proved(trello, at(signed, TWILIO_URL + "#"), NO_INPUTS)).isFalse();
    assertThat(proved(trello, at(signed, ""), NO_INPUTS)).isFalse();
  }

  // Ed25519: the third vector of RFC 8032, chapter 7.1, whose message is one byte of value 0x72

  private static final String ED25519 =
      "{type: ed25519, encoding: hex, prefix: '', header: x-signature, public_key: publicKey}";
  private static final String RFC_8032_PRIVATE =
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  private static final String RFC_8032_PUBLIC =
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  private static final String RFC_8032_SIGNATURE =
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

  @Test
  void theVectorOfRfc8032Verifies() {
    assertThat(ed25519(RFC_8032_SIGNATURE, "r", RFC_8032_PUBLIC)).isTrue();
    assertThat(
            new Ed25519Scheme(
                    new SignatureHeader(
                        "x-signature", SignatureHeader.Encoding.HEX, "", Optional.empty()),
                    new SignedText(List.of(new SignedText.Piece.Body()), Optional.empty()),
                    "publicKey")
                .sign(new Delivery(Map.of(), bytes("r"), Instant.EPOCH, ""), RFC_8032_PRIVATE))
        .containsExactly(Map.entry("x-signature", RFC_8032_SIGNATURE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "zz",
        "00",
        "3d40",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      })
  void whatIsNoKeyOfTheSenderVerifiesNothing(String key) {
    assertThat(ed25519(RFC_8032_SIGNATURE, "r", key)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "zz", "92a0"})
  void whatIsNoEd25519SignatureIsRefused(String signature) {
    assertThat(ed25519(signature, "r", RFC_8032_PUBLIC)).isFalse();
  }

  @Test
  void withoutAnEd25519HeaderNothingVerifies() {
    assertThat(
            proved(
                webhook(ED25519),
                new Delivery(Map.of(), bytes("r"), Instant.EPOCH, ""),
                NO_INPUTS.deepCopy().put("publicKey", RFC_8032_PUBLIC)))
        .isFalse();
  }

  @Test
  void noBitOfAnEd25519SignatureOrItsBodyMayDiffer() {
    byte[] signature = HexFormat.of().parseHex(RFC_8032_SIGNATURE);
    for (int bit = 0; bit < signature.length * Byte.SIZE; bit++) {
      byte[] changed = signature.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThat(ed25519(HexFormat.of().formatHex(changed), "r", RFC_8032_PUBLIC))
          .as("bit %d", bit)
          .isFalse();
    }
    assertThat(ed25519(RFC_8032_SIGNATURE, "s", RFC_8032_PUBLIC)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"-301, false", "-300, true", "300, true", "301, false"})
  void discordsTimestampIsSignedAndMustBeRecent(long secondsLater, boolean verifies) {
    // given
    Instant signedAt = Instant.ofEpochSecond(1_700_000_000);
    Webhook discord =
        webhook(
            "{type: ed25519, encoding: hex, prefix: '', header: x-signature, public_key: publicKey,"
                + " signed: '${timestamp}${body}', timestamp: {header: x-time, tolerance: PT5M}}");
    Delivery unsigned = new Delivery(Map.of(), bytes("{}"), signedAt, "");
    Map<String, String> headers =
        discord.verifications().getFirst().scheme().sign(unsigned, RFC_8032_PRIVATE);
    ObjectNode inputs = NO_INPUTS.deepCopy().put("publicKey", RFC_8032_PUBLIC);

    // then
    assertThat(
            proved(
                discord,
                new Delivery(headers, bytes("{}"), signedAt.plusSeconds(secondsLater), ""),
                inputs))
        .isEqualTo(verifies);
    Map<String, String> later = new HashMap<>(headers);
    later.put("x-time", "1700000001");
    assertThat(proved(discord, new Delivery(later, bytes("{}"), signedAt, ""), inputs)).isFalse();
  }

  @Test
  void aHookWithASendersKeyHasNoSecretOfItsOwn() {
    assertThat(webhook(ED25519).hasSecret(NO_INPUTS)).isFalse();
    assertThat(webhook(TWILIO).hasSecret(NO_INPUTS)).isTrue();
  }

  // JSON Web Tokens: the example of RFC 7515, appendix A.1, which expired at 1300819380

  private static final String RFC_7515_KEY =
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==";
  private static final String RFC_7515_CLAIMS =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  private static final String RFC_7515_TOKEN =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
          + RFC_7515_CLAIMS
          + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

  @ParameterizedTest
  @CsvSource({"-1, true", "59, true", "60, false", "3600, false"})
  void theExampleOfRfc7515VerifiesUntilItExpires(long secondsLater, boolean verifies) {
    assertThat(jwt("Bearer " + RFC_7515_TOKEN, secondsLater, RFC_7515_KEY)).isEqualTo(verifies);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer ",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c.d",
        RFC_7515_TOKEN,
        // of another algorithm, and of none
        "Bearer eyJhbGciOiJIUzM4NCJ9."
            + RFC_7515_CLAIMS
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "Bearer eyJhbGciOiJub25lIn0." + RFC_7515_CLAIMS + ".",
      })
  void whatIsNoTokenIsRefused(String value) {
    assertThat(jwt(value, -1, RFC_7515_KEY)).isFalse();
  }

  @Test
  void aTokenOfAnotherKeyIsRefused() {
    assertThat(jwt("Bearer " + RFC_7515_TOKEN, -1, "bm90IHRoaXM=")).isFalse();
    assertThat(jwt("Bearer " + RFC_7515_TOKEN, -1, "no base64!")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"alg\":\"HS256\"}|{\"exp\":1300819380}|true",
        "{\"alg\":\"HS256\"}|{\"exp\":1300819380,\"nbf\":1300819379}|true",
        "{\"alg\":\"HS256\"}|{\"exp\":1300819999,\"nbf\":1300819900}|false",
        "{\"alg\":\"HS256\"}|{\"exp\":\"1300819380\"}|false",
        "{\"alg\":\"HS256\"}|{}|false",
        "{\"alg\":\"HS256\"}|[]|false",
        "{\"alg\":\"HS256\"}|no JSON|false",
        "{\"alg\":\"HS256\",\"crit\":[\"b64\"]}|{\"exp\":1300819380}|false",
        "{\"alg\":\"none\"}|{\"exp\":1300819380}|false",
      })
  void aWellSignedTokenMustBeInForceAndUnderstood(String about, String claims, boolean verifies) {
    // given
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String text =
        encoder.encodeToString(bytes(about)) + "." + encoder.encodeToString(bytes(claims));
    byte[] hmac =
        HmacKey.BASE64.hash("HmacSHA256", RFC_7515_KEY, List.of(bytes(text))).orElseThrow();

    // then
    assertThat(jwt("Bearer " + text + "." + encoder.encodeToString(hmac), -1, RFC_7515_KEY))
        .isEqualTo(verifies);
  }

  // what manifests may say

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{type: hmac, header: x, prefix: ''} | is required",
        "{type: hmac, hash: sha1, encoding: hex, prefix: '', header: x, public_key: publicKey} | /verify/public_key",
        "{type: ed25519, encoding: hex, prefix: '', header: x} | /verify/public_key is required",
        "{type: ed25519, encoding: hex, prefix: '', header: x, public_key: other} | expected one of the inputs",
        "{type: ed25519, encoding: hex, prefix: '', header: x, public_key: hint} | required: true",
        "{type: hmac, hash: sha1, encoding: hex, prefix: '', header: x, signed: '${bodi}'} | /verify/signed",
        "{type: hmac, hash: sha1, encoding: hex, prefix: '', header: x, signed: '${url}'} | /verify/signed",
        "{type: hmac, hash: sha1, encoding: hex, prefix: '', header: x, signed: '${timestamp}${body}'} | /verify/timestamp",
        "{type: jwt, header: x, signed: '${body}'} | /verify/signed",
        "formless {type: hmac, hash: sha1, encoding: hex, prefix: '', header: x, signed: '${form}'} | expected form_fields",
        "{type: token, header: x, prefix: 'Bearer '} | /verify/prefix",
      })
  void whatDoesNotFitTogetherIsRefusedWithItsLine(String verify, String problem) {
    assertThatThrownBy(() -> webhook(verify))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/manifest.yaml:15")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{type: echo_query, parameter: challenge} | /challenge/method is required",
        "{type: echo_query, method: PUT, parameter: challenge} | /challenge/method",
        "{type: echo_json, when: {/type: a}} | /challenge/echo is required",
        "{type: ping_204} | /challenge/when is required",
        "{type: ping_204, when: {/type: 0, /other: 1}} | /challenge/when",
        "{type: ping_204, when: {/type: 0}, echo: /a} | /challenge/echo does not belong to the others here; remove it",
        "{type: head_200, parameter: a} | /challenge/parameter",
      })
  void aChallengeThatCannotBeAnsweredIsRefusedWithItsLine(String challenge, String problem) {
    assertThatThrownBy(() -> webhook("{type: token, header: x}\n      challenge: " + challenge))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/manifest.yaml:16")
        .hasMessageContaining(problem);
  }

  @Test
  void aSampleThatIsAChallengeIsNoEvent() {
    assertThat(
            webhook("{type: token, header: x}\n      challenge: {type: ping_204, when: {/type: 0}}")
                .objection(bytes("{\"type\": 0}"), NO_INPUTS))
        .contains(new Webhook.Objection.Ignored("it asks whether the hook is there"));
  }

  private static boolean twilio(String signature, String url, String form, String contentType) {
    Delivery delivery =
        new Delivery(
            Map.of("content-type", contentType, "x-signature", signature),
            bytes(form),
            Instant.EPOCH,
            url);
    return proved(webhook(TWILIO), delivery, NO_INPUTS);
  }

  private static boolean ed25519(String signature, String body, String key) {
    return proved(
        webhook(ED25519),
        new Delivery(Map.of("x-signature", signature), bytes(body), Instant.EPOCH, ""),
        NO_INPUTS.deepCopy().put("publicKey", key));
  }

  private static boolean jwt(String value, long secondsLater, String secret) {
    Webhook webhook = webhook("{type: jwt, header: authorization, prefix: 'Bearer ', key: base64}");
    return !isUnproved(
        webhook.accept(
            new Delivery(
                Map.of("authorization", value),
                bytes("{}"),
                Instant.ofEpochSecond(1_300_819_380 + secondsLater),
                ""),
            List.of(secret),
            NO_INPUTS));
  }

  private static Delivery signed(Webhook webhook, Delivery delivery) {
    return new Delivery(
        webhook.verifications().getFirst().scheme().sign(delivery, "12345"),
        delivery.body(),
        delivery.receivedAt(),
        delivery.url());
  }

  private static Delivery at(Delivery delivery, String url) {
    return new Delivery(delivery.headers(), delivery.body(), delivery.receivedAt(), url);
  }

  private static boolean proved(Webhook webhook, Delivery delivery, ObjectNode inputs) {
    return !isUnproved(webhook.accept(delivery, List.of("other", "12345"), inputs));
  }

  private static boolean isUnproved(Acceptance acceptance) {
    return acceptance instanceof Acceptance.Refused refused
        && refused.reason() == Refusal.SIGNATURE;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** The webhook of a manifest with this verification, which is read as every manifest is. */
  private static Webhook webhook(String verify) {
    String manifest =
        """
        apiVersion: area/v1
        id: shop
        name: Shop
        version: 1.0.0
        description: Sells things.
        actions:
          - id: sold
            description: A thing is sold
            inputs:
              - {key: publicKey, title: Key, description: The key, type: string, required: true}
              - {key: hint, title: Hint, description: A hint, type: string}
            webhook:
              event_id: [{generated: uuid}]
              form_fields: FORMS
              verify: VERIFY
            output: {schema: sold.schema.json, sample: sold.sample.json}
        reactions: []
        tests: {actions: {}, reactions: {}}
        """
            .replace("FORMS", Boolean.toString(!verify.contains("formless")))
            .replace("VERIFY", verify.replace("formless ", ""));
    return (Webhook)
        new ManifestLoader(ServiceAddresses.asDeclared())
            .load("shop", name -> bytes(name.equals("manifest.yaml") ? manifest : "{}"))
            .action("sold")
            .orElseThrow()
            .source();
  }
}
