package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.expressions.Problem;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a webhook is set up at a service, found, renewed and removed. Immutable and safe for several
 * threads.
 */
public final class Subscription {
  private static final String URL = "hook.url";
  private static final String SECRET = "hook.secret";
  private static final String ID = "hook.subscription";
  private static final String NEW_ID = "hook.newId";
  private static final String EXPIRES = "hook.expires";
  private static final String EXPIRES_MILLIS = "hook.expiresMillis";
  private static final String SAVED = "saved.";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode defaults;
  private final Optional<Find> find;
  private final RequestTemplate create;
  private final JsonPointer id;
  private final Map<String, JsonPointer> saved = new TreeMap<>();
  private final Optional<Expiry> expiry;
  private final Optional<RequestTemplate> update;
  private final Optional<RequestTemplate> renew;
  private final RequestTemplate remove;
  private final Endpoint endpoint;

  private record Find(
      RequestTemplate request, JsonPointer items, JsonPointer address, JsonPointer id) {}

  private record Expiry(Duration after, @Nullable JsonPointer at, Duration renewBefore) {}

  Subscription(Manifest.SubscribePart part, Inputs inputs, Endpoint endpoint) {
    this.defaults = inputs.defaults();
    this.find =
        Optional.ofNullable(part.find())
            .map(
                found ->
                    new Find(
                        new RequestTemplate(found.request(), endpoint),
                        JsonPointer.compile(found.items()),
                        JsonPointer.compile(found.address()),
                        JsonPointer.compile(found.id())));
    this.create = new RequestTemplate(part.request(), endpoint);
    this.id = JsonPointer.compile(part.id());
    saves(part).forEach((name, place) -> saved.put(name, JsonPointer.compile(place)));
    this.expiry =
        Optional.ofNullable(part.expires())
            .map(
                ends ->
                    new Expiry(
                        ends.after(),
                        ends.at() == null ? null : JsonPointer.compile(ends.at()),
                        ends.renewBefore()));
    this.update = template(part.update(), endpoint);
    this.renew = template(part.renew(), endpoint);
    this.remove = new RequestTemplate(part.remove(), endpoint);
    this.endpoint = endpoint;
  }

  private static Optional<RequestTemplate> template(
      @Nullable ObjectNode request, Endpoint endpoint) {
    return Optional.ofNullable(request).map(written -> new RequestTemplate(written, endpoint));
  }

  private static Map<String, String> saves(Manifest.SubscribePart part) {
    return part.save() == null ? Map.of() : part.save();
  }

  /** What its requests may hold besides inputs. */
  static Set<String> references(Manifest.SubscribePart part) {
    Set<String> references = new TreeSet<>(Set.of(URL, SECRET, ID, NEW_ID));
    if (part.expires() != null) {
      references.addAll(Set.of(EXPIRES, EXPIRES_MILLIS));
    }
    saves(part).keySet().forEach(name -> references.add(SAVED + name));
    return references;
  }

  /** What keeps a webhook of these inputs from being set up; empty if nothing. */
  public List<Problem> check(JsonNode inputs) {
    return create.check(made(inputs, "https://hook.invalid", "secret", Instant.EPOCH));
  }

  /**
   * Asks which webhooks are there; empty if the service does not tell.
   *
   * @throws InvalidInputsException if the inputs do not fit
   */
  public Optional<OutboundRequest> find(JsonNode inputs) {
    return find.map(way -> way.request().fill(with(inputs)));
  }

  /**
   * The webhook with this address, if the answer to {@link #find} has it.
   *
   * @param now where the answer does not say when it ends, it ends as if set up now
   * @throws UnusableAnswerException if it is no list
   */
  public Optional<Registration> found(byte[] answer, String hookUrl, Instant now)
      throws UnusableAnswerException {
    Find way = find.orElseThrow();
    JsonNode list = read(answer).at(way.items());
    if (!list.isArray()) {
      throw new UnusableAnswerException("expected a list of webhooks");
    }
    for (JsonNode item : list) {
      if (item.at(way.address()).asText().equals(hookUrl)) {
        return Optional.of(registration(item, way.id(), now));
      }
    }
    return Optional.empty();
  }

