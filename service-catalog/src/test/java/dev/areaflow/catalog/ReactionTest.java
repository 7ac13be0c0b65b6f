package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReactionTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();

  private final Reaction createIssue = CATALOG.reaction("github", "create_issue").orElseThrow();

  @Test
  void anInputThatBecameNullCountsAsLeftOut() {
    // given
    ObjectNode inputs = inputs().putNull("body").putNull("labels");

    // when
    String body = body(createIssue, inputs);

    // then
    assertThat(body).isEqualTo("{\"title\":\"Found a bug\"}");
    assertThat(inputs.path("body").isNull()).isTrue();
  }

  @Test
  void itsDefaultStandsForNullToo() {
    // given
    ObjectNode inputs = JSON.createObjectNode().putNull("public");
    inputs.putObject("files").putObject("a.md").put("content", "x");

    // when
    String body = body(CATALOG.reaction("github", "create_gist").orElseThrow(), inputs);

    // then
    assertThat(body).isEqualTo("{\"public\":false,\"files\":{\"a.md\":{\"content\":\"x\"}}}");
  }

  @Test
  void aListMayBecomeAnObjectForEachOfItsItems() {
    // given
    Reaction sendMail = CATALOG.reaction("outlook", "send_mail").orElseThrow();
    ObjectNode inputs = JSON.createObjectNode().put("subject", "s").put("body", "b");
    inputs.putArray("to").add("a@example.org").add("${item}");
    inputs.putArray("cc");

    // when
    String body = body(sendMail, inputs);

    // then
    assertThat(body)
        .contains(
            "\"toRecipients\":[{\"emailAddress\":{\"address\":\"a@example.org\"}},"
                + "{\"emailAddress\":{\"address\":\"${item}\"}}],\"ccRecipients\":[]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"title", "repository"})
  void whatIsRequiredMustNotBecomeNull(String key) {
    assertThatThrownBy(() -> createIssue.request(inputs().putNull(key)))
        .isInstanceOf(InvalidInputsException.class)
        .hasMessage("inputs/" + key + ": expected string, found null");
  }

  @Test
  void whereAnInputMayBeNullItStaysNull() {
    // given
    ObjectNode inputs = JSON.createObjectNode().put("url", "https://e.org/in").putNull("body");

    // when
    String body = body(CATALOG.reaction("http", "request").orElseThrow(), inputs);

    // then
    assertThat(body).isEqualTo("null");
  }

  @Test
  void aTextThatLooksLikeATemplateIsEncodedToo() {
    // given
    ObjectNode inputs = JSON.createObjectNode().put("repository", "octo/hello");
    inputs.put("path", "a.sh").put("message", "m").put("content", "echo ${HOME}");

    // when
    String body = body(CATALOG.reaction("github", "create_or_update_file").orElseThrow(), inputs);

    // then
    assertThat(body).isEqualTo("{\"message\":\"m\",\"content\":\"ZWNobyAke0hPTUV9\"}");
  }

  private static ObjectNode inputs() {
    return JSON.createObjectNode().put("repository", "octo/hello").put("title", "Found a bug");
  }

  private static String body(Reaction reaction, ObjectNode inputs) {
    return new String(reaction.request(inputs).body().orElseThrow(), UTF_8);
  }
}
