package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.yaml.YamlDocument;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a manifest's request becomes; values are written as YAML. */
final class RequestTemplateTest {
  private static final Endpoint ENDPOINT =
      new Endpoint(
          URI.create("https://api.example/v1"),
          Map.of("content-type", "application/json"),
          Optional.empty(),
          Optional.empty());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "a: \"${inputs.a}\" | a: [x, 1] | ?a=x&a=1",
        "a: \"${inputs.a}\" | a: [] | ``",
        "a: \"${inputs.a}\" | b: 1 | ``",
        "a: \"${inputs.a}\" | a: null | ``",
        "a: \"${inputs.a} b&=+ü\" | a: \"$&\" | ?a=%24%26%20b%26%3D%2B%C3%BC",
        "a: \"${inputs.a}x\" | b: 1 | ?a=x",
        "a: \"after ${cursor}\", b: 1 | b: 1 | ?b=1",
        "a: \"after ${cursor}\", b: 1 | \"${cursor}\": c | ?a=after%20c&b=1",
        "a b: true | b: 1 | ?a%20b=true",
      })
  void parametersHaveWhatThereIsForThem(String query, String values, String expected) {
    assertThat(request("method: GET, url: /x, query: {" + query + "}", values).uri())
        .hasToString("https://api.example/v1/x" + expected.replace("`", ""));
  }

  @Test
  void parametersTakeThePlaceOfThoseOfTheirNames() {
    assertThat(
            request(
                    "method: GET, url: \"${inputs.url}\", query: {b: 2, a c: 3}",
                    "url: \"https://shop.example?a=1&b=1&a%20c=1&b\"")
                .uri())
        .hasToString("https://shop.example?a=1&b=2&a%20c=3");
  }

  @Test
  void aBodyMayBeTheBytesThatATextStandsFor() {
    String template =
        "method: POST, url: /x, headers: {Content-Type: application/octet-stream}, body:"
            + " \"${inputs.content}\", encoding: \"${inputs.encoding}\"";

    assertThat(request(template, "content: ä, encoding: text").body().orElseThrow())
        .containsExactly(0xc3, 0xa4);
    assertThat(request(template, "content: \"AP8Q \", encoding: base64").body().orElseThrow())
        .containsExactly(0, 0xff, 0x10);
    assertThat(request(template, "content: ä").headers())
        .isEqualTo(Map.of("Content-Type", "application/octet-stream"));
    assertThatThrownBy(() -> request(template, "content: \"no base64!\", encoding: base64"))
        .isInstanceOf(InvalidInputsException.class)
        .hasMessageContaining("inputs/content: expected Base64");
  }

  @Test
  void partsMayBeBytesAndTheContentTypeIsTheirs() {
    // when
    OutboundRequest request =
        request(
            "method: POST, url: /x, parts: [{content: {n: 1}}, {type: text/plain, encoding: base64,"
                + " content: \"${inputs.content}\"}]",
            "content: /w==");

    // then
    assertThat(request.headers()).hasSize(1).containsOnlyKeys("Content-Type");
    String type = request.headers().get("Content-Type");
    assertThat(type).startsWith("multipart/related; boundary=");
    String boundary = "--" + String.valueOf(type).split("=", 2)[1];
    assertThat(new String(request.body().orElseThrow(), ISO_8859_1))
        .isEqualTo(
            String.join(
                "\r\n",
                boundary,
                "Content-Type: application/json",
                "",
                "{\"n\":1}",
                boundary,
                "Content-Type: text/plain",
                "",
                "ÿ",
                boundary + "--",
                ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "headers: {Content-Type: text/plain; charset=ISO-8859-1}, body: ä | expected the charset UTF-8",
        "headers: {Content-Type: text/plain; charset=\"ISO-8859-1\"}, body: ä | expected the charset UTF-8",
        "query: {a: \"${inputs.o}\"} | inputs/o: expected a plain value",
        "query: {a: \"x ${inputs.o}\"} | inputs/o: expected a text",
        "body: \"${inputs.o}\", encoding: text | inputs/o: expected a text",
        "body: x, encoding: utf-7 | expected the encoding text or base64",
        "body: {\"${each inputs.many}\": \"${inputs.big}\"} | expected a body of at most 8388608 bytes",
      })
  void whatCannotBeSentIsRefused(String parts, String message) {
    ObjectNode values = yaml("o: {a: 1}");
    values.put("big", "x".repeat(100_000));
    for (int i = 0; i < 100; i++) {
      values.withArray("/many").add(i);
    }
    RequestTemplate template =
        new RequestTemplate(yaml("method: POST, url: /x, " + parts), ENDPOINT);

    assertThatThrownBy(() -> template.fill(values))
        .isInstanceOf(InvalidInputsException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aHeaderMayBeJsonThatItCanCarry() {
    assertThat(
            request(
                    "method: POST, url: /x, headers: {X-Arg: {\"${json}\": {path:"
                        + " \"${inputs.path}\", no: \"${inputs.no}\"}}}",
                    "path: \"/ä\\r\\n\\u007f😀\"")
                .headers())
        .containsEntry("X-Arg", "{\"path\":\"/\\u00E4\\r\\n\\u007f\\uD83D\\uDE00\"}");
  }

  @Test
  void aCharsetThatIsOursMayBeSaid() {
    assertThat(
            request(
                    "method: POST, url: /x, headers: {Content-Type: \"text/plain;Charset=utf-8\"},"
                        + " body: a",
                    "a: 1")
                .body())
        .isPresent();
  }

  @Test
  void aListInAListIsRefused() {
    assertThat(
            RequestTemplate.lint(
                yaml(
                    "method: POST, url: /x, body: {\"${each inputs.a}\": {\"${each inputs.a}\":"
                        + " \"${item}\"}}"),
                Inputs.of(List.of(yaml("key: a, type: array, title: A, description: B"))),
                true,
                Set.of()))
        .extracting(Problem::detail)
        .containsExactly("expected no list in a list: ${item} would be of the inner one");
  }

  private static OutboundRequest request(String template, String values) {
    return new RequestTemplate(yaml(template), ENDPOINT).fill(yaml(values));
  }

  private static ObjectNode yaml(String flow) {
    JsonNode read = YamlDocument.parse("test", "{" + flow + "}").root();
    return (ObjectNode) read;
  }
}
