package dev.areaflow.expressions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

final class TemplatePropertiesTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final Expressions EXPRESSIONS = new Expressions();

  private static Bindings event(JsonNode x) {
    ObjectNode event = NODES.objectNode();
    event.set("x", x);
    return Bindings.of(event.toString().getBytes(StandardCharsets.UTF_8), Events.META);
  }

  @Property(tries = 100)
  void anyTextIsKeptWithItsExpressionsEscaped(@ForAll("texts") String text) {
    // given
    var template = TextNode.valueOf(text.replace("${", "$${"));

    // when
    var rendered = EXPRESSIONS.template(template, List.of()).render(event(NODES.nullNode()));

    // then
    assertThat(rendered).isEqualTo(TextNode.valueOf(text));
  }

  @Property(tries = 100)
  void anyValueOfAnEventKeepsItsType(@ForAll("values") JsonNode value) {
    // given
    var template = EXPRESSIONS.template(TextNode.valueOf("${event.x}"), List.of());

    // when
    var rendered = template.render(event(value));

    // then
    assertThat(rendered).isEqualTo(value);
  }

  @Property(tries = 100)
  void anyLongStaysTheSameDigits(@ForAll long number) {
    // given
    var template = EXPRESSIONS.template(TextNode.valueOf("${event.x}|${event.x}"), List.of());

    // when
    var rendered = template.render(event(NODES.numberNode(number)));

    // then
    assertThat(rendered.textValue()).isEqualTo(number + "|" + number);
  }

  @Property(tries = 100)
  void anyDoubleStaysExact(@ForAll double number) {
    // given
    var template = EXPRESSIONS.template(TextNode.valueOf("${event.x}"), List.of());

    // when
    var rendered = template.render(event(NODES.numberNode(number)));

    // then
    assertThat(Double.parseDouble(rendered.toString())).isEqualTo(number);
  }

  @Property(tries = 100)
  void anyTextLiteralOfCelMayHoldBraces(@ForAll("texts") String text) {
    // given
    var literal = "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
    Assume.that(literal.chars().allMatch(c -> c >= ' '));
    var template = TextNode.valueOf("<${" + literal + "}>");

    // when
    var rendered = EXPRESSIONS.template(template, List.of()).render(event(NODES.nullNode()));

    // then
    assertThat(rendered.textValue()).isEqualTo("<" + text + ">");
  }

  @Property(tries = 200)
  void noValueLeavesItsPathSegment(@ForAll("texts") String text) {
    // given
    Assume.that(!text.equals(".") && !text.equals(".."));
    var tree = NODES.objectNode().put("url", "https://example.org/a/${event.x}/b?c=d");

    // when
    var url =
        EXPRESSIONS
            .template(tree, List.of("url"))
            .render(event(TextNode.valueOf(text)))
            .get("url")
            .textValue();

    // then
    var uri = URI.create(url);
    var segments = uri.getRawPath().split("/", -1);
    assertThat(uri.getRawAuthority()).isEqualTo("example.org");
    assertThat(segments).hasSize(4);
    assertThat(decoded(segments[2])).isEqualTo(text);
    assertThat(uri.getRawQuery()).isEqualTo("c=d");
    assertThat(uri.getRawFragment()).isNull();
    assertThat(uri.normalize()).isEqualTo(text.isEmpty() ? uri.normalize() : uri);
  }

  @Property(tries = 200)
  void noValueLeavesItsQueryParameter(@ForAll("texts") String text) {
    // given
    var tree = NODES.objectNode().put("url", "https://example.org/?a=${event.x}&b=1");

    // when
    var url =
        EXPRESSIONS
            .template(tree, List.of("url"))
            .render(event(TextNode.valueOf(text)))
            .get("url")
            .textValue();

    // then
    var parameters = URI.create(url).getRawQuery().split("&", -1);
    assertThat(parameters).hasSize(2);
    assertThat(decoded(parameters[0])).isEqualTo("a=" + text);
    assertThat(url.chars()).allMatch(c -> c > ' ' && c < 127);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.frequencyOf(
            Tuple.of(
                3, Arbitraries.of("${", "$${", "$", "{", "}", "'", "\"", "\\", "/", "..", "%2e")),
            Tuple.of(1, Arbitraries.of("?", "#", "&", "=", "+", " ", "\r\n", "@", ":")),
            Tuple.of(2, Arbitraries.strings().alpha().ofMaxLength(5)),
            Tuple.of(1, Arbitraries.of("ü", "✓", "😀", "\u2028", "\u0000", "//", "r'", "event.x")))
        .list()
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<JsonNode> values() {
    Arbitrary<JsonNode> scalars =
        Arbitraries.oneOf(
            texts().map(TextNode::valueOf),
            Arbitraries.integers().map(NODES::numberNode),
            Arbitraries.longs().greaterOrEqual(1L << 40).map(NODES::numberNode),
            Arbitraries.doubles().between(-1000.0, 1000.0).ofScale(3).map(NODES::numberNode),
            Arbitraries.of(true, false).map(NODES::booleanNode),
            Arbitraries.just(NODES.nullNode()));
    return Arbitraries.lazyOf(
        () -> scalars,
        () ->
            scalars
                .list()
                .ofMaxSize(4)
                .map(
                    elements -> {
                      var array = NODES.arrayNode();
                      elements.forEach(array::add);
                      return array;
                    }),
        () ->
            Arbitraries.maps(texts(), values())
                .ofMaxSize(3)
                .map(
                    fields -> {
                      var object = NODES.objectNode();
                      object.setAll(fields);
                      return object;
                    }));
  }
}
