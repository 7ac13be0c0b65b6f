package dev.areaflow.catalog;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service's manifest, as it is written; its meaning stands in {@code
 * service-manifest.schema.json}.
 *
 * <p>What tells deliveries apart, and where their id and time are, is named by header and JSON
 * pointer and not by CEL expressions: the ingress then finds all of it in the one pass over the
 * body that checks its JSON, without a tree and without converting it for the CEL runtime, and a
 * pointer that the samples do not have is found by the contract kit.
 */
record Manifest(
    String apiVersion,
    String id,
    String name,
    String version,
    String description,
    List<ActionPart> actions,
    List<ReactionPart> reactions,
    Tests tests) {

  @JsonNaming(SnakeCaseStrategy.class)
  record ActionPart(
      String id,
      String description,
      List<ObjectNode> inputs,
      @Nullable WebhookPart webhook,
      @Nullable String clock,
      @Nullable PollPart poll,
      OutputPart output) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record ReactionPart(
      String id,
      String description,
      List<ObjectNode> inputs,
      ObjectNode request,
      OutputPart output,
      String idempotency,
      boolean replaySafe) {}

  record OutputPart(String schema, String sample) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record WebhookPart(
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<VerifyPart> verify,
      @Nullable ChallengePart challenge,
      @Nullable String formField,
      boolean formFields,
      @Nullable AcceptPart accept,
      @Nullable List<OnlyPart> only,
      List<EventIdPart> eventId,
      @Nullable String time) {}

  /** How the provider asks whether a hook is there. */
  record ChallengePart(
      String type,
      @Nullable String method,
      @Nullable String parameter,
      @Nullable Map<String, JsonNode> when,
      @Nullable String echo) {}

  record PollPart(ObjectNode request, PlacePart items, PlacePart id, boolean etag, String every) {}

  /** A JSON pointer, as it stands here or as an input says. */
  record PlacePart(@Nullable String input, @Nullable String pointer) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record VerifyPart(
      String type,
      String header,
      @Nullable String hash,
      @Nullable String encoding,
      @Nullable String prefix,
      @Nullable EntriesPart entries,
      @Nullable String signed,
      @Nullable String key,
      @Nullable String publicKey,
      @Nullable TimestampPart timestamp,
      @Nullable WhenPart when) {}

  /** Several named signatures in one header. */
  @JsonNaming(SnakeCaseStrategy.class)
  record EntriesPart(String between, String afterName, String name) {}

  /** When it was signed, seconds since 1970: in a header, or an entry beside the signatures. */
  record TimestampPart(@Nullable String header, @Nullable String entry, Duration tolerance) {}

  record WhenPart(String input, String equals) {}

  record AcceptPart(@Nullable Map<String, String> headers, @Nullable Map<String, JsonNode> body) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record OnlyPart(String input, String equals, boolean ignoreCase) {}

  record EventIdPart(@Nullable String header, @Nullable String generated) {}

  /** What the contract kit checks and the documents show. */
  record Tests(Map<String, ActionTest> actions, Map<String, List<ReactionTest>> reactions) {}

  record ActionTest(
      @Nullable Map<String, String> headers, ObjectNode inputs, ExpectedEvent expect) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record ExpectedEvent(@Nullable String eventId, @Nullable Instant time) {}

  record ReactionTest(ObjectNode inputs, ExpectedRequest expect) {}

  record ExpectedRequest(
      String method, String url, Map<String, String> headers, @Nullable String body) {}
}
