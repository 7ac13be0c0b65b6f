package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Something that can be done at a service. Immutable and safe for several threads. */
public final class Reaction {
  private final String id;
  private final String description;
  private final JsonNode inputs;
  private final JsonNode output;
  private final boolean outputIsAnswer;
  private final JsonNode sample;
  private final List<String> urlInputs;
  private final List<String> scopes;
  private final Optional<String> idempotencyHeader;
  private final boolean replaySafe;
  private final Schema inputsSchema;
  private final ObjectNode defaults;
  private final Set<String> leftOutWhereNull;
  private final RequestTemplate request;

  Reaction(
      Manifest.ReactionPart part,
      Inputs inputs,
      @Nullable Endpoint endpoint,
      Schema inputsSchema,
      JsonNode output,
      JsonNode sample) {
    this.id = part.id();
    this.description = part.description();
    this.inputs = inputs.schema();
    this.output = output;
    this.outputIsAnswer = "answer".equals(part.output().of());
    this.sample = sample;
    this.urlInputs = inputs.urls();
    this.scopes = part.scopes() == null ? List.of() : List.copyOf(part.scopes());
    this.idempotencyHeader =
        part.idempotency().startsWith("header:")
            ? Optional.of(part.idempotency().substring("header:".length()))
            : Optional.empty();
    this.replaySafe = part.replaySafe();
    this.inputsSchema = inputsSchema;
    this.defaults = inputs.defaults();
    this.leftOutWhereNull = inputs.leftOutWhereNull();
    this.request = new RequestTemplate(part.request(), endpoint);
  }

  /** Unique in its service, for example {@code request}. */
  public String id() {
    return id;
  }

  /** One sentence. */
  public String description() {
    return description;
  }

  /** JSON Schema of its inputs; shared, not to be changed. */
  public JsonNode inputs() {
    return inputs;
  }

  /** JSON Schema of its output, which later steps see; shared, not to be changed. */
  public JsonNode output() {
    return output;
  }

  /**
   * Whether the output is the whole answer: an object with its {@code status}, its {@code headers}
   * and its {@code body}. Else it is the body alone.
   */
  public boolean outputIsAnswer() {
    return outputIsAnswer;
  }

  /** What it may answer; shared, not to be changed. */
  public JsonNode sample() {
    return sample;
  }

  /** Names of the inputs that are URLs: templates in them are percent-encoded. */
  public List<String> urlInputs() {
    return urlInputs;
  }

  /** What a consent of the account that does it has to be about. */
  public List<String> scopes() {
    return scopes;
  }

  /** The header that tells the provider that two attempts are one command. */
  public Optional<String> idempotencyHeader() {
    return idempotencyHeader;
  }

  /** Whether replaying an old event may do it again without being forced. */
  public boolean replaySafe() {
    return replaySafe;
  }

  /**
   * The request that carries it out, without the {@link #idempotencyHeader}: that is the caller's.
   *
   * @param renderedInputs inputs whose templates are filled in; one that is null, for example
   *     because the event has no text there, counts as left out where it may be left out and its
   *     type has no null
   * @throws InvalidInputsException if they do not fit; trying again cannot help
   */
  public OutboundRequest request(JsonNode renderedInputs) {
    JsonNode given = withoutNulls(renderedInputs);
    List<Problem> problems = InputsValidator.problems(inputsSchema, given, false);
    if (!problems.isEmpty()) {
      throw new InvalidInputsException(problems);
    }
    return request.fill(withDefaults(given));
  }

  private JsonNode withoutNulls(JsonNode rendered) {
    if (leftOutWhereNull.stream().noneMatch(key -> rendered.path(key).isNull())) {
      return rendered;
    }
    ObjectNode given = JsonNodeFactory.instance.objectNode();
    rendered
        .properties()
        .forEach(
            input -> {
              if (!input.getValue().isNull() || !leftOutWhereNull.contains(input.getKey())) {
                given.set(input.getKey(), input.getValue());
              }
            });
    return given;
  }

  /** What keeps the request from being sent whatever the templates in these inputs become. */
  List<Problem> check(JsonNode literalInputs) {
    return request.check(withDefaults(literalInputs));
  }

  private ObjectNode withDefaults(JsonNode given) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    all.setAll(defaults);
    given.properties().forEach(input -> all.set(input.getKey(), input.getValue()));
    return all;
  }
}
