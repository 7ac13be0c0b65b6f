package dev.areaflow.catalog;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.OutboundResponse;
import java.nio.charset.StandardCharsets;
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
    @Nullable HttpPart http,
    @Nullable AuthPart auth,
    @JsonProperty("dynamic_options") @Nullable Map<String, OptionsPart> options,
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
      @Nullable List<String> scopes,
      @Nullable String canonicalId,
      OutputPart output) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record ReactionPart(
      String id,
      String description,
      List<ObjectNode> inputs,
      ObjectNode request,
      @Nullable List<String> scopes,
      OutputPart output,
      String idempotency,
      boolean replaySafe) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record HttpPart(
      String baseUrl,
      @Nullable Map<String, String> hosts,
      @Nullable Map<String, String> headers,
      @Nullable QuotaPart quota,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<RatePart> rate,
      @Nullable List<AnswerPart> answers) {}

  record AnswerPart(
      int status,
      @Nullable String at,
      @Nullable String contains,
      String as,
      @Nullable Duration after) {}

  /** Headers that say how many requests are left, and when there are more. */
  record QuotaPart(String remaining, String reset) {}

  /** How many calls there may be in a time, of each connection or of all. */
  record RatePart(String key, int limit, Duration window) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record AuthPart(
      String type,
      @Nullable String header,
      @Nullable String query,
      @Nullable String authorizeUrl,
      @Nullable String tokenUrl,
      @Nullable String secretIn,
      @Nullable List<String> scopes,
      @Nullable Map<String, List<String>> impliedScopes,
      @Nullable Map<String, String> authorizeParams,
      boolean ownToken,
      @Nullable ProbePart test) {}

  record ProbePart(@Nullable String get, @Nullable String post, String label) {}

  /** How the service is asked for what an input may be. */
  record OptionsPart(
      ObjectNode request,
      @Nullable PaginatePart paginate,
      @Nullable ObjectNode next,
      PlacePart items,
      @Nullable String where,
      String value,
      String label,
      @Nullable List<String> scopes) {}

  /**
   * What an event is, or what an answer is.
   *
   * @param of of reactions: what of the answer it is, {@code body} or {@code answer}
   */
  record OutputPart(String schema, String sample, @Nullable String of) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record WebhookPart(
      @Nullable String mode,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<VerifyPart> verify,
      @Nullable ChallengePart challenge,
      @Nullable SubscribePart subscribe,
      @Nullable String formField,
      boolean formFields,
      @Nullable AcceptPart accept,
      @Nullable List<OnlyPart> only,
      @Nullable List<EventIdPart> eventId,
      @Nullable String time) {}

  /** How the webhook is set up at the service, found, renewed and removed. */
  record SubscribePart(
      @Nullable FindPart find,
      ObjectNode request,
      String id,
      @Nullable Map<String, String> save,
      @Nullable ExpiryPart expires,
      @Nullable ObjectNode update,
      @Nullable ObjectNode renew,
      ObjectNode remove) {}

  /** How long it lasts, where an answer says until when, and how long before it is renewed. */
  @JsonNaming(SnakeCaseStrategy.class)
  record ExpiryPart(Duration after, @Nullable String at, Duration renewBefore) {}

  record FindPart(ObjectNode request, String items, String address, String id) {}

  /** How the provider asks whether a hook is there. */
  record ChallengePart(
      String type,
      @Nullable String method,
      @Nullable String parameter,
      @Nullable Map<String, JsonNode> when,
      @Nullable String echo) {}

  /** Either a list, with what is known of its items, or a value. */
  @JsonNaming(SnakeCaseStrategy.class)
  record PollPart(
      ObjectNode request,
      @Nullable String format,
      @Nullable PlacePart items,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<PlacePart> id,
      boolean again,
      @Nullable String order,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<String> time,
      boolean recent,
      @Nullable String where,
      @Nullable Map<String, ObjectNode> about,
      @Nullable JsonNode payload,
      @Nullable List<String> without,
      @Nullable PlacePart value,
      @Nullable PaginatePart paginate,
      @Nullable CursorPart cursor,
      @Nullable DetailPart detail,
      boolean etag,
      EveryPart every) {}

  /**
   * The time between two polls, and the input that may say another, not below the least; and that
   * while events are delivered.
   */
  record EveryPart(
      Duration usual,
      @Nullable String input,
      @Nullable Duration least,
      @Nullable Duration subscribed) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    EveryPart {}

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static EveryPart of(String usual) {
      return new EveryPart(Duration.parse(usual), null, null, null);
    }
  }

  /** How the pages of an answer are found. */
  record PaginatePart(
      String type,
      @Nullable String next,
      @Nullable String more,
      @Nullable String param,
      @Nullable Integer first,
      @Nullable Integer size,
      @Nullable Integer most) {}

  /** Where a poll goes on from. */
  @JsonNaming(SnakeCaseStrategy.class)
  record CursorPart(
      String type,
      @Nullable InitPart init,
      NextPart next,
      @Nullable String format,
      @Nullable Duration lookback,
      @Nullable List<Integer> onInvalid) {}

  /** Where the first cursor comes from: the time, or an answer of the provider. */
  record InitPart(
      boolean now, @Nullable ObjectNode request, @Nullable String next, boolean remember) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    InitPart {}

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static InitPart of(String now) {
      return new InitPart(true, null, null, false);
    }
  }

  /** JSON pointers of the answer, or one of its items. */
  record NextPart(
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<String> pointer,
      @Nullable String max) {}

  /** A JSON pointer, as it stands here or as an input says. */
  record PlacePart(@Nullable String input, @Nullable String pointer, boolean optional) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    PlacePart {}

    PlacePart(@Nullable String input, @Nullable String pointer) {
      this(input, pointer, false);
    }
  }

  /** How what an item of a list only names is asked for. */
  record DetailPart(
      ObjectNode request,
      @Nullable ObjectNode otherwise,
      @Nullable String format,
      @Nullable String each,
      String id,
      @Nullable String address,
      @Nullable String resume,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<String> time,
      @Nullable String where) {}

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
  record Tests(
      Map<String, ActionTest> actions,
      Map<String, List<ReactionTest>> reactions,
      @Nullable Map<String, OptionsTest> options,
      @Nullable List<AnswerTest> answers) {}

  /**
   * How a sample arrives.
   *
   * @param answer the file that a poll is answered with
   * @param detail the file that the request for what the list names is answered with
   * @param about the files that its other requests are answered with, by their names
   */
  record ActionTest(
      @Nullable Map<String, String> headers,
      @Nullable String answer,
      @Nullable String detail,
      @Nullable Map<String, String> about,
      ObjectNode inputs,
      ExpectedEvent expect) {}

  @JsonNaming(SnakeCaseStrategy.class)
  record ExpectedEvent(
      @Nullable String eventId, @Nullable String canonicalId, @Nullable Instant time) {}

  record ReactionTest(ObjectNode inputs, @Nullable Integer answer, ExpectedRequest expect) {}

  record OptionsTest(
      ObjectNode inputs,
      @Nullable String q,
      String url,
      JsonNode answer,
      List<OptionList.Option> expect) {}

  record ExpectedRequest(
      String method, String url, Map<String, String> headers, @Nullable String body) {}

  record AnswerTest(
      String name,
      int status,
      @Nullable Map<String, String> headers,
      @Nullable JsonNode body,
      @Nullable Instant at,
      ExpectedResult expect) {

    /** The answer as it arrives. */
    OutboundResponse response() {
      return new OutboundResponse(
          status, headers == null ? Map.of() : headers, text().getBytes(StandardCharsets.UTF_8));
    }

    /** The body as it is sent. */
    String text() {
      if (body == null) {
        return "";
      }
      return body.isTextual() ? body.textValue() : body.toString();
    }
  }

  record ExpectedResult(String result, @Nullable Duration after) {
    static ExpectedResult of(CallResult result) {
      return switch (result) {
        case CallResult.Succeeded() -> new ExpectedResult("succeeded", null);
        case CallResult.Retryable(var _, var after) ->
            new ExpectedResult("retryable", after.orElse(null));
        case CallResult.Permanent(var _) -> new ExpectedResult("permanent", null);
        case CallResult.Unauthorized(var _) -> new ExpectedResult("unauthorized", null);
      };
    }

    @Override
    public String toString() {
      return after == null ? result : result + " after " + after;
    }
  }
}
