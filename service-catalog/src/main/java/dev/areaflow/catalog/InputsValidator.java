package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.AnnotationKeyword;
import com.networknt.schema.path.NodePath;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks inputs against a manifest's JSON Schema. Safe for several threads. */
public final class InputsValidator {
  private final SchemaRegistry schemas =
      SchemaRegistry.withDefaultDialect(
          Dialect.builder(Dialects.getDraft202012())
              .keyword(new AnnotationKeyword(Inputs.OPTIONS))
              .build(),
          registry ->
              registry
                  .schemaCacheEnabled(false)
                  .schemaRegistryConfig(
                      SchemaRegistryConfig.builder()
                          .formatAssertionsEnabled(true)
                          .locale(Locale.ENGLISH)
                          .build()));

  /**
   * Checks inputs that may hold <code>${…}</code> templates: a text with one is accepted wherever a
   * value stands, whatever type or form the schema asks for.
   *
   * @return the problems, each with its pointer within the inputs and its remedy; empty if none
   */
  public List<Problem> validate(JsonNode schema, JsonNode inputs) {
    return problems(compile(schema), inputs, true);
  }

  /**
   * Checks the inputs of an action, which are plain values, and whether they can be a clock or a
   * poll where it is one for every hook.
   *
   * @return as {@link #validate(JsonNode, JsonNode)}
   */
  public List<Problem> validate(Action action, JsonNode inputs) {
    List<Problem> problems = problems(compile(action.inputs()), inputs, false);
    return problems.isEmpty()
        ? switch (action.source()) {
          case PollSource poll -> poll.check(inputs);
          case ActionSource.Both both ->
              both.isPolled(false) ? both.poll().check(inputs) : problems;
          case ActionSource.Clock clock -> problems(clock, inputs);
          case Webhook _ -> problems;
        }
        : problems;
  }

  private static List<Problem> problems(ActionSource.Clock clock, JsonNode inputs) {
    try {
      clock.schedule(inputs);
      return List.of();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      int colon = message.indexOf(": ");
      return List.of(
          colon < 0
              ? new Problem("", message)
              : new Problem("/" + message.substring(0, colon), message.substring(colon + 2)));
    }
  }

  /**
   * Checks the inputs of a reaction, whose texts may hold templates. The request that they make is
   * checked too, as far as it does not hang on what the templates become.
   *
   * @return as {@link #validate(JsonNode, JsonNode)}
   */
  public List<Problem> validate(Reaction reaction, JsonNode inputs) {
    List<Problem> problems = problems(compile(reaction.inputs()), inputs, true);
    return problems.isEmpty() ? reaction.check(inputs) : problems;
  }

  /** A schema made ready for {@link #problems}. */
  Schema compile(JsonNode schema) {
    return schemas.getSchema(schema);
  }

  /** The problems of a value; with {@code templates}, texts that hold one are never wrong. */
  static List<Problem> problems(Schema schema, JsonNode given, boolean templates) {
    JsonNode value = templates ? Templates.literal(given) : given;
    List<Problem> problems = new ArrayList<>();
    for (Error error : schema.validate(value)) {
      String place = pointer(error.getInstanceLocation());
      JsonNode found = value.at(place);
      if (templates && Templates.isOne(given.at(place))) {
        continue;
      }
      @Nullable String property = error.getProperty();
      boolean ofProperty =
          property != null
              && ("required".equals(error.getKeyword())
                  || "additionalProperties".equals(error.getKeyword()));
      problems.add(
          new Problem(
              ofProperty ? place + "/" + property.replace("~", "~0").replace("/", "~1") : place,
              detail(error, found, example(schema, place))));
    }
    return problems;
  }

  private static String pointer(NodePath path) {
    StringBuilder pointer = new StringBuilder();
    for (int i = 0; i < path.getNameCount(); i++) {
      pointer
          .append('/')
          .append(path.getElement(i).toString().replace("~", "~0").replace("/", "~1"));
    }
    return pointer.toString();
  }

  private static String detail(Error error, JsonNode found, String example) {
    @Nullable JsonNode expected = error.getSchemaNode();
    return switch (String.valueOf(error.getKeyword())) {
      case "required" -> "is required";
      case "false" -> "does not belong to the others here; remove it";
      case "additionalProperties" -> "is not known here; remove it or correct its name";
      case "type" ->
          "expected "
              + listed(expected)
              + ", found "
              + found.getNodeType().name().toLowerCase(Locale.ROOT);
      case "enum" -> "expected one of " + listed(expected) + ", found " + found;
      default -> error.getMessage() + example;
    };
  }

  private static String listed(@Nullable JsonNode values) {
    if (values == null) {
      return "another value";
    }
    if (!values.isArray()) {
      return values.asText();
    }
    List<String> texts = new ArrayList<>();
    values.forEach(value -> texts.add(value.asText()));
    return texts.stream().collect(Collectors.joining(", "));
  }

  /** The example that a schema gives for one of its properties. */
  private static String example(Schema schema, String place) {
    JsonNode example = schema.getSchemaNode().at("/properties" + place + "/examples/0");
    return example.isMissingNode() ? "" : ", e.g. " + example;
  }
}
