package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.catalog.PayloadReader.InvalidPayloadException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How deliveries of one action are verified and read. Immutable and safe for several threads. */
public final class Webhook implements ActionSource {
  private static final Pattern CHARSET =
      Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([^\";\\s]*)");
  private static final int LONGEST_SHOWN = 64;
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private final boolean wakes;
  private final boolean looksAtBodies;
  private final List<Verification> verifications;
  private final Optional<Challenge> challenge;
  private final Optional<Subscription> subscription;
  private final @Nullable String formField;
  private final boolean formFields;
  private final Map<String, String> headers;
  private final List<BodyCheck> bodyChecks;
  private final List<InputCheck> inputChecks;
  private final List<EventId> eventIds;
  private final int time;
  private final PayloadReader reader;

  /**
   * When and how deliveries are signed.
   *
   * @param input the input that says whether they are; null where they always are
   * @param expected its value when they are
   * @param otherwise its value where it is not given
   */
  record Verification(
      SignatureScheme scheme,
      @Nullable String input,
      @Nullable String expected,
      @Nullable String otherwise) {

    boolean applies(JsonNode inputs) {
      if (input == null) {
        return true;
      }
      JsonNode given = inputs.path(input);
      return given.isMissingNode()
          ? expected != null && expected.equals(otherwise)
          : given.asText().equals(expected);
    }

    boolean proves(Delivery delivery, List<String> secrets, JsonNode inputs) {
      return scheme.verifies(
          delivery,
          scheme.keyInput().map(key -> List.of(inputs.path(key).asText())).orElse(secrets));
    }
  }

  private record BodyCheck(String name, int value, JsonNode expected) {}

  private record InputCheck(String input, int value, boolean ignoreCase) {}

  /** Where an event's id is found. */
  sealed interface EventId {
    record Header(String name) implements EventId {}

    record Generated() implements EventId {}

    /**
     * In the body.
     *
     * @param values where the values are that it is made of
     */
    record Canonical(CanonicalId id, List<Integer> values) implements EventId {}
  }

  /**
   * @param subscription how it is set up at the service, empty if only people can
   * @param objectsOnly whether every event is a JSON object, as its schema says
   * @param canonicalId what events are known by; null where it is the delivery's own id
   */
  Webhook(
      Manifest.WebhookPart part,
      List<Verification> verifications,
      Optional<Subscription> subscription,
      boolean objectsOnly,
      @Nullable CanonicalId canonicalId) {
    this.wakes = "wake".equals(part.mode());
    this.subscription = subscription;
    this.verifications = List.copyOf(verifications);
    this.formField = part.formField();
    this.formFields = part.formFields();
    this.headers =
        part.accept() == null || part.accept().headers() == null
            ? Map.of()
            : Map.copyOf(part.accept().headers());
    List<JsonPointer> pointers = new ArrayList<>();
    this.bodyChecks = new ArrayList<>();
    if (part.accept() != null && part.accept().body() != null) {
      part.accept()
          .body()
          .forEach(
              (pointer, expected) ->
                  bodyChecks.add(
                      new BodyCheck(
                          pointer.substring(pointer.lastIndexOf('/') + 1),
                          add(pointers, pointer),
                          expected)));
    }
    this.inputChecks = new ArrayList<>();
    if (part.only() != null) {
      for (Manifest.OnlyPart only : part.only()) {
        inputChecks.add(
            new InputCheck(only.input(), add(pointers, only.equals()), only.ignoreCase()));
      }
    }
    List<Manifest.EventIdPart> ids = part.eventId() == null ? List.of() : part.eventId();
    this.eventIds =
        canonicalId == null
            ? ids.stream().map(Webhook::eventId).toList()
            : List.of(
                new EventId.Canonical(
                    canonicalId,
                    canonicalId.values().stream()
                        .map(value -> add(pointers, value.toString()))
                        .toList()));
    this.time = part.time() == null ? -1 : add(pointers, part.time());
    this.challenge =
        Optional.ofNullable(part.challenge())
            .map(asked -> Challenge.of(asked, pointer -> add(pointers, pointer)));
    this.looksAtBodies = !wakes || !pointers.isEmpty();
    this.reader = new PayloadReader(pointers, objectsOnly);
  }

  private static EventId eventId(Manifest.EventIdPart part) {
    return part.header() == null ? new EventId.Generated() : new EventId.Header(part.header());
  }

  private static int add(List<JsonPointer> pointers, String pointer) {
    JsonPointer compiled = JsonPointer.compile(pointer);
    if (!pointers.contains(compiled)) {
      pointers.add(compiled);
    }
    return pointers.indexOf(compiled);
  }

  /** How it is set up at the service with a connection; empty if only people can. */
  public Optional<Subscription> subscription() {
    return subscription;
  }

  /** Whether a delivery is no event, but a reason to poll the hook now. */
  public boolean wakes() {
    return wakes;
  }

  /** Whether its events may come another way, too, and then have the same ids. */
  public boolean hasCanonicalIds() {
    return eventIds.stream().anyMatch(EventId.Canonical.class::isInstance);
  }

  /** Whether a hook with these inputs has a secret that signs its deliveries. */
  public boolean hasSecret(JsonNode inputs) {
    return verification(inputs).filter(way -> way.scheme().keyInput().isEmpty()).isPresent();
  }

  /** All ways to sign that there are. */
  List<Verification> verifications() {
    return verifications;
  }

  /** How the provider asks whether a hook is there, where it does. */
  Optional<Challenge> challenge() {
    return challenge;
  }

  /** How deliveries to a hook with these inputs are signed, where they are. */
  Optional<Verification> verification(JsonNode inputs) {
    return verifications.stream().filter(candidate -> candidate.applies(inputs)).findFirst();
  }

  /**
   * What a request is answered that asks for the value of a parameter in its query; empty where it
   * does not, or the action's provider would not ask so. It proves nothing of who asks.
   *
   * @param method the request's, in upper case
   * @param query the decoded value of a parameter
   */
  public Optional<String> echo(String method, Function<String, Optional<String>> query) {
    return challenge.isPresent() && challenge.get() instanceof Challenge.EchoQuery asked
        ? asked.answer(method, query)
        : Optional.empty();
  }

  /** Whether the action's provider asks with HEAD whether the hook is there. */
  public boolean answersHead() {
    return challenge.isPresent() && challenge.get() instanceof Challenge.Head;
  }

  /**
   * Checks a delivery: signature over the raw bytes, content encoding and type, JSON, whether it
   * asks if the hook is there, then whether it is an event of this action that fits the inputs,
   * then its id. The body of one that only wakes is looked at only where the manifest asks for it.
   *
   * @param secrets those in force; any of them may have signed. Ignored where {@link #hasSecret} is
   *     false
   * @param inputs the hook's
   */
  public Acceptance accept(Delivery delivery, List<String> secrets, JsonNode inputs) {
    Optional<Verification> verification = verification(inputs);
    if (verification.isPresent() && !verification.get().proves(delivery, secrets, inputs)) {
      return new Acceptance.Refused(
          Refusal.SIGNATURE, "the signature is missing or not of this hook's secret");
    }
    if (!looksAtBodies) {
      return otherHeaders(delivery)
          .<Acceptance>map(Acceptance.Ignored::new)
          .orElseGet(Acceptance.Woken::new);
    }
    Optional<String> foreign = unreadable(delivery);
    if (foreign.isPresent()) {
      return new Acceptance.Refused(Refusal.MEDIA_TYPE, foreign.get());
    }
    byte[] payload = delivery.body();
    JsonNode[] values;
    try {
      if (isForm(delivery)) {
        payload = formPayload(delivery.body());
      }
      values = reader.read(payload);
    } catch (InvalidPayloadException e) {
      return new Acceptance.Refused(Refusal.JSON, e.detail());
    }
    if (isChallenge(values)) {
      return ((Challenge.Body) challenge.orElseThrow()).answer(values);
    }
    Optional<String> other = notWanted(delivery, values, inputs);
    if (other.isPresent()) {
      return new Acceptance.Ignored(other.get());
    }
    return wakes ? new Acceptance.Woken() : identified(delivery, values, payload);
  }

  /**
   * Checks a body alone, as {@link #accept} checks that of a delivery whose signature and headers
   * are right.
   *
   * @param inputs the hook's
   * @return why it would not become an event, empty where it would
   */
  public Optional<Objection> objection(byte[] body, JsonNode inputs) {
    try {
      JsonNode[] values = reader.read(body);
      return isChallenge(values)
          ? Optional.of(new Objection.Ignored("it asks whether the hook is there"))
          : otherBody(values, inputs).map(Objection.Ignored::new);
    } catch (InvalidPayloadException e) {
      return Optional.of(new Objection.Refused(e.detail()));
    }
  }

  /** Why a body would not become an event. */
  public sealed interface Objection {
    /** It is none of the hook's events, as {@link Acceptance.Ignored} says. */
    record Ignored(String reason) implements Objection {}

    /** It cannot be taken, as {@link Acceptance.Refused} says. */
    record Refused(String detail) implements Objection {}
  }

  private boolean isChallenge(JsonNode[] values) {
    return challenge.isPresent()
        && challenge.get() instanceof Challenge.Body asked
        && asked.asks(values);
  }

  /** Why the content cannot be read by its encoding and type. */
  private Optional<String> unreadable(Delivery delivery) {
    String encoding = delivery.headers().get("content-encoding");
    if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
      return Optional.of("expected a body without content encoding");
    }
    String type = delivery.headers().getOrDefault("content-type", "");
    String media = mediaType(type);
    boolean json = media.equals("application/json") || media.endsWith("+json");
    if (!json && !isForm(delivery)) {
      return Optional.of(
          "expected Content-Type application/json"
              + (takesForms() ? " or application/x-www-form-urlencoded" : ""));
    }
    var charset = CHARSET.matcher(type);
    return charset.find() && !charset.group(1).equalsIgnoreCase("utf-8")
        ? Optional.of("expected the charset utf-8")
        : Optional.empty();
  }