  /**
   * Asks for the page after an answer to {@link #find}; empty where there is none.
   *
   * @throws UnusableAnswerException if it is elsewhere: a credential goes with the request
   */
  public Optional<OutboundRequest> next(OutboundRequest asked, OutboundResponse answer)
      throws UnusableAnswerException {
    Optional<String> address = LinkHeader.next(answer);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI next = asked.uri().resolve(address.get());
      if (endpoint.covers(next)) {
        return Optional.of(asked.to(next));
      }
    } catch (IllegalArgumentException e) {
      throw new UnusableAnswerException("expected the address of the next page", e);
    }
    throw new UnusableAnswerException(
        "expected the next page below " + endpoint.baseUrl() + ", found it elsewhere");
  }

  /**
   * Sets the webhook up.
   *
   * @param now from when it lasts
   * @throws InvalidInputsException if the inputs do not fit
   */
  public OutboundRequest create(JsonNode inputs, String hookUrl, String secret, Instant now) {
    return create.fill(made(inputs, hookUrl, secret, now));
  }

  /**
   * The webhook that was set up.
   *
   * @throws UnusableAnswerException if the answer does not say
   */
  public Registration created(byte[] answer, Instant now) throws UnusableAnswerException {
    return registration(read(answer), id, now);
  }

  /**
   * Gives the webhook another secret in place; empty if the service cannot.
   *
   * @throws InvalidInputsException if the inputs do not fit
   */
  public Optional<OutboundRequest> update(
      JsonNode inputs, String hookUrl, String secret, Registration there, Instant now) {
    return update.map(request -> request.fill(known(made(inputs, hookUrl, secret, now), there)));
  }

  /** When the webhook is to be renewed; empty where it lasts. */
  public Optional<Instant> renewAt(Registration there) {
    return Optional.ofNullable(there.expiresAt())
        .flatMap(end -> expiry.map(way -> end.minus(way.renewBefore())));
  }

  /**
   * Renews the webhook in place; empty if the service cannot, and another has to be set up.
   *
   * @throws InvalidInputsException if the inputs do not fit
   */
  public Optional<OutboundRequest> renew(
      JsonNode inputs, String hookUrl, String secret, Registration there, Instant now) {
    return renew.map(request -> request.fill(known(made(inputs, hookUrl, secret, now), there)));
  }

  /**
   * The webhook after it was renewed in place.
   *
   * @throws UnusableAnswerException if the answer should say until when, and does not
   */
  public Registration renewed(Registration before, byte[] answer, Instant now)
      throws UnusableAnswerException {
    return new Registration(before.id(), before.saved(), expiresAt(read(answer), now));
  }

  /**
   * Removes the webhook.
   *
   * @throws InvalidInputsException if the inputs do not fit
   */
  public OutboundRequest remove(JsonNode inputs, Registration there) {
    return remove.fill(known(with(inputs), there));
  }

  private ObjectNode with(JsonNode inputs) {
    ObjectNode all = defaults.deepCopy();
    inputs.properties().forEach(input -> all.set(input.getKey(), input.getValue()));
    return all;
  }

  private ObjectNode made(JsonNode inputs, String url, String secret, Instant now) {
    ObjectNode all =
        with(inputs).put(URL, url).put(SECRET, secret).put(NEW_ID, UUID.randomUUID().toString());
    expiry
        .map(way -> now.plus(way.after()).truncatedTo(ChronoUnit.SECONDS))
        .ifPresent(end -> all.put(EXPIRES, end.toString()).put(EXPIRES_MILLIS, end.toEpochMilli()));
    return all;
  }

  private static ObjectNode known(ObjectNode values, Registration there) {
    there.saved().forEach((name, value) -> values.put(SAVED + name, value));
    return values.put(ID, there.id());
  }

  private Registration registration(JsonNode answer, JsonPointer idPlace, Instant now)
      throws UnusableAnswerException {
    String known = text(answer, idPlace);
    Map<String, String> values = new HashMap<>();
    for (Map.Entry<String, JsonPointer> place : saved.entrySet()) {
      values.put(place.getKey(), text(answer, place.getValue()));
    }
    return new Registration(known, values, expiresAt(answer, now));
  }

  private static String text(JsonNode answer, JsonPointer place) throws UnusableAnswerException {
    String text = answer.at(place).asText();
    if (text.isEmpty()) {
      throw new UnusableAnswerException("expected " + place + " of the webhook");
    }
    return text;
  }

  private @Nullable Instant expiresAt(JsonNode answer, Instant now) throws UnusableAnswerException {
    if (expiry.isEmpty()) {
      return null;
    }
    @Nullable JsonPointer at = expiry.get().at();
    return at == null ? now.plus(expiry.get().after()) : instant(text(answer, at), at);
  }

  /** As Microsoft writes it (RFC 3339), or as Google does (milliseconds since 1970). */
  private static Instant instant(String text, JsonPointer at) throws UnusableAnswerException {
    try {
      return text.chars().allMatch(Character::isDigit)
          ? Instant.ofEpochMilli(Long.parseLong(text))
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException | NumberFormatException e) {
      throw new UnusableAnswerException("expected a time at " + at, e);
    }
  }

  private static JsonNode read(byte[] answer) throws UnusableAnswerException {
    try {
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw new UnusableAnswerException("expected JSON, found something else or a cut answer", e);
    }
  }
}
