package dev.areaflow.expressions;

import static dev.areaflow.expressions.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UrlTemplateTest {
  private final Expressions expressions = new Expressions();

  private static ObjectNode url(String template) {
    return JsonNodeFactory.instance.objectNode().put("url", template);
  }

  private String render(String template, Bindings bindings) {
    return expressions.template(url(template), List.of("url")).render(bindings).get("url").asText();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "https://example.org | https://example.org",
        "https://example.org:8443/in?a=b#c | https://example.org:8443/in?a=b#c",
        "HTTP://[::1]:8080/x | HTTP://[::1]:8080/x",
        "https://example.org/r/${event.repo}/issues/${event.n} | https://example.org/r/octo%2Fhello/issues/7",
        "https://example.org/?q=${event.q}&n=${event.n} | https://example.org/?q=a%20b%26c%3Dd%23e%3Ff%2Bg&n=7",
        "https://example.org/${event.ü} | https://example.org/%C3%BC%E2%9C%93%F0%9F%98%80",
        "https://example.org/${event.crlf}x | https://example.org/%0D%0AHost%3A%20evilx",
        "https://example.org/a${event.dots}b | https://example.org/a..b",
        "https://example.org/v${event.dots} | https://example.org/v..",
        "https://example.org/${event.n}.json?at=${meta.time} | https://example.org/7.json?at=2026-03-01T10%3A15%3A30.250Z",
        "https://example.org/?a=${event.dots} | https://example.org/?a=..",
        "https://example.org/x?y=/../${event.dots} | https://example.org/x?y=/../..",
        "https://example.org/${event.yes}/${event.percent} | https://example.org/true/%252e%252e",
        "https://example.org/${event.empty}x | https://example.org/x",
        "https://example.org?q=${event.n} | https://example.org?q=7",
      })
  void valuesAreEncodedForTheirPlace(String template, String expected) {
    // given
    var bindings =
        event(
            """
            {'repo': 'octo/hello', 'n': 7, 'q': 'a b&c=d#e?f+g', 'ü': 'ü✓😀', 'crlf': '\\r\\nHost: evil',
             'dots': '..', 'yes': true, 'percent': '%2e%2e', 'empty': ''}
            """);

    // when
    var rendered = render(template.replace("event.ü", "event['ü']"), bindings);

    // then
    assertThat(rendered).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${event.url}",
        "https://${event.host}/",
        "https://example.org${event.x}",
        "https://example.org:${event.port}/",
        "https://example.${event.tld}/",
        "${event.scheme}://example.org/",
        "https:${event.x}",
        "https:///${event.x}",
        "https://user:secret@example.org/${event.x}",
        "https://user@example.org/",
        "https://example.org\\\\@evil/${event.x}",
        "ftp://example.org/",
        "file:///etc/passwd",
        "/relative",
        "",
        "https://",
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/$${x}",
      })
  void aUrlWhoseOriginIsNotLiteralOrThatIsNoneIsRefused(String template) {
    // given
    var tree = url(template);

    // when / then
    assertThatThrownBy(() -> expressions.template(tree, List.of("url")))
        .isInstanceOfSatisfying(
            InvalidExpressionException.class,
            e -> assertThat(e.problems()).extracting(Problem::pointer).containsExactly("/url"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "https://example.org/a/${event.x}/b | ..",
        "https://example.org/a/${event.x} | .",
        "https://example.org/a/.${event.x}/b | .",
        "https://example.org/a/%2e${event.x}?q | .",
        "https://example.org/a/${event.x}%2E#f | .",
        "https://example.org/a/${event.x}${event.x} | .",
      })
  void aValueDoesNotMoveThePath(String template, String value) {
    // given
    var compiled = expressions.template(url(template), List.of("url"));
    var bindings = event("{'x': '" + value + "'}");

    // when / then
    assertThatThrownBy(() -> compiled.render(bindings))
        .isInstanceOf(EvaluationException.class)
        .hasMessageContaining("which would move the path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[1]", "{'a': 1}"})
  void aValueThatIsNoTextHasNoPlaceInAUrl(String value) {
    // given
    var compiled = expressions.template(url("https://example.org/${event.x}"), List.of("url"));
    var bindings = event("{'x': " + value + "}");

    // when / then
    assertThatThrownBy(() -> compiled.render(bindings))
        .isInstanceOf(EvaluationException.class)
        .hasMessageContaining("for a URL, found ");
  }

  @Test
  void onlyTheTopLevelInputsThatAreNamedAreUrls() {
    // given
    var tree = url("https://example.org/");
    tree.put("other", "${event.x}").putObject("body").put("url", "${event.x}");

    // when / then
    assertThatCode(() -> expressions.template(tree, List.of("url", "absent")))
        .doesNotThrowAnyException();
  }
}
