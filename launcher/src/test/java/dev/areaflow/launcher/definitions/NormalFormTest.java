package dev.areaflow.launcher.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

final class NormalFormTest {
  @Test
  void whatAnAnswerShowsBesideTheDefinitionIsLeftOut() {
    // given
    ObjectNode answered =
        Definitions.of(
            """
            {id: 1, version: 3, status: live, hook: {id: 2}, createdAt: now, name: A, enabled: true,
             action: {service: s, action: a, inputs: {}}, reactions: []}
            """);

    // when
    ObjectNode normal = NormalForm.of(answered);

    // then
    assertThat(normal)
        .isEqualTo(
            Definitions.of(
                "{name: A, enabled: true, action: {service: s, action: a, inputs: {}}, reactions: []}"));
    assertThat(answered.has("id")).isTrue();
  }

  @Test
  void stepsGetTheIdsThatTheServerGivesThem() {
    // when
    ObjectNode normal =
        NormalForm.of(
            Definitions.of(
                """
                name: A
                action: {service: s, action: a}
                reactions:
                  - {service: http, reaction: request, onFailure: {run: [{service: h, reaction: r}]}}
                  - {id: r4, service: http, reaction: request}
                  - choose:
                      - {when: a, reactions: [{service: h, reaction: r}]}
                onError:
                  - {service: h, reaction: r}
                """));

    // then
    assertThat(normal.at("/reactions/0/id").asText()).isEqualTo("r1");
    assertThat(normal.at("/reactions/0/onFailure/run/0/id").asText()).isEqualTo("r2");
    assertThat(normal.at("/reactions/1/id").asText()).isEqualTo("r4");
    assertThat(normal.at("/reactions/2/id").asText()).isEqualTo("r4_");
    assertThat(normal.at("/reactions/2/choose/0/reactions/0/id").asText()).isEqualTo("r5");
    assertThat(normal.at("/onError/0/id").asText()).isEqualTo("r6");
  }

  @Test
  void nullsMeanNothingButWithinInputs() {
    // when
    ObjectNode normal =
        NormalForm.of(
            Definitions.of(
                """
                name: A
                when: null
                action: {service: s, action: a, connection: null, first: 0}
                reactions: [{id: x, when: null, service: h, reaction: r, inputs: {body: null}}]
                """));

    // then
    assertThat(normal)
        .isEqualTo(
            Definitions.of(
                """
                name: A
                action: {service: s, action: a, inputs: {}}
                reactions: [{id: x, service: h, reaction: r, inputs: {body: null}}]
                """));
  }

  @Test
  void whatIsNotAsExpectedIsLeftToTheServer() {
    // given
    ObjectNode odd = Definitions.of("{name: A, action: text, reactions: [1, text], more: 2}");

    // when, then
    assertThat(NormalForm.of(odd)).isEqualTo(odd);
  }
}
