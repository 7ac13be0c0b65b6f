package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of several parts, as the reaction {@code google-drive.upload} sends them. */
final class RelatedPartsTest {
  private static final Reaction UPLOAD =
      ServiceCatalog.bundled().reaction("google-drive", "upload").orElseThrow();

  @Test
  void aContentThatLooksLikeABoundaryIsContent() {
    // given
    String boundary = boundary(UPLOAD.request(inputs("a")));

    // when
    OutboundRequest request = UPLOAD.request(inputs("a\r\n--" + boundary + "--\r\n"));

    // then
    assertThat(boundary(request)).isNotEqualTo(boundary);
    assertThat(body(request).split("--" + boundary(request), -1)).hasSize(4);
  }

  @Test
  void theSameInputsMakeTheSameBytes() {
    assertThat(body(UPLOAD.request(inputs("${a}"))))
        .isEqualTo(body(UPLOAD.request(inputs("${a}"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain\r\nX: y", "text", "text/plain; x=a b", "${event.type}"})
  void aMediaTypeThatIsNoneIsRefused(String type) {
    assertThatThrownBy(() -> UPLOAD.request(inputs("a").put("mimeType", type)))
        .isInstanceOfSatisfying(
            InvalidInputsException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Problem::pointer)
                    .isEqualTo(List.of("/mimeType")));
  }

  @Test
  void aContentThatIsNoTextIsRefused() {
    ObjectNode inputs = inputs("a");
    inputs.putObject("content");

    assertThatThrownBy(() -> UPLOAD.request(inputs))
        .isInstanceOf(InvalidInputsException.class)
        .hasMessageContaining("/content");
  }

  private static ObjectNode inputs(String content) {
    return JsonNodeFactory.instance.objectNode().put("name", "log.txt").put("content", content);
  }

  private static String boundary(OutboundRequest request) {
    return String.valueOf(request.headers().get("Content-Type")).split("boundary=", 2)[1];
  }

  private static String body(OutboundRequest request) {
    return new String(request.body().orElseThrow(), UTF_8);
  }
}
