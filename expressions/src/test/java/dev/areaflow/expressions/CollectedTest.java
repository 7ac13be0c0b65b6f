package dev.areaflow.expressions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expressions over what a rule collected. */
final class CollectedTest {
  private static final Instant TIME = Instant.parse("2026-03-02T10:00:00Z");
  private final Expressions expressions = new Expressions();

  @Test
  void templatesSeeAllEventsAndTheLast() {
    // given
    ObjectNode tree =
        JsonNodeFactory.instance
            .objectNode()
            .put("text", "${events.size()} issues: ${events.map(e, e.payload.title).join(', ')}")
            .put("last", "${event.title} at ${meta.time}")
            .put("first", "${events[0].id}");

    // when
    var rendered =
        expressions
            .ofArea()
            .ofCollected()
            .template(tree, List.of())
            .render(Bindings.of(List.of(collected("a"), collected("b")), null));

    // then
    assertThat(rendered)
        .isEqualTo(
            JsonNodeFactory.instance
                .objectNode()
                .put("text", "2 issues: a, b")
                .put("last", "b at 2026-03-02T10:00:00Z")
                .put("first", "id-a"));
  }

  @Test
  void aChangeHasOldAndNew() {
    // given
    Bindings bindings =
        Bindings.of(
            List.of(collected("a")),
            new Bindings.Changed(IntNode.valueOf(9), TextNode.valueOf("ten")));

    // then
    assertThat(value("change.old + 1", bindings)).isEqualTo(IntNode.valueOf(10));
    assertThat(value("change['new']", bindings)).isEqualTo(TextNode.valueOf("ten"));
  }

  @Test
  void silenceHasNoEvent() {
    Bindings bindings = Bindings.of(List.of(), null);

    assertThat(value("events.size()", bindings)).isEqualTo(IntNode.valueOf(0));
    assertThat(value("event == null && meta == null && change == null", bindings).asBoolean())
        .isTrue();
    assertThatThrownBy(() -> value("event.title", bindings))
        .isInstanceOf(EvaluationException.class);
  }

  @Test
  void withoutARuleThereAreNone() {
    assertThatThrownBy(() -> expressions.ofArea().value("events.size()"))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining("events");
  }

  @Test
  void theEventsTypeIsKnownToThem() throws Exception {
    // given
    var schema =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree("{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"}}}");
    AreaExpressions area = expressions.ofArea(schema).ofCollected();

    // then
    assertThat(area.value("event.title + string(events.size())")).isNotNull();
    assertThatThrownBy(() -> area.value("event.titel"))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining("titel");
  }

  private com.fasterxml.jackson.databind.JsonNode value(String cel, Bindings bindings) {
    return expressions.ofArea().ofCollected().value(cel).evaluate(bindings);
  }

  private static Bindings.Collected collected(String title) {
    return new Bindings.Collected(
        new Meta("id-" + title, TIME, "github", "issue_opened"),
        ("{\"title\":\"" + title + "\"}").getBytes(UTF_8));
  }
}