  private boolean isForm(Delivery delivery) {
    return takesForms() && FormPayload.isForm(delivery);
  }

  static String mediaType(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private boolean takesForms() {
    return formField != null || formFields;
  }

  private byte[] formPayload(byte[] body) throws InvalidPayloadException {
    if (formFields) {
      return FormPayload.object(body)
          .orElseThrow(
              () -> new InvalidPayloadException("expected a form of percent-encoded UTF-8"));
    }
    String field = formField == null ? "" : formField;
    return FormPayload.field(body, field)
        .orElseThrow(() -> new InvalidPayloadException("expected a form with one field " + field));
  }

  /** Why an authentic delivery is none of this hook's events. */
  private Optional<String> notWanted(Delivery delivery, JsonNode[] values, JsonNode inputs) {
    return otherHeaders(delivery).or(() -> otherBody(values, inputs));
  }

  private Optional<String> otherHeaders(Delivery delivery) {
    for (Map.Entry<String, String> expected : headers.entrySet()) {
      String found = delivery.headers().get(expected.getKey());
      if (!expected.getValue().equals(found)) {
        return Optional.of(mismatch(expected.getKey(), found, expected.getValue()));
      }
    }
    return Optional.empty();
  }

  /** Why a body is none of this hook's events. */
  private Optional<String> otherBody(JsonNode[] values, JsonNode inputs) {
    for (BodyCheck check : bodyChecks) {
      JsonNode found = values[check.value];
      if (!check.expected.equals(found)) {
        return Optional.of(mismatch(check.name, text(found), check.expected.asText()));
      }
    }
    for (InputCheck check : inputChecks) {
      JsonNode wanted = inputs.path(check.input);
      JsonNode found = values[check.value];
      if (wanted.isTextual()
          && !(check.ignoreCase
              ? wanted.textValue().equalsIgnoreCase(found.textValue())
              : wanted.textValue().equals(found.textValue()))) {
        return Optional.of(mismatch(check.input, text(found), wanted.textValue()));
      }
    }
    return Optional.empty();
  }

  private static @Nullable String text(JsonNode node) {
    return node.isMissingNode() ? null : node.asText();
  }

  private static String mismatch(String what, @Nullable String found, String expected) {
    if (found == null) {
      return what + " is missing, expected " + expected;
    }
    String shown = found.length() > LONGEST_SHOWN ? found.substring(0, LONGEST_SHOWN) : found;
    return what + " is " + shown.replaceAll("\\p{Cntrl}", "?") + ", not " + expected;
  }

  private Acceptance identified(Delivery delivery, JsonNode[] values, byte[] payload) {
    for (EventId source : eventIds) {
      switch (source) {
        case EventId.Generated() -> {
          return accepted(UUID.randomUUID().toString(), delivery, values, payload);
        }
        case EventId.Header(String name) -> {
          String id = delivery.headers().get(name);
          if (id != null) {
            return CanonicalId.VALID.matcher(id).matches()
                ? accepted(id, delivery, values, payload)
                : new Acceptance.Refused(
                    Refusal.JSON,
                    "expected 1 to 255 visible ASCII characters in the header " + name);
          }
        }
        case EventId.Canonical(var canonical, var places) -> {
          return canonical
              .of(places.stream().map(place -> values[place]).toList())
              .<Acceptance>map(id -> accepted(id, delivery, values, payload))
              .orElseGet(
                  () ->
                      new Acceptance.Refused(
                          Refusal.JSON,
                          "expected texts or whole numbers, which the event's id is made of, at "
                              + canonical.values()));
        }
      }
    }
    return new Acceptance.Refused(
        Refusal.JSON, "expected the id of the delivery in the header " + missing());
  }

  private String missing() {
    return eventIds.stream()
        .filter(EventId.Header.class::isInstance)
        .map(source -> ((EventId.Header) source).name())
        .findFirst()
        .orElseThrow();
  }

  private Acceptance accepted(String id, Delivery delivery, JsonNode[] values, byte[] payload) {
    Optional<Instant> told = time < 0 ? Optional.empty() : instant(values[time]);
    return new Acceptance.Accepted(id, told.orElse(delivery.receivedAt()), payload);
  }

  /** A time as providers write it: RFC 3339, or seconds since 1970. */
  private static Optional<Instant> instant(JsonNode value) {
    Instant told;
    try {
      if (value.isIntegralNumber()) {
        told = Instant.ofEpochSecond(value.longValue());
      } else if (value.isTextual()) {
        told = OffsetDateTime.parse(value.textValue()).toInstant();
      } else {
        return Optional.empty();
      }
    } catch (DateTimeException e) {
      return Optional.empty(); // an unreadable time must not cost the event
    }
    return told.isBefore(EARLIEST) || told.isAfter(LATEST) ? Optional.empty() : Optional.of(told);
  }
}
