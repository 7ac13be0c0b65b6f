package dev.areaflow.expressions;

import static dev.areaflow.expressions.Events.event;
import static dev.areaflow.expressions.Events.exactly;
import static dev.areaflow.expressions.Events.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TemplateTest {
  private static final String EVENT =
      """
      {'text': 'It \\"breaks\\"', 'int': 7, 'long': 9007199254740993, 'max': 9223372036854775807,
       'huge': 18446744073709551615, 'double': 1.5, 'whole': 3.0, 'large': 12345678.9, 'tiny': 1e-9, 'vast': 1e300,
       'yes': true, 'nothing': null, 'list': [1, 'a', {'b': null}], 'object': {'k': 'v', 'n': 1},
       'ünï': '✓'}
      """;

  private final Expressions expressions = new Expressions();

  private JsonNode render(JsonNode tree) {
    return expressions.template(tree, List.of()).render(event(EVENT));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "${event.int} | 7",
        "${event.long} | 9007199254740993",
        "${event.max} | 9223372036854775807",
        "${event.huge} | 18446744073709551615",
        "${event.int + 1} | 8",
        "${-event.max} | -9223372036854775807",
        "${event.double} | 1.5",
        "${event.whole} | 3.0",
        "${event.large} | 12345678.9",
        "${event.tiny} | 1.0E-9",
        "${event.vast} | 1.0E300",
        "${event.large * 1000000.0} | 12345678900000.0",
        "${event.yes} | true",
        "${!event.yes} | false",
        "${event.nothing} | null",
        "${event.text} | \"It \\\"breaks\\\"\"",
        "${event.list} | [1,\"a\",{\"b\":null}]",
        "${event.object} | {\"k\":\"v\",\"n\":1}",
        "${event.list.size()} | 3",
        "${meta.time} | \"2026-03-01T10:15:30.250Z\"",
        "${meta.time - timestamp('2026-03-01T10:15:00Z')} | \"30.25s\"",
        "${b'abc'} | \"YWJj\"",
        "${{'a': {'b': 1}}} | {\"a\":{\"b\":1}}",
        "${{'a': '}'}} | {\"a\":\"}\"}",
        "${'}' + \"}\" + '''}'}''' + r'\\n}'} | \"}}}'}\\\\n}\"",
        "${{1: 'a', true: 'b', 2u: 'c'}} | {\"1\":\"a\",\"true\":\"b\",\"2\":\"c\"}",
        "${ event.int // a comment with } in it~n } | 7",
      })
  void aTextThatIsOneExpressionKeepsItsType(String template, String expected) {
    // given
    var tree = TextNode.valueOf(template.replace("~n", "\n"));

    // when
    var rendered = render(tree);

    // then
    assertThat(rendered.toString()).isEqualTo(expected);
    assertThat(exactly(rendered.toString())).isEqualTo(exactly(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "New: ${event.text}! | New: It \"breaks\"!",
        "${event.int}${event.int} | 77",
        "n=${event.long} | n=9007199254740993",
        "d=${event.double},${event.whole},${event.large} | d=1.5,3.0,12345678.9",
        "b=${event.yes}, ${event.nothing} | b=true, null",
        "l=${event.list} | l=[1,\"a\",{\"b\":null}]",
        "o=${event.object} | o={\"k\":\"v\",\"n\":1}",
        "at ${meta.time}. | at 2026-03-01T10:15:30.250Z.",
        "$${event.int} | ${event.int}",
        "costs $5 and $${x} and ${event.int} | costs $5 and ${x} and 7",
        "$$${event.int} | $${event.int}",
        "${'$'}${event.int} | $7",
        "a } b { c $ d | a } b { c $ d",
        "${'${event.int}'} | ${event.int}",
        "✓ ${event['ünï']} | ✓ ✓",
      })
  void valuesWithinATextAreText(String template, String expected) {
    // given
    var tree = TextNode.valueOf(template);

    // when
    var rendered = render(tree);

    // then
    assertThat(rendered).isEqualTo(TextNode.valueOf(expected));
  }

  @Test
  void aTreeKeepsItsShapeAndItsKeysAreLiteral() {
    // given
    var tree =
        json(
            """
            {'method': 'POST', '${event.int}': '${event.int}', 'n': 1, 'f': 1.50, 'z': null,
             'body': {'list': ['a', '${event.list}', {'deep': 'x ${event.text}'}], 'flag': true}}
            """);

    // when
    var rendered = render(tree);

    // then
    assertThat(rendered)
        .isEqualTo(
            json(
                """
                {'method': 'POST', '${event.int}': 7, 'n': 1, 'f': 1.50, 'z': null,
                 'body': {'list': ['a', [1, 'a', {'b': null}], {'deep': 'x It \\'breaks\\''}], 'flag': true}}
                """));
  }

  @Test
  void aRenderedTreeIsTheCallersToChange() {
    // given
    var template = expressions.template(json("{'a': {'b': 1}, 'c': '${event.object}'}"), List.of());
    var bindings = event(EVENT);

    // when
    var first = (ObjectNode) template.render(bindings);
    ((ObjectNode) first.get("a")).put("b", 2);
    ((ObjectNode) first.get("c")).put("k", 2);
    var second = template.render(bindings);

    // then
    assertThat(second).isEqualTo(json("{'a': {'b': 1}, 'c': {'k': 'v', 'n': 1}}"));
  }

  @Test
  void theResultOfAnExpressionIsNotATemplate() {
    // given
    var template =
        expressions.template(json("{'a': '${event.x}', 'b': '> ${event.x}'}"), List.of());

    // when
    var rendered = template.render(event("{'x': '${event.secret}'}"));

    // then
    assertThat(rendered).isEqualTo(json("{'a': '${event.secret}', 'b': '> ${event.secret}'}"));
  }

  @Test
  void everyProblemIsNamedWithItsPlace() {
    // given
    var tree =
        json(
            """
            {'a': '${event.x', 'b/c': ['${evnt}', {'d~e': 'ok ${1 +} ${}'}], 'url': 'https://${event.host}/'}
            """);

    // when / then
    assertThatThrownBy(() -> expressions.template(tree, List.of("url")))
        .isInstanceOfSatisfying(
            InvalidExpressionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Problem::pointer)
                    .containsExactly("/a", "/b~1c/0", "/b~1c/1/d~0e", "/b~1c/1/d~0e", "/url"));
  }

  @Test
  void aTemplateIsCheckedAgainstTheEventsSchema() {
    // given
    var schema =
        json(
            "{'type': 'object', 'properties': {'issue': {'type': 'object', 'properties': {'title':"
                + " {'type': 'string'}}}}}");

    // when / then
    assertThatThrownBy(
            () ->
                expressions.template(
                    json("{'body': {'text': 'New: ${event.issue.titel}'}}"), List.of(), schema))
        .isInstanceOfSatisfying(
            InvalidExpressionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Problem::pointer, Problem::detail)
                    .containsExactly(
                        tuple(
                            "/body/text",
                            "${event.issue.titel}: column 12: event.issue has no field 'titel'; did"
                                + " you mean 'title'? (it has title)")));
  }

  @Test
  void aMissingFieldNamesTheExpression() {
    // given
    var template = expressions.template(json("{'a': 'x ${event.missing.x}'}"), List.of());

    // when / then
    assertThatThrownBy(() -> template.render(event(EVENT)))
        .isInstanceOf(EvaluationException.class)
        .hasMessage("${event.missing.x}: this event has no event.missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${1.0 / 0.0}", "${type(1)}", "${event.?missing}", "x ${type(1)}"})
  void whatJsonCannotHoldIsRefused(String text) {
    // given
    var template = expressions.template(TextNode.valueOf(text), List.of());

    // when / then
    assertThatThrownBy(() -> template.render(event(EVENT))).isInstanceOf(EvaluationException.class);
  }

  @Test
  void theSizeOfTheResultIsBounded() {
    // given
    var elements = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 100; i++) {
      elements.add("${event.x}");
    }
    var template = expressions.template(elements, List.of());
    var bindings = event("{'x': '" + "y".repeat(100_000) + "'}");

    // when / then
    assertThatThrownBy(() -> template.render(bindings))
        .isInstanceOf(EvaluationException.class)
        .hasMessage("the result is larger than 1024 KiB of JSON");
  }

  @Test
  void theDepthOfTheTreeIsBounded() {
    // given
    ArrayNode tree = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 10_000; i++) {
      tree = JsonNodeFactory.instance.arrayNode().add(tree);
    }
    var deep = tree;

    // when / then
    assertThatThrownBy(() -> expressions.template(deep, List.of()))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageEndingWith("the tree is nested deeper than 32 levels");
  }

  @Test
  void theExpressionsOfAnAreaShareOneBudget() {
    // given
    var area = expressions.ofArea();
    var half = json("{'a': '" + "${1}".repeat(249) + "'}");
    area.condition("event.x == 1");
    area.template(half, List.of());
    area.template(half, List.of());
    var more = json("{'a': '${1}', 'b': ['${1}'], 'c': '${1}'}");

    // when / then
    for (int i = 0; i < 2; i++) {
      var first = i == 0 ? "/b/0" : "/a";
      assertThatThrownBy(() -> area.template(more, List.of()))
          .isInstanceOf(InvalidExpressionException.class)
          .hasMessage(
              first
                  + ": from here on the AREA has more than 500 expressions; use fewer ${…}, or make"
                  + " several AREAs of it");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'text': '$${x}'} | {'text': '${x}'}",
        "['$${x}', 'b', ['$${y}']] | ['${x}', 'b', ['${y}']]",
        "{'a': {'$${k}': 'costs $5 or $${x}'}, 'b': '${event.int}'} | {'a': {'$${k}': 'costs $5 or ${x}'}, 'b': 7}",
      },
      quoteCharacter = '~')
  void anEscapeIsOneWhereverItStands(String template, String expected) {
    // given
    var tree = json(template);

    // when
    var rendered = render(tree);

    // then
    assertThat(rendered).isEqualTo(json(expected));
  }

  @Test
  void aResultIsNestedAsDeepAsAnEventMayBe() {
    // given
    var allowed = expressions.template(TextNode.valueOf("${event}"), List.of());
    var deeper = expressions.template(TextNode.valueOf("${[event]}"), List.of());
    var bindings = event("[".repeat(64) + "1" + "]".repeat(64));

    // when / then
    assertThat(allowed.render(bindings).toString()).startsWith("[".repeat(64) + "1");
    assertThatThrownBy(() -> deeper.render(bindings))
        .isInstanceOf(EvaluationException.class)
        .hasMessageContaining("nested deeper than 64 levels");
  }

  @Test
  void theNumberOfValuesIsBounded() {
    // given
    var elements = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 20_000; i++) {
      elements.add(1);
    }

    // when / then
    assertThatThrownBy(() -> expressions.template(elements, List.of()))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageEndingWith("the tree has more than 10000 values");
  }

  @Test
  void aPayloadThatIsNotJsonHasNoValues() {
    // given
    var template = expressions.template(TextNode.valueOf("${event.x}"), List.of());
    var bindings = Bindings.of("{\"x\": ".getBytes(StandardCharsets.UTF_8), Events.META);

    // when / then
    assertThatThrownBy(() -> template.render(bindings))
        .isInstanceOf(EvaluationException.class)
        .hasMessageContaining("the event's payload cannot be read: ");
  }

  @Test
  void aTreeParsedAlreadyGivesTheSameValues() {
    // given
    var template = expressions.template(TextNode.valueOf("${event}"), List.of());

    // when
    var fromTree = template.render(Bindings.of(json(EVENT), Events.META));
    var fromBytes = template.render(event(EVENT));

    // then
    assertThat(fromTree).isEqualTo(fromBytes);
    assertThat(exactly(fromTree.toString())).isEqualTo(json(EVENT));
  }
}
