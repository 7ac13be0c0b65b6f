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
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a webhook is set up at a service, found and removed. Immutable and safe for several threads.
 */
public final class Subscription {
  static final String URL = "hook.url";
  static final String SECRET = "hook.secret";
  static final String ID = "hook.subscription";

  /** What its requests may hold besides inputs. */
  static final Set<String> REFERENCES = Set.of(URL, SECRET, ID);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode defaults;
  private final RequestTemplate find;
  private final JsonPointer items;
  private final JsonPointer address;
  private final JsonPointer itemId;
  private final RequestTemplate create;
  private final JsonPointer id;
  private final Optional<RequestTemplate> update;
  private final RequestTemplate remove;
  private final Endpoint endpoint;

  Subscription(Manifest.SubscribePart part, Inputs inputs, Endpoint endpoint) {
    this.defaults = inputs.defaults();
    this.find = new RequestTemplate(part.find().request(), endpoint);
    this.items = JsonPointer.compile(part.find().items());
    this.address = JsonPointer.compile(part.find().address());
    this.itemId = JsonPointer.compile(part.find().id());
    this.create = new RequestTemplate(part.request(), endpoint);
    this.id = JsonPointer.compile(part.id());
    this.update =
        Optional.ofNullable(part.update()).map(request -> new RequestTemplate(request, endpoint));
    this.remove = new RequestTemplate(part.remove(), endpoint);
    this.endpoint = endpoint;
  }

  /** What keeps a webhook of these inputs from being set up; empty if nothing. */
  public List<Problem> check(JsonNode inputs) {
    return create.check(with(inputs, "https://hook.invalid", "secret", "0"));
  }

  /**
   * Asks which webhooks are there.
   *
   * @throws InvalidInputsException if the inputs do not fit
   */
  public OutboundRequest find(JsonNode inputs) {
    return find.fill(with(inputs, "", "", ""));
  }

  /**
   * The id of the webhook with this address, if the answer has it.
   *
   * @throws UnusableAnswerException if it is no list
   */
  public Optional<String> found(byte[] answer, String hookUrl) throws UnusableAnswerException {
    JsonNode list = read(answer).at(items);
    if (!list.isArray()) {
      throw new UnusableAnswerException("expected a list of webhooks");
    }
    for (JsonNode item : list) {
      if (item.at(address).asText().equals(hookUrl)) {
        return Optional.of(item.at(itemId).asText()).filter(text -> !text.isEmpty());
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
   * @throws InvalidInputsException if the inputs do not fit
   */
  public OutboundRequest create(JsonNode inputs, String hookUrl, String secret) {
    return create.fill(with(inputs, hookUrl, secret, ""));
  }

  /**
   * The id of the webhook that was set up.
   *
   * @throws UnusableAnswerException if the answer does not say
   */
  public String created(byte[] answer) throws UnusableAnswerException {
    String found = read(answer).at(id).asText();
    if (found.isEmpty()) {
      throw new UnusableAnswerException("expected the id of the webhook that was set up");
    }
    return found;
  }

  /**
   * Gives the webhook another secret in place; empty if the service cannot.
   *
   * @param subscription its id
   * @throws InvalidInputsException if the inputs do not fit
   */
  public Optional<OutboundRequest> update(
      JsonNode inputs, String hookUrl, String secret, String subscription) {
    return update.map(request -> request.fill(with(inputs, hookUrl, secret, subscription)));
  }

  /**
   * Removes the webhook.
   *
   * @param subscription its id
   * @throws InvalidInputsException if the inputs do not fit
   */
  public OutboundRequest remove(JsonNode inputs, String subscription) {
    return remove.fill(with(inputs, "", "", subscription));
  }

  private ObjectNode with(JsonNode inputs, String url, String secret, String subscription) {
    ObjectNode all = defaults.deepCopy();
    inputs.properties().forEach(input -> all.set(input.getKey(), input.getValue()));
    return all.put(URL, url).put(SECRET, secret).put(ID, subscription);
  }

  private static JsonNode read(byte[] answer) throws UnusableAnswerException {
    try {
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw new UnusableAnswerException("expected JSON, found something else or a cut answer", e);
    }
  }
}
