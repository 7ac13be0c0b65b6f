package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Webhooks that end by themselves, and that need more than an id to be removed. */
final class SubscriptionTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00.250Z");
  private static final String HOOK = "https://hooks.example.org/hooks/1";
  private static final ObjectNode INPUTS =
      JsonNodeFactory.instance.objectNode().put("calendar", "a b@example.org");

  private static final String CHANNEL =
      """
      request:
        method: POST
        url: "/calendars/${inputs.calendar}/events/watch"
        body: {id: "${hook.newId}", address: "${hook.url}", token: "${hook.secret}", expiration: "${hook.expiresMillis}"}
      id: /id
      save: {resource: /resourceId}
      expires: {after: P6D, at: /expiration, renew_before: P1D}
      remove: {method: POST, url: /channels/stop, body: {id: "${hook.subscription}", resourceId: "${saved.resource}"}}
      """;

  private static final String LEASE =
      """
      find: {request: {method: GET, url: /subscriptions}, items: /value, address: /notificationUrl, id: /id}
      request:
        method: POST
        url: /subscriptions
        body: {notificationUrl: "${hook.url}", clientState: "${hook.secret}", expirationDateTime: "${hook.expires}"}
      id: /id
      expires: {after: P6D, at: /expirationDateTime, renew_before: P1D}
      renew: {method: PATCH, url: "/subscriptions/${hook.subscription}", body: {expirationDateTime: "${hook.expires}"}}
      remove: {method: DELETE, url: "/subscriptions/${hook.subscription}"}
      """;

  @Test
  void aChannelIsSetUpWithAnIdOfItsOwnAndStoppedWithWhatTheAnswerGave() throws Exception {
    // given
    Subscription channel = subscription(CHANNEL);

    // when
    OutboundRequest create = channel.create(INPUTS, HOOK, "secret", NOW);
    OutboundRequest again = channel.create(INPUTS, HOOK, "secret", NOW);
    Registration there =
        channel.created(
            bytes("{\"id\":\"x\",\"resourceId\":\"r1\",\"expiration\":\"1772964000000\"}"), NOW);

    // then
    assertThat(create.uri().toString())
        .isEqualTo("https://api.example.org/calendars/a%20b%40example.org/events/watch");
    assertThat(text(create))
        .matches(
            "\\{\"id\":\"[0-9a-f-]{36}\",\"address\":\""
                + HOOK
                + "\",\"token\":\"secret\","
                + "\"expiration\":1772964000000}");
    assertThat(text(create)).isNotEqualTo(text(again));
    assertThat(there)
        .isEqualTo(
            new Registration("x", Map.of("resource", "r1"), Instant.parse("2026-03-08T10:00:00Z")));
    assertThat(channel.renewAt(there)).contains(Instant.parse("2026-03-07T10:00:00Z"));
    assertThat(text(channel.remove(INPUTS, there)))
        .isEqualTo("{\"id\":\"x\",\"resourceId\":\"r1\"}");
    assertThat(channel.find(INPUTS)).isEmpty();
    assertThat(channel.renew(INPUTS, HOOK, "secret", there, NOW)).isEmpty();
  }

  @Test
  void aLeaseIsFoundWithItsEndAndRenewedInPlace() throws Exception {
    // given
    Subscription lease = subscription(LEASE);

    // when
    Registration found =
        lease
            .found(
                bytes(
                    "{\"value\":[{\"id\":\"other\",\"notificationUrl\":\"https://elsewhere\"},"
                        + "{\"id\":\"s1\",\"notificationUrl\":\""
                        + HOOK
                        + "\","
                        + "\"expirationDateTime\":\"2026-03-04T10:00:00.0000000Z\"}]}"),
                HOOK,
                NOW)
            .orElseThrow();
    OutboundRequest renew = lease.renew(INPUTS, HOOK, "secret", found, NOW).orElseThrow();
    Registration renewed =
        lease.renewed(found, bytes("{\"expirationDateTime\":\"2026-03-08T10:00:00Z\"}"), NOW);

    // then
    assertThat(found.expiresAt()).isEqualTo("2026-03-04T10:00:00Z");
    assertThat(renew.uri().toString()).isEqualTo("https://api.example.org/subscriptions/s1");
    assertThat(text(renew)).isEqualTo("{\"expirationDateTime\":\"2026-03-08T10:00:00Z\"}");
    assertThat(renewed.id()).isEqualTo("s1");
    assertThat(renewed.expiresAt()).isEqualTo("2026-03-08T10:00:00Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; expected /id of the webhook",
        "{\"id\":\"x\"}; expected /resourceId of the webhook",
        "{\"id\":\"x\",\"resourceId\":\"r\"}; expected /expiration of the webhook",
        "{\"id\":\"x\",\"resourceId\":\"r\",\"expiration\":\"soon\"}; expected a time at /expiration",
        "<html>; expected JSON, found something else or a cut answer",
      })
  void anAnswerWithoutWhatIsNeededIsUnusable(String answer, String problem) {
    assertThatThrownBy(() -> subscription(CHANNEL).created(bytes(answer), NOW))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessage(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "renew_before: P1D; renew_before: P6D; /expires/renew_before expected less than after",
        "saved.resource; saved.other; /remove/body/resourceId expected one of the inputs",
        "hook.newId; hook.oldId; /request/body/id expected one of the inputs",
        "hook.newId; newId; /request/body/id expected one whole ${inputs.KEY}",
      })
  void aMistakeIsToldWithItsPlace(String right, String wrong, String problem) {
    assertThatThrownBy(() -> subscription(CHANNEL.replace(right, wrong)))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/actions/0/webhook/subscribe" + problem);
  }

  private static Subscription subscription(String subscribe) {
    String manifest =
        """
        apiVersion: area/v1
        id: shop
        name: Shop
        version: 1.0.0
        description: Sells things.
        http: {base_url: "https://api.example.org"}
        auth: {type: bearer}
        actions:
          - id: sold
            description: A thing is sold
            inputs:
              - {key: calendar, title: Calendar, description: Which, type: string}
            webhook:
              verify: {type: token, header: x-goog-channel-token}
              subscribe:
        SUBSCRIBE
              event_id: [{generated: uuid}]
            output: {schema: sold.schema.json, sample: sold.sample.json}
        reactions: []
        tests: {actions: {sold: {inputs: {}, expect: {}}}, reactions: {}}
        """
            .replace("SUBSCRIBE\n", subscribe.indent(10));
    Service service =
        new ManifestLoader(ServiceAddresses.asDeclared())
            .load(
                "shop",
                name ->
                    switch (name) {
                      case "manifest.yaml" -> bytes(manifest);
                      case "sold.schema.json" -> bytes("{\"type\": \"object\"}");
                      case "sold.sample.json" -> bytes("{}");
                      default -> null;
                    });
    return ((Webhook) service.action("sold").orElseThrow().source()).subscription().orElseThrow();
  }

  private static String text(OutboundRequest request) {
    return new String(request.body().orElseThrow(), UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
