package dev.areaflow.launcher.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.yaml.YamlDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AreaYamlTest {
  @Test
  void anAreaReadsAsPeopleWriteIt() {
    // given
    ObjectNode area =
        Definitions.of(
            """
            {id: 1, status: live, name: Bug triage, version: 1, enabled: true,
             reactions: [{reaction: request, service: http, id: notify,
                          inputs: {url: "https://example.org/in", method: POST,
                                   body: "one\\ntwo"}, retry: {attempts: 3}}],
             when: "event.issue.labels.exists(l, l.name == 'bug')",
             action: {action: issue_opened, service: github, inputs: {repository: octo/hello}}}
            """);

    // when
    String yaml = AreaYaml.of(area);

    // then
    assertThat(yaml)
        .isEqualTo(
            """
            name: Bug triage
            action:
              service: github
              action: issue_opened
              inputs:
                repository: octo/hello
            when: event.issue.labels.exists(l, l.name == 'bug')
            reactions:
              - id: notify
                service: http
                reaction: request
                inputs:
                  url: https://example.org/in
                  method: POST
                  body: |-
                    one
                    two
                retry:
                  attempts: 3
            """);
  }

  @Test
  void oneThatIsOffSaysSo() {
    assertThat(AreaYaml.of(Definitions.of("{name: A, enabled: false}")))
        .isEqualTo("name: A\nenabled: false\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a",
        "yes",
        "on",
        "null",
        "~",
        "true",
        "1",
        "-1",
        "1.5",
        "1e3",
        "0x1F",
        "1_000",
        ".5",
        "12:30",
        "2026-03-01",
        "2026-03-01T12:00:00Z",
        "<<",
        "=",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "'",
        "\"",
        "a'b\"c",
        "{a",
        "[a",
        "}",
        "${event.x}",
        "a\nb",
        "a\n",
        "\na",
        "  a\n b\n",
        "a\n\n",
        "a\tb",
        "a \n b",
        "\\n",
        "é €",
        "\u0007",
        "\u2028",
        "\u0085",
        "😀",
        "a\r\nb",
        "---",
        "...",
        "? a",
        ": a",
        "very long text that goes on and on and on and on and on and"
            + " on and on and on beyond the width of a line, which is not to be folded"
      })
  void everyTextIsReadBackAsItWas(String text) {
    // given
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("value", text).putArray("list").add(text);
    json.putObject("object").put(text, 1);

    // when
    JsonNode read = YamlDocument.parse("test.yaml", AreaYaml.text(json)).root();

    // then
    assertThat(Difference.between(json, read)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "12345678901234567890",
        "1.5",
        "-0.001",
        "1e3",
        "1.5E-7",
        "1E+30",
        "true",
        "null",
        "[]",
        "{}",
        "[[1], []]"
      })
  void everyOtherValueIsReadBackAsItWas(String value) throws Exception {
    // given
    JsonNode json = new ObjectMapper().readTree("{\"value\": " + value + "}");

    // when
    JsonNode read = YamlDocument.parse("test.yaml", AreaYaml.text(json)).root();

    // then
    assertThat(Difference.between(json, read)).isEmpty();
    assertThat(read.path("value").getNodeType()).isEqualTo(json.path("value").getNodeType());
  }
}
