package dev.areaflow.expressions;

import static dev.areaflow.expressions.Events.json;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class LargeSchemaTest {
  private final Expressions expressions = new Expressions();

  /** As large as GitHub's schemas of webhooks, every definition referring to every other. */
  private static ObjectNode largeAndCyclic() {
    int size = 1_000;
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("$ref", "#/definitions/d0");
    ObjectNode definitions = schema.putObject("definitions");
    for (int i = 0; i < size; i++) {
      ObjectNode definition = definitions.putObject("d" + i).put("type", "object");
      ObjectNode properties = definition.putObject("properties");
      properties.putObject("name").put("type", "string");
      for (int j = 0; j < 40; j++) {
        properties.putObject("to" + j).put("$ref", "#/definitions/d" + (i * 40 + j + 1) % size);
      }
      ObjectNode choice = properties.putObject("choice");
      for (int j = 0; j < 10; j++) {
        choice.withArray("oneOf").addObject().put("$ref", "#/definitions/d" + (i + j) % size);
      }
    }
    return schema;
  }

  @Test
  void aLargeCyclicSchemaIsCheckedWithoutBeingUnfolded() {
    // given
    var schema = largeAndCyclic();

    // when / then
    assertThatCode(
            () ->
                expressions.condition(
                    "event" + ".to7".repeat(20) + ".choice.choice.to3.name == 'x'", schema))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> expressions.condition("event" + ".to7".repeat(20) + ".nam == 'x'", schema))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining("has no field 'nam'; did you mean 'name'?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'$ref': '#'}",
        "{'$ref': '#/definitions/a', 'definitions': {'a': {'$ref': '#/definitions/b'}, 'b': {'$ref': '#/definitions/a'}}}",
        "{'allOf': [{'$ref': '#'}, {'$ref': '#'}]}",
        "{'anyOf': [{'$ref': '#'}, {'$ref': '#'}, {'$ref': '#'}], 'oneOf': [{'$ref': '#'}, {'$ref': '#'}]}",
        "{'$ref': '#/nowhere'}",
        "{'$ref': 7}",
        "{'type': 7, 'properties': [], 'items': 1, 'anyOf': {}, 'enum': 'x'}",
        "{'type': 'object', 'properties': {'x': false}}",
        "[]",
        "true",
        "null",
      })
  void aSchemaThatIsOddAllowsAnything(String schema) {
    // given
    var tree = json(schema);

    // when / then
    assertThatCode(() -> expressions.condition("event.x[0].y == 1", tree))
        .doesNotThrowAnyException();
  }

  @Test
  void listsOfThemselvesAndMapsOfThemselvesHaveAnEnd() {
    // given
    var schema =
        json(
            """
            {'type': 'object', 'properties': {'l': {'$ref': '#/definitions/l'}, 'm': {'$ref': '#/definitions/m'}},
             'definitions': {'l': {'type': 'array', 'items': {'$ref': '#/definitions/l'}},
                             'm': {'type': 'object', 'additionalProperties': {'$ref': '#/definitions/m'}}}}
            """);

    // when / then
    assertThatCode(
            () ->
                expressions.condition(
                    "event.l"
                        + "[0]".repeat(20)
                        + ".x == 1 && event.m"
                        + ".a".repeat(20)
                        + "[0] == 1",
                    schema))
        .doesNotThrowAnyException();
  }
}
